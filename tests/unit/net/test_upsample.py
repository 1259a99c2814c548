import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.net.upsample import aligned_size, sample, upsample


@settings(max_examples=50, deadline=None)
@given(size=st.integers(1, 5000), stride=st.sampled_from([2, 4, 8, 16, 32]))
def test_aligned_size_is_the_next_size_that_a_map_spans(size: int, stride: int) -> None:
    aligned = aligned_size(size, stride)
    assert aligned >= size
    assert aligned - size < stride
    assert (aligned - 1) % stride == 0


@pytest.mark.parametrize("factor", [1, 2, 4, 8, 16])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 7), (5, 2), (33, 25)])
def test_a_linear_ramp_stays_the_same_ramp_at_pixel_positions(factor: int, height: int, width: int) -> None:
    rows = torch.arange(height, dtype=torch.float32)[:, None] * factor
    cols = torch.arange(width, dtype=torch.float32)[None] * factor
    ramp = (0.003 * rows - 0.002 * cols + 0.5)[None, None]

    up = upsample(ramp, factor)

    pixel_rows = torch.arange(factor * (height - 1) + 1)[:, None]
    pixel_cols = torch.arange(factor * (width - 1) + 1)[None]
    expected = 0.003 * pixel_rows - 0.002 * pixel_cols + 0.5
    assert up.shape[-2:] == expected.shape
    assert (up[0, 0] - expected).abs().max() <= 1e-5


def test_grid_points_keep_their_values() -> None:
    scores = torch.randn(2, 3, 9, 6, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(upsample(scores, 8)[..., ::8, ::8], scores, atol=1e-6)


def test_sample_agrees_with_upsample_at_pixels() -> None:
    scores = torch.randn(3, 7, 5, generator=torch.Generator().manual_seed(1))
    rows, cols = torch.arange(25) / 4, torch.arange(17) / 4
    assert torch.allclose(sample(scores, rows, cols), upsample(scores[None], 4)[0], atol=1e-5)


def test_sample_clamps_to_the_grid_and_works_on_one_point() -> None:
    scores = torch.arange(4.0).view(1, 2, 2)
    assert sample(scores, torch.tensor([-3.0, 9.0]), torch.tensor([0.0])).flatten().tolist() == [0.0, 2.0]
    assert sample(torch.full((2, 1, 1), 7.0), torch.tensor([0.0, 0.4]), torch.tensor([0.0])).unique().tolist() == [7.0]
