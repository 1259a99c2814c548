"""Does it save a person's seconds that first looks are attuned to their image? On all of `voc21` val, both ways."""

from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.annotation_cost import correction_cost, cost_by_hand, scaled_image, scaled_mask
from fcn_gui.core.image_io import read_image
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.disk.dataset import read_truth
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.session.proposal import ATTUNED, USUAL, proposed
from tests.benchmarks.claims_desk import part


@pytest.mark.timeout(3600)
def test_attuned_first_looks_cost_less(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = part(shared, "voc21", "val")
    checkpoint = read_checkpoint(model_path("voc21-light"))
    segmenter = TorchSegmenter("cpu", measured=False)
    segmenter.load(checkpoint, checkpoint.label_map)
    seconds = np.zeros(3)
    for item in dataset.items:
        image = read_image(item.image_path).image
        truth = scaled_mask(read_truth(item, dataset.label_map, image.shape))
        image = scaled_image(image)
        said = segmenter.predict(image, attunes=True)
        starts = [proposed(said, image, way).proposal for way in (USUAL, ATTUNED)]
        seconds += [cost_by_hand(truth).seconds, *(correction_cost(start, truth).seconds for start in starts)]
    plain, attuned = seconds[1:] / seconds[0]
    with capsys.disabled():
        told = f"{attuned:.4f} attuned, {plain:.4f} as the network says: {attuned / plain:.3f} of it"
        print(f"\n{len(dataset.items)} photographs, by painting by hand: {told}")
    assert attuned < 0.98 * plain
