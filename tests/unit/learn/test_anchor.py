"""What a copy is held to: the live network's word, exactly there, and only where nobody vouched."""

import numpy as np
import pytest
import torch

from fcn_gui.core.label_map import LabelMap, own_label_map, voc_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.bundled import samples_dir
from fcn_gui.learn.anchor import Anchor, fingerprint, knows_photographs, photographs
from fcn_gui.learn.crops import Window
from fcn_gui.learn.samples import Corrections, WeightSettings
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.device import Device
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import VOC21_LIGHT
from tests.unit.learn.corrections import scene
from tests.unit.learn.workshop import untrained

PRESET = VOC21_LIGHT.at(256)
WHOLE = Window((171, 256), 0, 0, 257, False)
EVERY_CLASS = torch.ones(3, dtype=torch.bool)


@pytest.fixture
def live() -> Predictor:
    network = network_from(untrained())
    torch.manual_seed(1)
    for name, parameter in network.named_parameters():
        if name.startswith("score_"):
            torch.nn.init.normal_(parameter, std=0.1)
    return Predictor(network, PRESET, Device("cpu", "CPU"))


def untouched() -> Corrections:
    made = Corrections([scene(1)], 3, WeightSettings(), PRESET, 1 << 24)
    run_to_end(made.read_all())
    made.remember(scene(2, shape=(171, 256)).image)
    return made


def test_a_copy_that_says_the_same_is_not_apart(live: Predictor) -> None:
    made = untouched()
    part = made.cut([(1, WHOLE)], None)
    with torch.no_grad():
        scores = live.network(part.x)
    anchor = Anchor(live, made)
    same = anchor.divergence(scores, part, [(1, WHOLE)], EVERY_CLASS) / part.free.sum()
    other = anchor.divergence(scores.flip(1), part, [(1, WHOLE)], EVERY_CLASS) / part.free.sum()
    assert 0 <= same < 0.2 * other


def test_it_counts_free_pixels_only(live: Predictor) -> None:
    made = untouched()
    part = made.cut([(0, WHOLE)], None)
    scores = live.network(part.x)
    apart = Anchor(live, made).divergence(scores.flip(1), part, [(0, WHOLE)], EVERY_CLASS)
    assert apart.item() == 0


def test_classes_left_out_may_rise_and_fall(live: Predictor) -> None:
    made = untouched()
    part = made.cut([(1, WHOLE)], None)
    with torch.no_grad():
        scores = live.network(part.x)
    raised = scores.clone()
    raised[:, 2] += 30
    anchor = Anchor(live, made)
    known = torch.tensor([True, True, False])
    before, after = (anchor.divergence(each, part, [(1, WHOLE)], known) for each in (scores, raised))
    assert after.item() == pytest.approx(before.item())
    assert anchor.divergence(raised, part, [(1, WHOLE)], EVERY_CLASS) > 50 * before


@pytest.mark.parametrize(
    ("label_map", "untaught", "expected"),
    [
        (voc_label_map(), (), True),
        (voc_label_map().with_class("robot"), (21,), True),
        (voc_label_map().with_class("robot"), (), True),
        (own_label_map(["nucleus"]), (1,), False),
        (own_label_map(["nucleus"]), (), False),
        (own_label_map(["pole", "road", "car"]), (1, 2, 3), False),
    ],
)
def test_photographs_are_of_use_where_most_of_what_was_taught_is_voc(
    label_map: LabelMap, untaught: tuple[int, ...], expected: bool
) -> None:
    taught = torch.ones(len(label_map), dtype=torch.bool)
    taught[list(untaught)] = False
    assert knows_photographs(label_map, taught) is expected


def test_the_bundled_photographs_are_found_but_for_those_of_the_project() -> None:
    paths = sorted((samples_dir() / "photos").glob("*.jpg"))
    everything = photographs([])
    assert len(everything) == len(paths) > 4
    left = photographs([fingerprint(everything[2])])
    assert len(left) == len(paths) - 1
    assert all(not np.array_equal(image, everything[2]) for image in left)


def test_an_installation_without_samples_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr("fcn_gui.disk.bundled._PACKAGE", tmp_path / "fcn_gui")
    assert photographs([]) == []
