import numpy as np
import pytest
import torch

from fcn_gui.learn.teacher import STRIDE, Teacher
from fcn_gui.net.fcn import FCN, build_trunk, strides_down_to
from fcn_gui.net.preset import VOC21_LIGHT, working_size

PRESET = VOC21_LIGHT.at(256)


@pytest.fixture(scope="module")
def network() -> FCN:
    torch.manual_seed(0)
    trunk = build_trunk("mobilenet_v2")
    network = FCN(trunk, strides_down_to(trunk, 8), 4).eval()
    for layer in ("score_fr", "score_pool3"):
        torch.nn.init.normal_(network.get_parameter(f"{layer}.weight"))
    return network


@pytest.mark.parametrize("shape", [(60, 80), (80, 60), (1, 1), (3, 90)])
def test_answers_are_probabilities_on_a_grid_over_the_whole_image(network: FCN, shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    answer = Teacher(network, PRESET).answer("a", image)
    expected = [(side - 1 + STRIDE - 1) // STRIDE + 1 for side in working_size(PRESET, shape)]
    assert list(answer.shape) == [4, *expected]
    assert answer.dtype == torch.float16
    assert torch.allclose(answer.float().sum(0), torch.ones(expected), atol=1e-2)


def test_a_mirrored_image_gets_the_mirrored_answer(network: FCN) -> None:
    # the working width is a multiple of the grid's stride, so both have their points at the same places but one
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    teacher = Teacher(network, PRESET)
    answer = teacher.answer("a", image).float()
    mirrored = teacher.answer("b", np.ascontiguousarray(image[:, ::-1])).float()
    width = working_size(PRESET, image.shape)[1]
    assert width % STRIDE != 0 or answer.shape[2] == mirrored.shape[2]
    at = torch.arange(0, width, STRIDE)
    back = (width - 1 - at).float() / STRIDE
    low = back.floor().long().clamp(max=mirrored.shape[2] - 2)
    part = (back - low).clamp(0, 1)
    seen_back = mirrored[:, :, low] * (1 - part) + mirrored[:, :, low + 1] * part
    assert (answer[:, :, : len(at)] - seen_back).abs().mean() < 0.05


def test_an_image_is_asked_about_once(network: FCN) -> None:
    teacher = Teacher(network, PRESET)
    first = teacher.answer("a", np.zeros((20, 30, 3), np.uint8))
    assert teacher.answer("a", np.full((20, 30, 3), 255, np.uint8)) is first
