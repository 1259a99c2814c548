"""Thousands of images one after another take no more memory than the first ones."""

import json
import sys
from pathlib import Path
from statistics import median

import pytest
from PIL import Image as PillowImage

from tests.e2e.alone import start
from tests.unit.session.workshop import photo

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
MOST_MB, MOST_OF_FEW_MB = 50, 40
"""What the last tenth may take more than the first.

Of 300 photographs about 20 MB are filled that are bounded (thumbnails, undo steps): a leak of 75 kB each is still seen,
less than half of a mask of that size.
"""


def photographs(folder: Path, count: int) -> Path:
    """`count` files of 500×375, with animals on grass."""
    folder.mkdir()
    for number in range(8):
        PillowImage.fromarray(photo(number)[0]).resize((500, 375)).save(folder / f"{number:05}.png", compress_level=1)
    for number in range(8, count):
        (folder / f"{number:05}.png").hardlink_to(folder / f"{number % 8:05}.png")
    return folder


def go_through(tmp_path: Path, count: int, engine: str, minutes: float, most_mb: float = MOST_MB) -> None:
    folder = photographs(tmp_path / "photos", count)
    with start("tests.e2e.bad_input.viewer", folder, tmp_path / "home", count, engine) as process:
        try:
            said, _ = process.communicate(timeout=60 * minutes)
        finally:
            process.kill()
    told = json.loads(said)
    memory, tenth = told["memory_mb"], count // 10
    assert len(memory) == count
    first, last = median(memory[:tenth]), median(memory[-tenth:])
    print(
        f"{count} images, {engine}: {first:.0f} MB, then {last:.0f} MB, most {max(memory):.0f}, {told['seconds']:.0f} s"
    )
    assert last <= first + most_mb


@pytest.mark.timeout(630)
def test_300_images_take_no_more_memory_than_30(tmp_path: Path) -> None:
    go_through(tmp_path, 300, "fake", 10, MOST_OF_FEW_MB)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_10_000_images_take_no_more_memory_than_1000(tmp_path: Path) -> None:
    go_through(tmp_path, 10_000, "fake", 59)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_500_images_with_the_real_network_take_no_more_memory_than_50(tmp_path: Path) -> None:
    go_through(tmp_path, 500, "real", 29)
