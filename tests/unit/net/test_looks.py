import numpy as np
import pytest

from fcn_gui.core.refinement import Refinement, averaged
from fcn_gui.net.looks import LOOKS, ManyLooks, further_looks, further_presets
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import LONGEST, NATIVE, VOC21_LIGHT
from tests.fakes.device import SmallDevice
from tests.unit.net.untrained import untrained


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.of(untrained(VOC21_LIGHT.at(257)), "cpu", measured=False)


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    cells = np.random.default_rng(0).integers(0, 256, (12, 17, 3))
    return cells.repeat(20, 0).repeat(20, 1)[:230, :333].astype(np.uint8)


def looking(predictor: Predictor) -> Predictor:
    return ManyLooks.where_wanted(predictor, Refinement.LOOKS)


def test_further_looks_are_larger_and_mirrored(predictor: Predictor, image: np.ndarray) -> None:
    looks = list(further_looks(predictor, image))
    assert len(looks) == LOOKS - 1
    assert all(look.shape == image.shape[:2] and look.classes == 21 for look in looks)
    sizes = [look.values.shape[2] for look in looks]
    assert sizes == sorted(sizes) and sizes[-1] == pytest.approx(1.5 * sizes[0], rel=0.1)


def test_a_photograph_and_its_mirror_image_are_seen_alike(predictor: Predictor, image: np.ndarray) -> None:
    found, mirrored = (looking(predictor).score_batch([each])[0] for each in (image, image[:, ::-1].copy()))
    assert mirrored.scores() == pytest.approx(found.scores()[:, :, ::-1], abs=1e-2)
    once, turned = (predictor.score_batch([each])[0].scores() for each in (image, image[:, ::-1].copy()))
    assert np.abs(turned - once[:, :, ::-1]).max() > 0.3, "one look does not see them alike"


def test_each_of_a_batch_is_seen_as_alone(predictor: Predictor, image: np.ndarray) -> None:
    looker = looking(predictor)
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


def test_where_only_the_usual_look_fits_the_rest_is_done_on_the_cpu_and_said(predictor: Predictor) -> None:
    image = np.random.default_rng(1).integers(0, 256, (900, 1200, 3)).astype(np.uint8)
    expected = looking(predictor).predict(image)
    preset = predictor.preset
    short = Predictor(predictor.network, preset, SmallDevice(most_px=60_000), predictor.checkpoint)
    once = short.predict(image)
    assert short.notice == ""
    looks = [once.scores, *further_looks(short, image)]
    assert "out of memory" in short.notice and short.device.name == "cpu"
    assert averaged(looks).values == pytest.approx(expected.scores.values, abs=1e-2)
    assert short.predict(image).scores.values == pytest.approx(once.scores.values, abs=1e-2), "and it goes on"


@pytest.mark.parametrize("shape", [(1, 1), (3, 2000), (2000, 3)])
def test_an_image_of_any_size_is_looked_at(predictor: Predictor, shape: tuple[int, int]) -> None:
    found = looking(predictor).predict(np.zeros((*shape, 3), np.uint8))
    assert found.labels.shape == found.scores.shape == shape
