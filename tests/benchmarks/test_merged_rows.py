"""One row for two merged classes, on the sample photographs: against what two rows said, and one dropped."""

from dataclasses import replace

import numpy as np
import pytest

from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map_change import removal
from fcn_gui.disk.bundled import model_path, samples_dir
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.session.class_names import Formerly, checkpoint_by_names

PAIRS = (("cow", "horse"), ("dog", "cat"), ("person", "dog"), ("sheep", "bird"))
LEAST_OVERLAP = 0.75


@pytest.mark.timeout(1800)
def test_one_row_says_what_two_said(capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint, segmenter = read_checkpoint(model_path("voc21-light")), TorchSegmenter("cpu", measured=False)
    segmenter.load(checkpoint, checkpoint.label_map)
    images = [read_image(path).image for path in sorted((samples_dir() / "photos").glob("*.jpg"))]
    before = [segmenter.predict(image).labels for image in images]
    for into, gone in PAIRS:
        index = checkpoint.label_map.index(gone)
        target = checkpoint.label_map.index(into)
        assert index is not None and target is not None
        change = removal(checkpoint.label_map, index, target)
        merged = checkpoint_by_names(checkpoint, (Formerly(into, gone, True),), change.after)
        line: list[str] = []
        overlaps: list[float] = []
        for way in (checkpoint, replace(merged, id="merged")):
            segmenter.load(way, change.after)
            both = either = same = pixels = 0
            for image, labels in zip(images, before, strict=True):
                found, wanted = segmenter.predict(image).labels, change.of(labels)
                label = change.label(index)
                both += np.count_nonzero((found == label) & (wanted == label))
                either += np.count_nonzero((found == label) | (wanted == label))
                same, pixels = same + np.count_nonzero(found == wanted), pixels + found.size
            overlaps.append(both / either)
            line.append(f"overlap {overlaps[-1]:.3f}, all labels alike {same / pixels:.4f}")
        with capsys.disabled():
            print(f"\n{gone} into {into}: dropped: {line[0]}; merged: {line[1]}", end="")
        dropped, kept = overlaps
        assert kept > dropped, (into, gone)
        assert kept >= LEAST_OVERLAP, (into, gone)
