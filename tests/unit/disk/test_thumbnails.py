"""A cache that may fail or vanish without anybody noticing."""

from pathlib import Path

import numpy as np

from fcn_gui.disk.thumbnails import ThumbnailCache, file_stamp

PICTURE = np.full((20, 30, 3), (200, 100, 50), np.uint8)


def test_a_picture_comes_back_nearly_as_it_was(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path / "thumbnails")
    assert cache.read("a.jpg", "1") is None
    assert cache.write("a.jpg", "1", PICTURE)
    back = ThumbnailCache(tmp_path / "thumbnails").read("a.jpg", "1")
    assert back is not None
    assert back.shape == PICTURE.shape
    assert np.abs(back.astype(int) - PICTURE).max() <= 4


def test_another_key_or_a_changed_photograph_is_not_found(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path)
    cache.write("a.jpg", "1", PICTURE)
    assert cache.read("a.jpg", "2") is None
    assert cache.read("b.jpg", "1") is None
    assert cache.read("caf\udce9\n.jpg", "1") is None


def test_a_damaged_picture_is_a_miss(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path)
    cache.write("a.jpg", "1", PICTURE)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:60])
    assert cache.read("a.jpg", "1") is None
    path.write_bytes(b"")
    assert cache.read("a.jpg", "1") is None


def test_a_place_that_cant_be_written_only_means_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = ThumbnailCache(tmp_path / "file")
    assert not cache.write("a.jpg", "1", PICTURE)
    assert cache.read("a.jpg", "1") is None
    assert cache.prune() == 0


def test_the_cache_stays_within_its_bytes(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path)
    for number in range(10):
        cache.write(f"{number}.jpg", "1", PICTURE)
    size = next(tmp_path.iterdir()).stat().st_size
    assert cache.prune(max_bytes=4 * size + 1) == 6
    assert len(list(tmp_path.iterdir())) == 4


def test_the_stamp_of_a_file_changes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    assert file_stamp(path) == ""
    path.write_bytes(b"1")
    first = file_stamp(path)
    path.write_bytes(b"22")
    assert first != file_stamp(path) != ""
