"""The row of a class that took in another answers where either did."""

import numpy as np
import pytest

from fcn_gui.core.merged_rows import merged_rows


def layers(rng: np.random.Generator, classes: int = 6, features: int = 24) -> dict[str, np.ndarray]:
    """Two score layers whose rows answer to directions of their own, and what is no score layer."""
    directions = rng.normal(size=(classes, features)).astype(np.float32)
    return {
        "trunk.weight": rng.normal(size=(classes, 3)).astype(np.float32),
        "score_fr.weight": directions[:, : features // 2, None, None] * 1.0,
        "score_fr.bias": rng.normal(size=classes).astype(np.float32) / 10,
        "score_pool4.weight": directions[:, features // 2 :, None, None] * 1.0,
        "score_pool4.bias": np.zeros(classes, np.float32),
    }


def said(tensors: dict[str, np.ndarray], pixels: np.ndarray, but: int | None = None) -> np.ndarray:
    """Labels of N×D pixels."""
    weights = np.concatenate([tensors[f"score_{name}.weight"][:, :, 0, 0] for name in ("fr", "pool4")], 1)
    scores = pixels @ weights.T + tensors["score_fr.bias"] + tensors["score_pool4.bias"]
    if but is not None:
        scores[:, but] = -np.inf
    return scores.argmax(1)


def pixels_of(tensors: dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """N×D: each like one of the classes, with noise."""
    weights = np.concatenate([tensors[f"score_{name}.weight"][:, :, 0, 0] for name in ("fr", "pool4")], 1)
    return np.repeat(weights, 200, 0) + rng.normal(size=(200 * len(weights), weights.shape[1]))


@pytest.mark.parametrize(("into", "gone"), [(1, 4), (4, 1), (5, 2)])
def test_pixels_of_both_go_to_the_one_and_others_stay(into: int, gone: int) -> None:
    rng = np.random.default_rng(3)
    before = layers(rng)
    pixels = pixels_of(before, rng)
    wanted = np.where(said(before, pixels) == gone, into, said(before, pixels))
    after = dict(merged_rows(before, [(into, gone)]))
    dropped = (said(before, pixels, but=gone) == wanted).mean()
    merged = (said(after, pixels, but=gone) == wanted).mean()
    assert merged > 0.97 > 0.9 > dropped


def test_only_the_row_that_takes_it_in_changes() -> None:
    before = layers(np.random.default_rng(0))
    after = merged_rows(before, [(1, 4)])
    assert after["trunk.weight"] is before["trunk.weight"]
    for name in ("score_fr.weight", "score_fr.bias"):
        rows = np.array([0, 2, 3, 4, 5])
        assert np.array_equal(after[name][rows], before[name][rows])
        assert not np.array_equal(after[name][1], before[name][1])


@pytest.mark.parametrize(("untaught", "source"), [(1, 4), (4, 1)])
def test_a_class_that_was_never_taught_takes_the_others_row_and_adds_nothing(untaught: int, source: int) -> None:
    before = layers(np.random.default_rng(0))
    for name in before:
        if name.startswith("score_"):
            before[name][untaught] = 0
    after = merged_rows(before, [(1, 4)])
    for name in before:
        if name.startswith("score_"):
            assert np.array_equal(after[name][1], before[name][source])


def test_float16_stays_float16_and_no_merge_changes_nothing() -> None:
    half = {name: value.astype(np.float16) for name, value in layers(np.random.default_rng(0)).items()}
    assert all(value.dtype == np.float16 for value in merged_rows(half, [(1, 4), (2, 1)]).values())
    assert merged_rows(half, []) is half
