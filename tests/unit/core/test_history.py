"""Undo and redo: the right steps in the right order, in bounded memory."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.history import History
from fcn_gui.core.mask import Patch, VouchedMask
from fcn_gui.core.raster import Rect
from fcn_gui.core.stroke import Coverage, Stroke, Tool, coverage

SHAPE = (20, 30)


def patch_of(masked: VouchedMask, number: int) -> Patch:
    x = number % 25
    patch = masked.paint(coverage(Stroke(Tool.BRUSH, number % 7 + 1, ((x + 2.5, 9.5),), 2.2), SHAPE), number % 7 + 1)
    assert patch is not None
    return patch


def new() -> VouchedMask:
    return VouchedMask(np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8))


def test_an_empty_history_has_nothing_to_give() -> None:
    history = History()
    assert history.undo() == ()
    assert history.redo() == ()
    assert not history.can_undo
    assert not history.can_redo


def test_what_comes_back_changes_the_same_pixels_to_the_same_values() -> None:
    masked, history = new(), History()
    patch = patch_of(masked, 3)
    history.push(patch)
    (back,) = history.undo()
    assert back.rect == patch.rect
    assert (back.changed == patch.changed).all()
    for name in ("mask_before", "mask_after", "vouch_before", "vouch_after"):
        assert (getattr(back, name).array() == getattr(patch, name).array())[patch.changed].all()


def test_a_new_step_ends_redo() -> None:
    masked, history = new(), History()
    history.push(patch_of(masked, 1))
    assert history.undo()
    assert history.can_redo
    history.push(patch_of(masked, 2))
    assert not history.can_redo
    assert history.redo() == ()


def test_200_steps_are_kept_and_the_oldest_go_first() -> None:
    masked, history = new(), History()
    for number in range(230):
        history.push(patch_of(masked, number))
    undone = 0
    while patches := history.undo():
        undone += 1
        (last,) = patches
    assert undone == 200
    assert last.rect.x0 == 30 % 25


def test_memory_is_bounded_but_the_last_step_always_stays() -> None:
    rng = np.random.default_rng(0)
    history = History(max_bytes=30_000)
    for _ in range(50):
        noise = [rng.integers(0, 256, (80, 100)).astype(np.uint8) for _ in range(4)]
        patch = Patch.between(Rect(0, 0, 100, 80), (noise[0], noise[1]), (noise[2], noise[3]))
        assert patch is not None
        history.push(patch)
        assert history.can_undo
        assert history.nbytes <= 40_000
    assert history.undo()


def test_a_line_across_a_large_photograph_is_kept_in_little_memory() -> None:
    masked = VouchedMask(np.zeros((3000, 4000), np.uint8), np.zeros((3000, 4000), np.uint8))
    line = coverage(Stroke(Tool.BRUSH, 1, ((5.0, 5.0), (3990.0, 2990.0)), 9), (3000, 4000))
    patch = masked.paint(line, 1)
    assert patch is not None
    history = History()
    history.push(patch)
    assert history.nbytes < 100_000


@settings(max_examples=50, deadline=None)
@given(deeds=st.lists(st.sampled_from(["paint", "undo", "redo"]), max_size=40), seed=st.integers(0, 999))
def test_any_walk_through_undo_and_redo_shows_the_states_that_were(deeds: list[str], seed: int) -> None:
    masked, history, rng = new(), History(max_steps=1000), np.random.default_rng(seed)
    states, at = [masked.mask.tobytes() + masked.vouch.tobytes()], 0
    for deed in deeds:
        if deed == "paint":
            label = int(rng.integers(0, 4))
            pieces = (Coverage(Rect(x, 5, x + 8, 11), rng.random((6, 8)) < 0.5) for x in (5, 9))
            patches = [patch for piece in pieces if (patch := masked.paint(piece, label)) is not None]
            if patches:
                history.push(*patches)
                states = [*states[: at + 1], masked.mask.tobytes() + masked.vouch.tobytes()]
                at += 1
        elif deed == "undo" and (back := history.undo()):
            for patch in back:
                masked.revert(patch)
            at -= 1
        elif deed == "redo" and (again := history.redo()):
            for patch in again:
                masked.apply(patch)
            at += 1
        assert masked.mask.tobytes() + masked.vouch.tobytes() == states[at]
        assert history.can_undo == (at > 0)
        assert history.can_redo == (at < len(states) - 1)


def test_steps_name_labels_as_they_are_since_and_the_history_of_before_stays() -> None:
    masked, history = new(), History()
    for number in range(4):
        history.push(patch_of(masked, number))
    history.undo()
    twice = bytes([0, 5, 2, 1, *range(4, 256)]), bytes([0, 9, *range(2, 256)])
    after = history.relabelled(twice[0]).relabelled(twice[1])
    table = np.frombuffer(twice[0].translate(twice[1]), np.uint8)
    assert after.nbytes == history.nbytes
    assert after.depth == history.depth == 3
    again = history.redo(), after.redo()
    for before, now in (again, *zip(_all_undone(history), _all_undone(after), strict=True)):
        assert len(before) == len(now) == 1
        assert np.array_equal(now[0].changed, before[0].changed)
        for name in ("mask_before", "mask_after"):
            assert np.array_equal(getattr(now[0], name).array(), table[getattr(before[0], name).array()])
        for name in ("vouch_before", "vouch_after"):
            assert np.array_equal(getattr(now[0], name).array(), getattr(before[0], name).array())


def test_depth_counts_steps_that_were_forgotten_too() -> None:
    masked, history = new(), History(max_steps=3)
    for number in range(5):
        history.push(patch_of(masked, number))
    assert history.depth == 5
    history.undo()
    assert history.depth == history.relabelled(bytes(range(256))).depth == 4


def _all_undone(history: History) -> list[tuple[Patch, ...]]:
    found = []
    while patches := history.undo():
        found.append(patches)
    return found
