import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.net.checkpoint import to_checkpoint
from fcn_gui.net.fcn import FCN, build_trunk, strides_down_to
from fcn_gui.net.looks import LOOKS, ManyLooks, further_looks, further_presets
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import LONGEST, NATIVE, VOC21_LIGHT


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    torch.manual_seed(0)
    trunk = build_trunk("mobilenet_v2")
    network = FCN(trunk, strides_down_to(trunk, 2), 21)
    for name, parameter in network.named_parameters():
        if name.startswith("score"):
            torch.nn.init.normal_(parameter)
    preset = VOC21_LIGHT.at(257)
    like = Checkpoint({}, "mobilenet_v2", (16, 8, 4, 2), voc_label_map(), preset.to_json(), id="c" * 16)
    return Predictor.of(to_checkpoint(network, like), "cpu", measured=False)


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    cells = np.random.default_rng(0).integers(0, 256, (12, 17, 3))
    return cells.repeat(20, 0).repeat(20, 1)[:230, :333].astype(np.uint8)


def test_further_looks_are_larger_and_mirrored(predictor: Predictor, image: np.ndarray) -> None:
    looks = list(further_looks(predictor, image))
    assert len(looks) == LOOKS - 1
    assert all(look.shape == image.shape[:2] and look.classes == 21 for look in looks)
    sizes = [look.values.shape[2] for look in looks]
    assert sizes == sorted(sizes) and sizes[-1] == pytest.approx(1.5 * sizes[0], rel=0.1)


def test_a_photograph_and_its_mirror_image_are_seen_alike(predictor: Predictor, image: np.ndarray) -> None:
    found, mirrored = (ManyLooks(predictor).score_batch([each])[0] for each in (image, image[:, ::-1].copy()))
    assert mirrored.scores() == pytest.approx(found.scores()[:, :, ::-1], abs=1e-2)
    once, turned = (predictor.score_batch([each])[0].scores() for each in (image, image[:, ::-1].copy()))
    assert np.abs(turned - once[:, :, ::-1]).max() > 0.3, "one look does not see them alike"


def test_each_of_a_batch_is_seen_as_alone(predictor: Predictor, image: np.ndarray) -> None:
    looker = ManyLooks(predictor)
    alone = looker.predict(image)
    assert looker.predict_batch([image[::-1].copy(), image])[1].scores.values == pytest.approx(
        alone.scores.values, abs=1e-2
    )
    assert alone.checkpoint == predictor.checkpoint
    assert np.array_equal(alone.labels, alone.scores.labels())


def test_sizes_follow_the_working_size_or_that_of_the_image() -> None:
    assert [each.long_side for each in further_presets(VOC21_LIGHT, (375, 500, 3))] == [769, 961]
    assert [each.long_side for each in further_presets(VOC21_LIGHT.at(NATIVE), (400, 500, 3))] == [600, 750]
    assert [each.long_side for each in further_presets(VOC21_LIGHT.at(LONGEST), (9, 9, 3))] == [LONGEST, LONGEST]
