"""Does it save a person's seconds that strokes are completed? Each photograph painted with and without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from fcn_gui.core.annotation_cost import LOOK_S, MOST_STROKES, VERIFY_S, Annotator, paint, scaled_image, scaled_mask
from fcn_gui.core.image_io import read_image
from fcn_gui.core.raster import CORRECTED, VOID, Image, Mask
from fcn_gui.core.surroundings import Surroundings
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.disk.dataset import read_truth
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.session.proposal import ATTUNED, proposed
from tests.benchmarks.claims_desk import part


@dataclass
class Work:
    """Seconds of a person, and pixels that completions put right and wrong."""

    seconds: float = 0.0
    right: int = 0
    wrong: int = 0

    def __iadd__(self, other: Work) -> Work:
        self.seconds, self.right, self.wrong = (
            self.seconds + other.seconds,
            self.right + other.right,
            self.wrong + other.wrong,
        )
        return self


def worked(start: Mask, truth: Mask, image: Image, item: str, segmenter: TorchSegmenter, *, completes: bool) -> Work:
    """From `start` to `truth`, stroke by stroke."""
    person, mask, vouch = Annotator(truth), start.copy(), np.zeros(start.shape, np.uint8)
    work = Work(LOOK_S + VERIFY_S)
    for _ in range(MOST_STROKES):
        stroke = person.next_stroke(mask)
        if stroke is None:
            break
        before = mask.copy()
        paint(mask, stroke)
        work.seconds += stroke.seconds
        if not completes:
            continue
        covered = np.zeros(mask.shape, bool)
        covered[stroke.covered.rect.slices] = stroke.covered.inside
        changed = covered & ((before != mask) | (vouch == 0))
        vouch[covered] = CORRECTED
        replaced = tuple(int(each) for each in np.unique(before[before != mask]))
        around = Surroundings(image, mask, vouch, changed, stroke.label, replaced)
        if replaced and (meant := segmenter.complete(around, item)) is not None:
            work.right += int((meant & (truth == stroke.label)).sum())
            work.wrong += int((meant & (truth != stroke.label) & (truth != VOID)).sum())
            mask[meant] = stroke.label
    return work


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ["voc21", "nuclei"])
def test_completed_strokes_cost_less(shared, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = part(shared, name, "sim")
    checkpoint = read_checkpoint(model_path("voc21-light"))
    segmenter = TorchSegmenter("cpu", measured=False)
    segmenter.load(checkpoint, checkpoint.label_map)
    work = {(start, completes): Work() for start in ("blank", "first look") for completes in (False, True)}
    for item in dataset.items:
        image = read_image(item.image_path).image
        truth = scaled_mask(read_truth(item, dataset.label_map, image.shape))
        image = np.ascontiguousarray(scaled_image(image))
        first = proposed(segmenter.predict(image, attunes=True), image, ATTUNED).proposal
        for start, mask in (("blank", np.zeros_like(truth)), ("first look", first)):
            for completes in (False, True) if start == "blank" or name == "voc21" else ():
                work[start, completes] += worked(mask, truth, image, item.id, segmenter, completes=completes)
    by_hand = work["blank", False].seconds
    with capsys.disabled():
        for (start, completes), done in work.items():
            if done.seconds:
                how = f"completed, {done.right} px right, {done.wrong} wrong" if completes else "as painted"
                print(f"\n{name}, {start}, {done.seconds / by_hand:.3f} by hand: {how}")
    assert work["blank", True].seconds < 0.98 * by_hand
