"""Does it save a person's seconds that strokes are completed? Photographs painted with it and without."""

from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.annotation_cost import correction, scaled_image, scaled_mask
from fcn_gui.core.image_io import read_image
from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.disk.dataset import read_truth
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.session.completions import CompletedStrokes
from fcn_gui.session.proposal import ATTUNED, proposed
from tests.benchmarks.claims_desk import part


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ["voc21", "nuclei", "camvid"])
def test_completed_strokes_cost_less(shared: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = part(shared, name, "sim")
    checkpoint = read_checkpoint(model_path("voc21-light"))
    segmenter = TorchSegmenter("cpu", measured=False)
    segmenter.load(checkpoint, checkpoint.label_map)
    seconds: Counter[str] = Counter()
    for item in dataset.items:
        image = read_image(item.image_path).image
        truth = scaled_mask(read_truth(item, dataset.label_map, image.shape))
        image = scaled_image(image)
        starts = {"a blank mask": np.zeros_like(truth)}
        if name == "voc21":
            starts["the first look"] = proposed(
                segmenter.predict(image, item.id, attunes=True), image, ATTUNED
            ).proposal
        for start, mask in starts.items():
            follow = CompletedStrokes(
                image, partial(segmenter.complete, name=item.id), segmenter.predict(image, item.id).scores
            )
            for how, after in (("as painted", None), ("completed", follow)):
                seconds[f"{start}, {how}"] += run_to_end(correction(mask, truth, follow=after)).seconds
    by_hand = seconds["a blank mask, as painted"]
    with capsys.disabled():
        for told, spent in seconds.items():
            print(f"\n{name}, {len(dataset.items)} images, {told}: {spent / by_hand:.3f}", end="")
    assert seconds["a blank mask, completed"] < by_hand
