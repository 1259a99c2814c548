"""Do first looks get better by learning? `full` of the simulated annotator against learning from the first image only.

Learning from the first image only means: its refit, as it is when the image is verified, makes the first looks of all
others. (A fine-tune after one image waits for the third to be judged, so it would not be live either.)
"""

from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.metrics import Measures, confusion_matrix
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.settings import Settings
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.session import headless
from fcn_gui.session.session import Session
from fcn_gui.session.simulate import SimulationRequest, simulate
from fcn_gui.session.simulate_clock import PersonClock
from fcn_gui.session.simulate_folder import lay_out, new_project
from fcn_gui.session.simulate_person import Person
from fcn_gui.session.simulate_result import Mode, ModeResult
from tests.benchmarks.claims_desk import START, part, torch_engine

PACE_S = 0.55
EARLY, LATE = slice(1, 6), slice(-5, None)


def by_the_first_alone(dataset, scratch: Path) -> list[float]:
    """Mean IU of the first look of each image, by a network that learned from the first image only."""
    photos = scratch / "photos"
    photos.mkdir(parents=True)
    scenes = run_to_end(lay_out(dataset, photos))
    clock, result, engine = PersonClock(), ModeResult(Mode.REFIT), torch_engine()
    session = Session(Settings(), START, clock.now)
    with headless.opened(session, photos, new_project(scratch / "project", 0), dataset.label_map):
        run_to_end(Person(session, engine, None, clock, result).annotate(scenes[0]))
        found = [Measures.from_confusion(result.images[0].first_look).mean_iu]
        for scene in scenes[1:]:
            headless.show(session, scene.key, engine)
            document = session.document
            assert document is not None and document.first_look is not None
            confusion = confusion_matrix(scene.truth, document.first_look, len(dataset.label_map))
            found.append(Measures.from_confusion(confusion).mean_iu)
    return found


@pytest.mark.timeout(7200)
def test_first_looks_get_better(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = part(shared, "camvid", "sim")
    alone = by_the_first_alone(dataset, tmp_path / "alone")
    with capsys.disabled():
        print("\nlearned from the first image only:", " ".join(f"{iu:.3f}" for iu in alone), flush=True)
    request = SimulationRequest(dataset, START, [Mode.FULL], pace=PACE_S)
    found = run_to_end(simulate(request, lambda: TorchSegmenter("cpu", measured=False), tmp_path / "full"))
    result = found.modes[Mode.FULL]
    full = [Measures.from_confusion(image.first_look).mean_iu for image in result.images]
    gains = np.subtract(full, alone)
    early, late = gains[EARLY].mean(), gains[LATE].mean()
    with capsys.disabled():
        print("learned from all before:          ", " ".join(f"{iu:.3f}" for iu in full))
        print("gain:                             ", " ".join(f"{gain:.3f}" for gain in gains))
        print(f"images 2 to 6 {early:.3f}, the last five {late:.3f}; ratio {found.ratio(Mode.FULL):.4f};", end=" ")
        print(f"fine-tunes {result.accepted} accepted, {result.refused} refused, {result.unfinished} unfinished")
    assert late >= early
    assert early > 0
