"""`fcn-gui predict --shard`: together the shards are the whole folder, and no image comes twice."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from fcn_gui.cli.main import main


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main(["predict", *map(str, arguments)])
    return int(left.value.code or 0)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Seven photographs, two of which want the same name for their mask."""
    (tmp_path / "photos" / "sub").mkdir(parents=True)
    for name in ("a.png", "b.png", "b.bmp", "c.png", "d.png", "sub/a.png", "sub/e.png"):
        PillowImage.fromarray(np.zeros((8, 9, 3), np.uint8)).save(tmp_path / "photos" / name)
    return tmp_path / "photos"


def masks(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))


def test_shards_together_are_the_whole_folder(photos: Path, tmp_path: Path) -> None:
    assert run(photos, "-o", tmp_path / "whole", "--device", "cpu", "--json") == 0
    parts = []
    for number in (1, 2, 3):
        out = tmp_path / f"part{number}"
        assert run(photos, "-o", out, "--device", "cpu", "--json", "--shard", f"{number}/3") == 0
        parts.append(masks(out))
    assert sorted(name for part in parts for name in part) == masks(tmp_path / "whole")
    assert sorted(map(len, parts)) == [2, 2, 3]


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "1/x", "-1/3", "/3"])
def test_a_shard_that_can_t_be_is_wrong_use(photos: Path, tmp_path: Path, shard: str) -> None:
    assert run(photos, "-o", tmp_path / "out", f"--shard={shard}") == 2
    assert not (tmp_path / "out").exists()


def test_more_shards_than_images_leave_some_with_nothing_to_do(photos: Path, tmp_path: Path) -> None:
    assert run(photos, "-o", tmp_path / "out", "--device", "cpu", "--shard", "9/9") == 0
    assert masks(tmp_path / "out") == []
