"""A 22nd class beside those of PASCAL VOC, taught on 20 images: what the 21 lose on photographs of val.

Taught by strokes and the refits after them, then by a fine-tune, whatever the gate says of it. The pixels of the 21
that the new class takes count as wrong. `nucleus` is as unlike them as can be: nothing in its images holds them, and
background looks there like nothing that they were taught on.
"""

from pathlib import Path

import pytest

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.core.metrics import Measures
from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.session import headless
from tests.benchmarks.claims_desk import START, confusion_on, desk_over, mean_iu, part, renamed, say, spread

IMAGES, MOST_FALL = 20, 0.03


@pytest.mark.timeout(3600)
def test_a_22nd_class_costs_the_21_little(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    voc, nuclei = part(shared, "voc21", "val"), part(shared, "nuclei", "val")
    label_map = voc_label_map().with_class("nucleus")
    nucleus, kept = len(label_map) - 1, {}

    def say_more(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}", end="", flush=True)

    def measure(name: str, checkpoint: Checkpoint) -> None:
        of_voc = confusion_on(checkpoint, voc)
        of_nuclei = confusion_on(checkpoint, nuclei, (0, nucleus))
        kept[name] = mean_iu(of_voc, nucleus)
        taken = of_voc[:, nucleus].sum() / of_voc.sum()
        learned = Measures.from_confusion(of_nuclei).iu[nucleus]
        side = checkpoint.preset["long_side"]
        say_more(f"{name}: the 21 {kept[name]:.4f}, {taken:.4f} taken by nucleus, its own IU {learned:.4f} ({side} px)")

    with desk_over(spread(part(shared, "nuclei", "train"), IMAGES), label_map, tmp_path) as (desk, scenes):
        measure("start", desk.as_here(read_checkpoint(START)))
        for number, scene in enumerate(scenes, 1):
            say(desk, renamed(scene, (0, nucleus)))
            if number in (1, 5, IMAGES):
                measure(f"refit after {number}", desk.seen())
        result = run_to_end(headless.retrain(desk.session, desk.engine))
        say_more(f"fine-tune {'accepted' if result.verdict.accepted else 'refused'}: {result.verdict.reason}")
        measure("fine-tune", desk.as_here(result.checkpoint))
    falls = {name: kept["start"] - iu for name, iu in kept.items()}
    assert falls[f"refit after {IMAGES}"] <= MOST_FALL
    assert falls["fine-tune"] <= MOST_FALL
