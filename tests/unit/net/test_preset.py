import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from fcn_gui.core.errors import CheckpointError
from fcn_gui.net.preset import VOC21_LIGHT, Preset, grid_axes, normalised, padded_size, to_tensor, working_size

_sides = st.integers(1, 6000)


@settings(max_examples=50, deadline=None)
@given(height=_sides, width=_sides)
def test_the_long_side_is_the_preset_s_and_the_tensor_is_aligned(height: int, width: int) -> None:
    working = working_size(VOC21_LIGHT, (height, width, 3))
    assert max(working) == VOC21_LIGHT.long_side - 1
    assert min(working) >= 1
    padded = padded_size(VOC21_LIGHT, (height, width, 3), 16)
    assert all((side - 1) % 16 == 0 and 0 <= side - inner < 16 for side, inner in zip(padded, working, strict=True))


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (375, 500), (500, 333), (512, 512), (900, 1200)])
def test_the_tensor_has_the_size_that_was_said_and_zeros_beyond_the_image(shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 255, np.uint8)
    x = to_tensor(VOC21_LIGHT, image, 16)
    height, width = working_size(VOC21_LIGHT, shape)
    assert x.shape == (1, 3, *padded_size(VOC21_LIGHT, shape, 16))
    assert torch.allclose(x[..., :height, :width], torch.tensor(127 / 128), atol=1e-5)
    assert x[..., height:, :].abs().sum() == 0
    assert x[..., :, width:].abs().sum() == 0


def test_an_image_of_the_working_size_is_not_resampled() -> None:
    image = np.random.default_rng(0).integers(0, 256, (640, 384, 3)).astype(np.uint8)
    x = to_tensor(VOC21_LIGHT, image, 16)
    assert torch.equal(x[0, :, :640, :384], torch.from_numpy(image).permute(2, 0, 1).float() / 128 - 1)


def test_shrinking_is_smoothed() -> None:
    stripes = np.zeros((1536, 1536, 3), np.uint8)
    stripes[:, ::2] = 255
    x = to_tensor(VOC21_LIGHT, stripes, 16)[..., 8:500, 8:500]
    assert (x - (127.5 / 128 - 1)).abs().max() < 0.35


def test_bgr_presets_turn_the_channels_round() -> None:
    caffe = Preset("caffe", "BGR", (103.9, 116.8, 123.7), 1.0, 500)
    pixels = torch.tensor([10.0, 20.0, 30.0]).view(1, 3, 1, 1)
    assert torch.allclose(normalised(caffe, pixels).flatten(), torch.tensor([30 - 103.9, 20 - 116.8, 10 - 123.7]))


@pytest.mark.parametrize(("shape", "stride"), [((375, 500), 2), ((500, 333), 16), ((64, 100), 8)])
def test_the_axes_are_where_two_interpolations_would_put_the_pixels(shape: tuple[int, int], stride: int) -> None:
    rows, cols = grid_axes(VOC21_LIGHT, shape, stride)
    height, width = working_size(VOC21_LIGHT, shape)
    across = torch.arange(width, dtype=torch.float32).expand(1, 1, height, width) / stride
    resized = functional.interpolate(across, shape, mode="bilinear", align_corners=False)[0, 0, 0]
    said = np.clip(cols.start + np.arange(shape[1]) * cols.step, 0, (width - 1) / stride)
    assert np.abs(resized.numpy() - said).max() < 1e-3
    assert rows.step == pytest.approx(height / shape[0] / stride)


def test_json_and_back() -> None:
    assert Preset.from_json(VOC21_LIGHT.to_json()) == VOC21_LIGHT


def test_another_long_side_is_for_projects_too() -> None:
    assert VOC21_LIGHT.project_side
    assert not VOC21_LIGHT.at(513).project_side
    assert "project_side" not in VOC21_LIGHT.at(513).to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"mean": "grey"},
        {"mean": [1.0]},
        {"long_side": "large"},
        {"long_side": 17},
        {"project_side": 17},
        {"order": "CMYK"},
        {"scale": 0.0},
        {"scale": float("nan")},
    ],
)
def test_a_preset_that_can_t_be_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(CheckpointError):
        Preset.from_json({**VOC21_LIGHT.to_json(), **change})


def test_a_missing_value_is_refused() -> None:
    with pytest.raises(CheckpointError, match="preset can't be read"):
        Preset.from_json({"name": "x"})


@pytest.mark.parametrize(("asked", "given"), [(100, 256), (700, 700), (9999, 4096)])
def test_the_working_side_stays_within_its_limits(asked: int, given: int) -> None:
    assert VOC21_LIGHT.at(asked).long_side == given


@pytest.mark.parametrize("shape", [(1, 1), (20, 30)])
def test_a_mirrored_view_is_taken_as_it_is(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(2).integers(0, 256, (*shape, 3)).astype(np.uint8)
    mirrored = to_tensor(VOC21_LIGHT, image[:, ::-1], 16)
    assert torch.equal(mirrored, to_tensor(VOC21_LIGHT, image[:, ::-1].copy(), 16))
