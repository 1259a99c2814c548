"""Where the network is unsure it is wrong more often: pixels of `voc21` val by how far the likeliest class leads."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.image_io import read_image
from fcn_gui.core.raster import VOID
from fcn_gui.core.uncertainty import margins, margins_beside_borders
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.disk.dataset import read_dataset, read_truth
from fcn_gui.net.predict import Predictor

EDGES = (0.0, 0.25, 0.5, 0.75, 0.95, 1.01)
DOTS_BELOW = 0.5


@pytest.mark.timeout(1800)
def test_doubt_finds_what_is_wrong(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    predictor = Predictor.of(read_checkpoint(model_path("voc21-light")), "cpu")
    dataset = read_dataset(shared / "data" / "voc21", "val")
    bands, dotted = np.zeros((len(EDGES) - 1, 2), np.int64), np.zeros(2, np.int64)
    for item in dataset.items:
        image = read_image(item.image_path).image
        truth = read_truth(item, dataset.label_map, image.shape[:2])
        probabilities = predictor.score_batch([image])[0].probabilities()
        counts, is_wrong = truth != VOID, probabilities.argmax(0) != truth
        lead, dots = margins(probabilities), margins_beside_borders(probabilities) < DOTS_BELOW
        for number, (low, high) in enumerate(pairwise(EDGES)):
            inside = counts & (lead >= low) & (lead < high)
            bands[number] += int(inside.sum()), int((inside & is_wrong).sum())
        dotted += int((counts & dots).sum()), int((counts & dots & is_wrong).sum())
    pixels, wrong = (int(total) for total in bands.sum(0))
    lines = [
        f"{name}: {100 * n / pixels:.1f} % of pixels, {100 * bad / max(n, 1):.1f} % of them wrong,"
        f" {100 * bad / wrong:.1f} % of all that is wrong"
        for name, (n, bad) in [
            *(
                (f"lead {low:.2f} … {min(high, 1):.2f}", band)
                for (low, high), band in zip(pairwise(EDGES), bands, strict=True)
            ),
            (f"dots (lead under {DOTS_BELOW} beside borders)", dotted),
            ("all", (pixels, wrong)),
        ]
    ]
    with capsys.disabled():
        print("", *lines, sep="\n")
    shares = bands[:, 1] / np.maximum(bands[:, 0], 1)
    assert (np.diff(shares) < 0).all(), "the surer, the less is wrong"
    assert dotted[1] / dotted[0] > 3 * wrong / pixels
