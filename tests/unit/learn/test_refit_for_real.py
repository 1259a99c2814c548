"""A refit while somebody paints says of real photographs what the exact one says."""

from pathlib import Path

import numpy as np
import pytest
import torch

from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.core.raster import ACCEPTED, CORRECTED
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.disk.dataset import read_dataset, read_truth
from fcn_gui.learn.features import grid_of, look
from fcn_gui.learn.refit_samples import SampleStore, draw
from fcn_gui.learn.refit_solver import PAINTING_PASSES, Pass, RefitProblem, Solved
from fcn_gui.learn.samples import WeightSettings
from fcn_gui.learn.score_rows import ScoreRows
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.device import Device
from fcn_gui.net.grid_labels import grid_labels
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

KNOWN, PAINTED, STROKES, BAND_PX = 6, 4, 6, 14


def solved(problem: RefitProblem, how: Pass = PAINTING_PASSES[0]) -> Solved:
    for _ in problem.solve(how):
        pass
    return problem.solved()


def test_after_each_stroke_its_labels_are_those_of_the_exact_solution(shared: Path) -> None:
    """Six finished photographs of PASCAL VOC, and bands of four more painted one after the other."""
    checkpoint = read_checkpoint(model_path("voc21-light"))
    network, preset = network_from(checkpoint), Preset.from_json(checkpoint.preset)
    assert checkpoint.label_map == voc_label_map()
    predictor = Predictor(network, preset, Device("cpu", "CPU"))
    start, store, keys = ScoreRows.of(network), SampleStore(network, preset), list[str]()
    dataset = read_dataset(shared / "data" / "voc21", "sim")
    fast = exact = None
    agreed, rose = [], []
    with torch.no_grad():
        for number, item in enumerate(dataset.items[: KNOWN + PAINTED]):
            image = read_image(item.image_path).image
            truth = read_truth(item, dataset.label_map, image.shape)
            features = look(predictor, image)[1]
            assert features is not None
            keys.append(item.id)
            vouch = np.full(truth.shape, 0 if number >= KNOWN else ACCEPTED, np.uint8)
            for stroke in range(STROKES if number >= KNOWN else 1):
                if number >= KNOWN:
                    middle = (stroke + 1) * len(vouch) // (STROKES + 1)
                    vouch[middle : middle + BAND_PX, 20:-20] = CORRECTED
                store.put(item.id, str(stroke), draw(truth, vouch, network.classes, WeightSettings(), 4000), features)
                if number < KNOWN - 1:
                    continue
                samples = store.of(keys)
                fast = solved(RefitProblem(samples, start, fast))
                exact = solved(RefitProblem(samples, start, exact), Pass(300, 1e-6))
                one, two = (
                    grid_labels(grid_of(features, each.rows.silenced(), network, preset)) for each in (fast, exact)
                )
                agreed.append(float((one == two).mean()))
                rose.append(RefitProblem(samples, start, fast).loss / RefitProblem(samples, start, exact).loss - 1)
    print(f"agreed {np.round(agreed, 4)}, loss above the lowest {np.round(rose, 4)}")
    assert len(agreed) == 1 + PAINTED * STROKES
    assert min(agreed) >= 0.99
    assert np.median(rose) <= 0.001
