"""The paper's nets: equal to the published ones written out literally, at any size, for all strides."""

import pytest
import torch
from torch import Tensor

from tests.unit.net.literal_fcn import THIN, THIN_FC, LiteralFCN, product_of, seeded

SIZES = [
    (1, 1), (1, 7), (2, 3), (31, 32), (33, 64), (65, 97), (100, 101), (127, 129), (160, 95), (224, 224), (255, 257),
    (375, 500), (500, 333), (499, 1), (500, 500),
]  # fmt: skip
KINDS = [(32, False), (16, False), (8, False), (8, True)]


def image(height: int, width: int, seed: int = 0, batch: int = 1) -> Tensor:
    """Smooth and rough parts, as large as a photograph less its mean."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, 3, height, width, generator=generator) * 60


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("finest", "is_at_once"), KINDS)
def test_scores_and_labels_are_those_of_the_published_net(finest: int, is_at_once: bool, size: tuple[int, int]) -> None:
    literal = seeded(LiteralFCN(finest, 5, THIN, THIN_FC, is_at_once))
    product = product_of(literal)
    x = image(*size)
    with torch.inference_mode():
        expected = literal(x)
        found = product.at_pixels(product(x), size)
    expected_scale = max(1.0, float(expected.abs().max()))
    assert found.shape == expected.shape
    assert (found - expected).abs().max() <= 1e-4 * expected_scale
    assert_same_labels(found, expected, 1e-4 * expected_scale)


def assert_same_labels(found: Tensor, expected: Tensor, tolerance: float) -> None:
    """Identical but where the best two classes are closer than the tolerance of their scores."""
    best = expected.topk(2, 1).values
    is_clear = best[:, 0] - best[:, 1] > 2 * tolerance
    assert torch.equal(found.argmax(1)[is_clear], expected.argmax(1)[is_clear])
    assert is_clear.float().mean() > 0.99
