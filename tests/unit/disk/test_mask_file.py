"""Masks keep their indices, whatever happens to them."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from fcn_gui.core.errors import MaskError
from fcn_gui.core.label_map import LabelClass, LabelMap, voc_label_map
from fcn_gui.core.palette import VOID_COLOR, voc_color
from fcn_gui.disk.mask_file import (
    UnknownLabelError,
    encode_mask,
    read_indices,
    read_voc_mask,
    read_vouch,
    write_mask,
    write_vouch,
)

VOC = voc_label_map()
MASK = np.array([[0, 1, 20], [255, 15, 0]], np.uint8)
LARGEST = LabelMap(tuple(LabelClass(f"class {i}", voc_color(i)) for i in range(254)))


def save(path: Path, array: np.ndarray, mode: str | None = None) -> Path:
    Image.fromarray(array).convert(mode or None).save(path) if mode else Image.fromarray(array).save(path)
    return path


@settings(max_examples=50, deadline=None)
@given(
    hnp.arrays(
        np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.sampled_from([*range(254), 255])
    )
)
def test_every_index_comes_back_through_a_file(tmp_path_factory: pytest.TempPathFactory, mask: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("masks") / "m.png"
    write_mask(path, mask, LARGEST)
    assert np.array_equal(read_voc_mask(path, LARGEST, mask.shape), mask)


def test_a_mask_is_mode_p_with_the_whole_palette(tmp_path: Path) -> None:
    write_mask(tmp_path / "m.png", MASK, VOC)
    with Image.open(tmp_path / "m.png") as opened:
        assert (opened.format, opened.mode) == ("PNG", "P")
        palette = opened.getpalette()
        assert np.array_equal(np.asarray(opened), MASK)
    assert palette is not None
    assert bytes(palette) == VOC.palette()
    assert tuple(palette[-3:]) == VOID_COLOR
    assert palette[3:6] == [128, 0, 0]


def test_an_index_without_a_class_is_not_written(tmp_path: Path) -> None:
    write_mask(tmp_path / "m.png", MASK, VOC)
    before = (tmp_path / "m.png").read_bytes()
    with pytest.raises(MaskError, match="21 in 1 pixel"):
        write_mask(tmp_path / "m.png", np.array([[21]], np.uint8), VOC)
    assert (tmp_path / "m.png").read_bytes() == before


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_are_mapped_exactly(tmp_path: Path, mode: str) -> None:
    with Image.open(io.BytesIO(encode_mask(MASK, VOC.palette()))) as opened:
        opened.convert("RGB").convert(mode).save(tmp_path / "m.png")
    assert np.array_equal(read_voc_mask(tmp_path / "m.png", VOC), MASK)


def test_colours_follow_the_label_map_not_voc(tmp_path: Path) -> None:
    label_map = LabelMap((LabelClass("sky", (10, 20, 30)), LabelClass("road", (0, 0, 0))))
    save(tmp_path / "m.png", np.array([[[10, 20, 30], [0, 0, 0], VOID_COLOR]], np.uint8))
    assert read_voc_mask(tmp_path / "m.png", label_map).tolist() == [[0, 1, 255]]


def test_an_unknown_colour_is_named_with_file_and_count(tmp_path: Path) -> None:
    colors = np.zeros((2, 3, 3), np.uint8)
    colors[0, :2] = (1, 2, 3)
    save(tmp_path / "odd.png", colors)
    with pytest.raises(UnknownLabelError, match=r"odd\.png has the unknown colour \(1, 2, 3\) in 2 pixels") as caught:
        read_voc_mask(tmp_path / "odd.png", VOC)
    assert caught.value.counts == {(1, 2, 3): 2}


def test_an_unknown_index_is_named_with_file_and_count(tmp_path: Path) -> None:
    (tmp_path / "odd.png").write_bytes(encode_mask(np.array([[0, 77, 77], [254, 0, 255]], np.uint8), VOC.palette()))
    with pytest.raises(UnknownLabelError, match=r"odd\.png.*77 in 2 pixels, 254 in 1 pixel ") as caught:
        read_voc_mask(tmp_path / "odd.png", VOC)
    assert caught.value.counts == {77: 2, 254: 1}


def test_many_unknown_colours_make_a_short_message(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(1, 255, (40, 40, 3), dtype=np.uint8)
    save(tmp_path / "photo.png", noise)
    with pytest.raises(UnknownLabelError, match="more") as caught:
        read_voc_mask(tmp_path / "photo.png", VOC)
    assert len(str(caught.value)) < 500
    assert sum(caught.value.counts.values()) == 1600


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_grey_masks_hold_indices(tmp_path: Path, suffix: str) -> None:
    save(tmp_path / f"m.{suffix}", MASK)
    assert np.array_equal(read_voc_mask(tmp_path / f"m.{suffix}", VOC), MASK)


def test_black_and_white_and_16_bit_masks_hold_indices_where_they_fit(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 255]], np.uint8)).convert("1").save(tmp_path / "bw.png")
    assert read_voc_mask(tmp_path / "bw.png", VOC).tolist() == [[0, 1]]
    save(tmp_path / "deep.png", np.array([[3, 255]], np.uint16))
    assert read_voc_mask(tmp_path / "deep.png", VOC).tolist() == [[3, 255]]
    save(tmp_path / "deep.png", np.array([[300, 300]], np.uint16))
    with pytest.raises(MaskError, match="300 in 2 pixels"):
        read_voc_mask(tmp_path / "deep.png", VOC)


def test_a_palette_with_few_entries_still_means_indices(tmp_path: Path) -> None:
    picture = Image.fromarray(np.array([[0, 1, 2, 3]], np.uint8))
    picture.putpalette(bytes(range(12)))
    picture.save(tmp_path / "m.png", bits=2)
    assert read_voc_mask(tmp_path / "m.png", VOC).tolist() == [[0, 1, 2, 3]]


def test_another_size_is_refused_with_both(tmp_path: Path) -> None:
    write_mask(tmp_path / "m.png", MASK, VOC)
    with pytest.raises(MaskError, match=r"m\.png is 3 × 2 pixels, its image 5 × 4") as caught:
        read_voc_mask(tmp_path / "m.png", VOC, (4, 5))
    assert "resized" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_what_is_no_mask_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.png").write_bytes(content)
    with pytest.raises(MaskError, match=r"m\.png"):
        read_voc_mask(tmp_path / "m.png", VOC)


def test_a_mask_cut_anywhere_is_an_error_and_never_other_labels(tmp_path: Path) -> None:
    mask = np.random.default_rng(1).integers(0, 21, (30, 40), dtype=np.uint8)
    whole = encode_mask(mask, VOC.palette())
    refused = 0
    for cut in range(0, len(whole) - 1, 37):
        (tmp_path / "m.png").write_bytes(whole[:cut])
        try:
            assert np.array_equal(read_voc_mask(tmp_path / "m.png", VOC), mask)
        except MaskError as error:
            assert "m.png" in str(error)
            refused += 1
    assert refused > 20


def test_a_jpeg_is_no_mask(tmp_path: Path) -> None:
    Image.fromarray(MASK).save(tmp_path / "m.jpg")
    with pytest.raises(MaskError, match="JPEG changes values"):
        read_voc_mask(tmp_path / "m.jpg", VOC)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    Image.new("1", (60_000, 5_000)).save(tmp_path / "m.png")
    with pytest.raises(MaskError, match="megapixels"):
        read_voc_mask(tmp_path / "m.png", VOC)


def test_a_missing_mask_is_named(tmp_path: Path) -> None:
    with pytest.raises(MaskError, match=r"gone\.png can't be read"):
        read_voc_mask(tmp_path / "gone.png", VOC)


def test_our_own_files_hold_no_colours(tmp_path: Path) -> None:
    save(tmp_path / "m.png", np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(MaskError, match="colours instead of indices"):
        read_indices(tmp_path / "m.png", VOC)


def test_vouch_maps_come_back_and_hold_nothing_else(tmp_path: Path) -> None:
    vouch = np.array([[0, 1], [2, 1]], np.uint8)
    write_vouch(tmp_path / "v.png", vouch)
    assert np.array_equal(read_vouch(tmp_path / "v.png", (2, 2)), vouch)
    with pytest.raises(ValueError, match="0, 1, 2"):
        write_vouch(tmp_path / "v.png", np.array([[3]], np.uint8))
    save(tmp_path / "bad.png", np.array([[3]], np.uint8))
    with pytest.raises(MaskError, match="not a vouch map"):
        read_vouch(tmp_path / "bad.png")


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1)])
def test_thin_masks_work(tmp_path: Path, shape: tuple[int, int]) -> None:
    mask = np.full(shape, 255, np.uint8)
    write_mask(tmp_path / "m.png", mask, VOC)
    assert np.array_equal(read_voc_mask(tmp_path / "m.png", VOC, shape), mask)
