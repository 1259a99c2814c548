"""Strokes completed by the real network on the sample photographs, whose references were painted by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.annotation_cost import Annotator, paint, scaled_image, scaled_mask
from fcn_gui.core.image_io import read_image
from fcn_gui.core.raster import CORRECTED, VOID, Inside, Mask
from fcn_gui.core.surroundings import Boldness, Surroundings
from fcn_gui.disk.bundled import model_path, samples_dir
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.disk.mask_file import read_indices
from fcn_gui.disk.samples import reference_mask
from fcn_gui.learn.segmenter import TorchSegmenter

PHOTOS = (
    "photos/cow",
    "photos/dog",
    "photos/duck",
    "photos/horses",
    "series/windmill_nutley",
    "series/windmill_linda",
)

WINDMILL = 21
"""Which the checkpoint was not taught."""


@pytest.fixture(scope="module")
def segmenter() -> TorchSegmenter:
    made = TorchSegmenter("cpu", measured=False)
    checkpoint = read_checkpoint(model_path("voc21-light"))
    made.load(checkpoint, checkpoint.label_map.with_class("windmill"))
    return made


def first_stroke(name: str) -> tuple[Surroundings, Mask]:
    """What the simulated person paints first on a blank mask of a sample photograph, and what is right."""
    image = read_image(samples_dir() / f"{name}.jpg").image
    reference = reference_mask(Path(f"{name}.jpg").name)
    truth = scaled_mask(read_indices(reference, None, image.shape[:2]))
    mask = np.zeros_like(truth)
    stroke = Annotator(truth).next_stroke(mask)
    assert stroke is not None
    paint(mask, stroke)
    covered = mask == stroke.label
    return Surroundings(scaled_image(image), mask, covered * np.uint8(CORRECTED), covered, stroke.label, (0,)), truth


def meant(segmenter: TorchSegmenter, around: Surroundings, name: str) -> Inside:
    found = segmenter.complete(around, name)
    return np.zeros(around.shown.shape, bool) if found is None else found


def test_most_of_what_follows_a_stroke_was_meant_and_much_of_what_was_meant_follows(
    segmenter: TorchSegmenter,
) -> None:
    right = wrong = left = 0
    for name in PHOTOS:
        around, truth = first_stroke(name)
        found = meant(segmenter, around, name)
        right += int((found & (truth == around.label)).sum())
        wrong += int((found & (truth != around.label) & (truth != VOID)).sum())
        left += int(((truth == around.label) & ~around.stroke).sum())
    assert right > 8 * wrong
    assert right > 0.3 * left


@pytest.mark.parametrize("name", PHOTOS[:2])
def test_only_what_may_be_replaced_follows(segmenter: TorchSegmenter, name: str) -> None:
    around, _ = first_stroke(name)
    free = meant(segmenter, around, name)
    assert free.any()
    assert not (free & ~around.replaceable()).any()
    rows = np.flatnonzero(free.any(1))
    half = np.zeros_like(free)
    half[: rows[len(rows) // 2]] = True
    vouched = replace(around, vouch=np.where(half, np.uint8(CORRECTED), around.vouch))
    assert not (meant(segmenter, vouched, name) & half).any()
    other = replace(around, shown=np.where(half & ~around.stroke, np.uint8(3), around.shown))
    assert not (meant(segmenter, other, name) & half).any()


def test_the_bolder_the_more_follows(segmenter: TorchSegmenter) -> None:
    pixels = dict.fromkeys(Boldness, 0)
    for name in PHOTOS:
        around, _ = first_stroke(name)
        for boldness in Boldness:
            found = segmenter.complete(under(WINDMILL, around), name, boldness)
            pixels[boldness] += 0 if found is None else int(found.sum())
    assert pixels[Boldness.NEVER] == 0
    assert list(pixels.values()) == sorted(set(pixels.values()))


def test_of_a_class_that_the_checkpoint_was_taught_more_follows_as_a_rule(segmenter: TorchSegmenter) -> None:
    around, _ = first_stroke("photos/horses")
    unknown = under(WINDMILL, around)
    as_a_rule, boldly, of_unknown = (
        segmenter.complete(*asked) for asked in ((around, ""), (unknown, "", Boldness.BOLD), (unknown, ""))
    )
    assert as_a_rule is not None and boldly is not None and of_unknown is not None
    assert np.array_equal(as_a_rule, boldly)
    assert as_a_rule.sum() > of_unknown.sum()


def under(label: int, around: Surroundings, ground: int = 0) -> Surroundings:
    """The same stroke with another class, over another."""
    table = np.arange(256, dtype=np.uint8)
    table[[0, around.label]] = ground, label
    return replace(around, shown=table[around.shown], label=label, replaced=(ground,))


def test_the_same_stroke_is_completed_alike_under_any_class(segmenter: TorchSegmenter) -> None:
    around, _ = first_stroke("photos/cow")
    other = under(19, around, ground=7)
    assert np.array_equal(meant(segmenter, around, "cow"), meant(segmenter, other, "cow"))


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 5), (40, 3)])
def test_tiny_images_are_left_alone(segmenter: TorchSegmenter, size: tuple[int, int]) -> None:
    image, shown = np.zeros((*size, 3), np.uint8), np.zeros(size, np.uint8)
    shown[0, 0] = 1
    around = Surroundings(image, shown, shown * np.uint8(CORRECTED), shown == 1, 1, (0,))
    found = segmenter.complete(around, f"tiny {size}")
    assert found is None or not found[0, 0]


def test_a_large_photograph_is_completed_as_the_same_in_small(segmenter: TorchSegmenter) -> None:
    around, _ = first_stroke("photos/cow")
    large = replace(
        around,
        **{
            each: np.repeat(np.repeat(getattr(around, each), 3, 0), 3, 1)
            for each in ("image", "shown", "vouch", "stroke")
        },
    )
    small, found = meant(segmenter, around, "small"), meant(segmenter, large, "large")
    assert found.shape == large.shown.shape
    both = found[1::3, 1::3]
    assert (both & small).sum() > 0.8 * (both | small).sum()
