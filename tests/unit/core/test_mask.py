"""The vouch rules: who may change a pixel, and that every step can be taken back to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.mask import Patch, VouchedMask
from fcn_gui.core.raster import ACCEPTED, CORRECTED, UNVOUCHED, VOID, Rect
from fcn_gui.core.stroke import Coverage, Stroke, Tool, coverage

SHAPE = (12, 16)


def blank(label: int = 0) -> VouchedMask:
    return VouchedMask(np.full(SHAPE, label, np.uint8), np.zeros(SHAPE, np.uint8))


def box(x0: int, y0: int, x1: int, y1: int) -> Coverage:
    return Coverage(Rect(x0, y0, x1, y1), np.ones((y1 - y0, x1 - x0), bool))


def state(masked: VouchedMask) -> tuple[bytes, bytes]:
    return masked.mask.tobytes(), masked.vouch.tobytes()


def labels(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.choice(np.array([0, 1, 2, VOID], np.uint8), SHAPE)


def test_another_label_is_a_correction_and_the_same_label_an_acceptance() -> None:
    masked = blank()
    masked.mask[:, 8:] = 3
    patch = masked.paint(box(4, 2, 12, 6), 3)
    assert patch is not None
    assert patch.rect == Rect(4, 2, 12, 6)
    assert (masked.mask[2:6, 4:12] == 3).all()
    assert (masked.vouch[2:6, 4:8] == CORRECTED).all()
    assert (masked.vouch[2:6, 8:12] == ACCEPTED).all()
    assert masked.vouch.sum() == 16 * 2 + 16


def test_painting_the_same_again_keeps_what_was_corrected() -> None:
    masked = blank()
    masked.paint(box(0, 0, 4, 4), 2)
    assert masked.paint(box(0, 0, 4, 4), 2) is None
    assert (masked.vouch[:4, :4] == CORRECTED).all()


def test_painting_void_is_a_correction_too() -> None:
    masked = blank()
    masked.paint(box(0, 0, 4, 4), VOID)
    assert (masked.mask[:4, :4] == VOID).all()
    assert (masked.vouch[:4, :4] == CORRECTED).all()


def test_a_locked_class_is_not_painted_over_but_can_be_painted() -> None:
    masked = blank()
    masked.mask[:, :8] = 5
    masked.paint(box(4, 0, 12, 4), 3, locked=frozenset({5}))
    assert (masked.mask[:4, 4:8] == 5).all()
    assert (masked.vouch[:4, 4:8] == UNVOUCHED).all()
    assert (masked.mask[:4, 8:12] == 3).all()
    masked.paint(box(4, 0, 12, 4), 5, locked=frozenset({5}))
    assert (masked.mask[:4, 4:12] == 5).all()
    assert (masked.vouch[:4, 4:8] == ACCEPTED).all()


def test_the_eraser_takes_the_vouch_back_and_the_pixel_follows_again() -> None:
    masked, proposal = blank(), np.full(SHAPE, 7, np.uint8)
    masked.paint(box(0, 0, 8, 8), 2)
    masked.erase(box(0, 0, 4, 8), proposal)
    assert (masked.mask[:8, :4] == 7).all()
    assert (masked.vouch[:8, :4] == UNVOUCHED).all()
    assert (masked.mask[:8, 4:8] == 2).all()


def test_accept_raises_0_to_1_and_nothing_else() -> None:
    masked = blank(4)
    masked.paint(box(0, 0, 2, 2), 1)
    before = masked.mask.copy()
    masked.accept(box(0, 0, 4, 4))
    assert (masked.mask == before).all()
    assert (masked.vouch[:2, :2] == CORRECTED).all()
    assert masked.vouch[:4, :4].sum() == 4 * 2 + 12
    assert masked.accept(box(0, 0, 4, 4)) is None


def test_verify_vouches_for_all_and_unverify_takes_back_what_it_raised() -> None:
    masked = blank(1)
    masked.accept(box(0, 0, 3, 3))
    masked.paint(box(3, 3, 5, 5), 2)
    before = state(masked)
    raised, step = masked.verify()
    assert (masked.vouch > 0).all() and step
    masked.unverify(raised, np.full(SHAPE, 1, np.uint8))
    assert state(masked) == before


def test_what_was_corrected_after_verify_stays_vouched() -> None:
    masked = blank(1)
    raised, _ = masked.verify()
    masked.paint(box(0, 0, 2, 2), 2)
    (patch,) = masked.unverify(raised, np.full(SHAPE, 5, np.uint8))
    assert patch.changed.sum() == 16 * 12 - 4 and (masked.mask[2:] == 5).all()
    assert (masked.vouch[:2, :2] == CORRECTED).all()
    assert masked.vouch.sum() == 8
    (nothing,) = masked.unverify(raised, np.full(SHAPE, 6, np.uint8))
    assert not nothing.changed.any() and (masked.mask[2:] == 5).all(), "still a step"


def test_follow_touches_unvouched_pixels_only_and_says_where() -> None:
    masked = blank()
    masked.paint(box(0, 0, 8, 12), 2)
    proposal = np.zeros(SHAPE, np.uint8)
    proposal[4:6, 6:10] = 9
    assert masked.follow(proposal) == Rect(8, 4, 10, 6)
    assert (masked.mask[4:6, 8:10] == 9).all()
    assert (masked.mask[:, :8] == 2).all()
    assert masked.follow(proposal) is None


def test_redo_and_undo_leave_alone_what_followed_in_between() -> None:
    masked = blank()
    patch = masked.paint(box(2, 2, 4, 4), 1)
    assert patch is not None
    masked.revert(patch)
    masked.follow(np.full(SHAPE, 6, np.uint8))
    masked.apply(patch)
    assert (masked.mask[2:4, 2:4] == 1).all()
    assert (masked.mask == 6).sum() == 12 * 16 - 4


def test_pixels_unvouched_again_show_todays_proposal() -> None:
    masked = blank()
    patch = masked.paint(box(2, 2, 4, 4), 1)
    assert patch is not None
    today = np.full(SHAPE, 6, np.uint8)
    masked.follow(today)
    masked.revert(patch, today)
    assert (masked.mask == 6).all()
    erased = VouchedMask(np.full(SHAPE, 1, np.uint8), np.full(SHAPE, CORRECTED, np.uint8))
    patch = erased.erase(box(0, 0, 2, 2), np.zeros(SHAPE, np.uint8))
    assert patch is not None
    erased.revert(patch)
    erased.apply(patch, today)
    assert (erased.mask[:2, :2] == 6).all()


def test_nothing_covered_is_no_step() -> None:
    masked = blank()
    nothing = Coverage(Rect(0, 0, 3, 3), np.zeros((3, 3), bool))
    beside = coverage(Stroke(Tool.BRUSH, 1, ((-90.0, -90.0),), 3), SHAPE)
    for covered in (nothing, beside):
        assert masked.paint(covered, 1) is None
        assert masked.erase(covered, masked.mask) is None
        assert masked.accept(covered) is None


def test_a_patch_shares_nothing_with_the_mask() -> None:
    masked = blank()
    patch = masked.paint(box(0, 0, 4, 4), 1)
    masked.mask[:] = 9
    assert patch is not None
    assert (patch.mask_after.array() == 1).all()


def test_arrays_that_dont_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        VouchedMask(np.zeros((3, 4), np.uint8), np.zeros((4, 3), np.uint8))
    with pytest.raises(ValueError, match="H×W uint8"):
        VouchedMask(np.zeros((3, 4), np.int32), np.zeros((3, 4), np.uint8))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="does not fit"):
        blank().follow(np.zeros((2, 2), np.uint8))


point = st.tuples(st.floats(-2, 18, width=16), st.floats(-2, 14, width=16))
stroke = st.builds(
    Stroke,
    tool=st.sampled_from([Tool.BRUSH, Tool.POLYGON, Tool.ERASER]),
    label=st.sampled_from([0, 1, 2, VOID]),
    points=st.lists(point, min_size=1, max_size=4).map(tuple),
    radius_px=st.floats(0.5, 6, width=16),
)
deed = st.one_of(stroke, st.sampled_from(["accept", "verify", "unverify"]), st.integers(0, 9))


def do(masked: VouchedMask, what: Stroke | str, proposal: np.ndarray, locked: frozenset[int]) -> Patch | None:
    if isinstance(what, str):
        covered = box(2, 2, 9, 9)
        return masked.accept(covered) if what == "accept" else None
    covered = coverage(what, SHAPE)
    return masked.erase(covered, proposal) if what.is_erasing else masked.paint(covered, what.label or 0, locked)


@settings(max_examples=50, deadline=None)
@given(strokes=st.lists(stroke, max_size=8), seed=st.integers(0, 9), locked=st.frozensets(st.integers(0, 2)))
def test_undoing_all_is_the_start_again_and_redoing_all_the_end(
    strokes: list[Stroke], seed: int, locked: frozenset[int]
) -> None:
    proposal = labels(seed)
    masked = VouchedMask(proposal.copy(), np.zeros(SHAPE, np.uint8))
    states, patches = [state(masked)], []
    for each in strokes:
        patch = do(masked, each, proposal, locked)
        if patch is not None:
            patches.append(patch)
            states.append(state(masked))
    for patch, before in zip(reversed(patches), reversed(states[:-1]), strict=True):
        masked.revert(patch)
        assert state(masked) == before
    for patch, after in zip(patches, states[1:], strict=True):
        masked.apply(patch)
        assert state(masked) == after


@settings(max_examples=50, deadline=None)
@given(deeds=st.lists(deed, max_size=12), seed=st.integers(0, 9))
def test_a_vouched_pixel_changes_only_by_the_person_and_an_unvouched_one_shows_the_proposal(
    deeds: list[Stroke | str | int], seed: int
) -> None:
    proposal = labels(seed)
    masked = VouchedMask(proposal.copy(), np.zeros(SHAPE, np.uint8))
    raised = np.zeros(SHAPE, bool)
    for each in deeds:
        mask, vouch = masked.mask.copy(), masked.vouch.copy()
        touched = np.zeros(SHAPE, bool)
        if isinstance(each, int):
            proposal = labels(each)
            masked.follow(proposal)
            assert (masked.vouch == vouch).all()
        elif each == "verify":
            raised, _ = masked.verify()
            assert (masked.mask == mask).all()
            assert (masked.vouch == np.maximum(vouch, ACCEPTED)).all()
        elif each == "unverify":
            masked.unverify(raised, proposal)
            masked.follow(proposal)
            assert ((masked.vouch == vouch) | (raised & (vouch == ACCEPTED))).all()
        else:
            do(masked, each, proposal, frozenset())
            covered = box(2, 2, 9, 9) if isinstance(each, str) else coverage(each, SHAPE)
            touched[covered.rect.slices] = covered.inside
            assert ((masked.vouch >= vouch) | touched).all()
        assert (masked.mask == mask)[(vouch > 0) & (masked.vouch > 0) & ~touched].all()
        assert (masked.mask == proposal)[masked.vouch == UNVOUCHED].all()
        assert masked.vouch.max() <= CORRECTED
