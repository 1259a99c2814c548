"""The split: sticky, deterministic, never two alike pictures on two sides unless a clip is cut."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.image_io import read_image
from fcn_gui.core.split import ALIKE_BITS, Split, SplitRow, perceptual_hash

FAR = [int.from_bytes(np.random.default_rng(i).bytes(31), "big") for i in range(300)]  # random hashes: 124 bits apart


def near(phash: int, bits: int) -> int:
    return phash ^ ((1 << bits) - 1)


def decided(split: Split, count: int, start: int = 0, images: int = 0) -> list[bool]:
    return [split.decide(f"{i}.jpg", f"digest {i}", FAR[i], images) for i in range(start, start + count)]


def test_about_a_fifth_is_held_out() -> None:
    held_out = sum(sum(decided(Split(seed), 250)) for seed in range(8))
    assert 0.16 < held_out / 2000 < 0.24


def test_the_first_is_never_held_out() -> None:
    for seed in range(60):
        assert Split(seed).decide("a", "digest", FAR[0]) is False


def test_if_none_of_the_first_four_is_held_out_the_fifth_is() -> None:
    forced = 0
    for seed in range(60):
        sides = decided(Split(seed), 5)
        assert any(sides)
        forced += not any(sides[:4])
    assert forced > 10


def test_what_is_remembered_counts_among_the_first_four() -> None:
    split = Split(0)
    for i in range(4):
        split.remember(f"old {i}", f"old {i}", held_out=False)
    assert split.decide("new", "new", FAR[9]) is True
    assert Split(3, split.rows).side("new") is True


def test_alike_pictures_go_where_the_first_of_them_went() -> None:
    for seed in range(20):
        split = Split(seed)
        sides = decided(split, 12)
        for i in range(12):
            assert split.decide(f"again {i}", f"other {i}", near(FAR[i], ALIKE_BITS)) is sides[i]
        assert split.across_sides() == []


def test_the_same_file_under_another_name_goes_the_same_way_without_a_hash() -> None:
    for seed in range(20):
        split = Split(seed)
        sides = decided(split, 8)
        assert [split.decide(f"copy {i}", f"digest {i}", None) for i in range(8)] == sides


def test_a_clip_is_cut_into_runs_of_at_most_a_fifth_and_what_that_parts_is_listed() -> None:
    frames = [near(FAR[0], 4 * i) for i in range(60)]  # each a little further from the first
    listed = 0
    for seed in range(10):
        split = Split(seed)
        for i, frame in enumerate(frames):
            split.decide(f"{i:03}.png", f"frame {i}", frame, images=60)
        runs = np.bincount([row.run for row in split.rows])
        assert runs.max() == 12
        held_out = {row.held_out for row in split.rows}
        assert False in held_out
        listed += bool(split.across_sides())
        for run in range(len(runs)):
            members = [int(row.key[:3]) for row in split.rows if row.run == run]
            assert members == list(range(members[0], members[0] + len(members)))
            assert len({row.held_out for row in split.rows if row.run == run}) == 1
    assert listed


def test_two_alike_in_a_small_project_stay_together() -> None:
    split = Split(1)
    first = split.decide("a", "a", FAR[0], images=3)
    assert split.decide("b", "b", near(FAR[0], 5), images=3) is first


def test_sides_found_to_be_alike_later_are_listed_and_stay() -> None:
    split = Split(0)
    split.remember("a", "x", held_out=False, phash=FAR[1])
    split.remember("b", "y", held_out=True, phash=near(FAR[1], 3))
    assert split.across_sides() == [("a", "b")]
    assert (split.side("a"), split.side("b"), split.side("c")) == (False, True, None)


picture = st.tuples(st.integers(0, 20), st.integers(0, 30), st.integers(0, 40))  # key, hash, images


@settings(max_examples=50, deadline=None)
@given(asked=st.lists(picture, max_size=40), seed=st.integers(0, 2**31))
def test_a_side_never_changes_and_the_same_story_ends_the_same(asked: list[tuple[int, int, int]], seed: int) -> None:
    split, again = Split(seed), Split(seed)
    sides: dict[str, bool] = {}
    for number, (name, phash, images) in enumerate(asked):
        key, digest = str(name), f"{name} {number}"
        rows = split.rows
        expected = split.expected(key, digest, FAR[phash], images)
        assert split.rows == rows, "to ask decides nothing"
        side = split.decide(key, digest, FAR[phash], images)
        assert side is expected
        assert side is sides.setdefault(key, side)
        assert again.decide(key, digest, FAR[phash], images) is side
        assert {row.key: row.held_out for row in split.rows} == sides
    reopened = Split(seed, (SplitRow.from_json(row.to_json()) for row in split.rows))
    assert reopened.rows == split.rows
    assert reopened.decide("new", "new", FAR[99]) is split.decide("new", "new", FAR[99])


@settings(max_examples=50, deadline=None)
@given(
    asked=st.lists(st.tuples(st.integers(0, 5), st.integers(0, ALIKE_BITS // 2)), min_size=1, max_size=30),
    seed=st.integers(0, 2**31),
)
def test_groups_stay_together(asked: list[tuple[int, int]], seed: int) -> None:
    split = Split(seed)
    for number, (group, bits) in enumerate(asked):
        split.decide(str(number), str(number), near(FAR[group], bits))
    for group in {group for group, _ in asked}:
        members = {split.side(str(number)) for number, (g, _) in enumerate(asked) if g == group}
        assert len(members) == 1


@pytest.mark.parametrize("data", [None, {}, [], {"key": "a"}, {"key": 1, "digest": 2, "held_out": 1, "phash": "zz"}])
def test_a_row_that_isnt_one_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        SplitRow.from_json(data)


def scene(seed: int) -> np.ndarray:
    rough = np.random.default_rng(seed).integers(0, 256, (9, 12, 3)).astype(np.uint8)
    return cv2.resize(rough, (400, 300), interpolation=cv2.INTER_CUBIC)


def test_a_hash_knows_a_picture_again_smaller_darker_and_recompressed() -> None:
    image = scene(1)
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    same = [cv2.resize(image, (150, 110), interpolation=cv2.INTER_AREA), (image * 0.7).astype(np.uint8)]
    for other in (*same, cv2.imdecode(data, cv2.IMREAD_COLOR)):
        assert (perceptual_hash(image) ^ perceptual_hash(other)).bit_count() < 20
    for seed in range(2, 30):
        assert (perceptual_hash(image) ^ perceptual_hash(scene(seed))).bit_count() > ALIKE_BITS


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 5000, 3), (40, 2, 3)])
def test_any_size_has_a_hash(shape: tuple[int, int, int]) -> None:
    assert 0 <= perceptual_hash(np.zeros(shape, np.uint8)) < 2**256


def test_real_photographs_are_not_taken_for_each_other(shared: Path) -> None:
    paths = sorted((shared / "data" / "photos").glob("*.jpg"))[:60]
    hashes = [perceptual_hash(read_image(path).image) for path in paths]
    distances = [(a ^ b).bit_count() for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(distances) > ALIKE_BITS
