"""The installed wheel does the command line's work from any folder."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fcn_gui.disk.bundled import samples_dir


def some_photos(count: int) -> list[Path]:
    return sorted((samples_dir() / "photos").glob("*.jpg"))[:count]


def test_the_wheel_brings_its_own_checkpoint(fcn_gui, installed):
    told = fcn_gui("doctor", "--json")
    assert told.returncode == 0, told.stderr
    checkpoint = Path(json.loads(told.stdout)["checkpoint"])
    assert checkpoint.is_file()
    assert installed.parents[1] in checkpoint.parents


def test_predict_writes_masks_in_the_palette_of_the_label_map_also_without_qt(fcn_gui, tmp_path):
    block = tmp_path / "PySide6"
    block.mkdir()
    (block / "__init__.py").write_text("raise ImportError('no Qt here')")
    photos = some_photos(2)
    told = fcn_gui("predict", *photos, "-o", "masks", "--json", env={"PYTHONPATH": str(tmp_path)})
    assert told.returncode == 0, told.stderr
    facts = json.loads(told.stdout)
    assert facts["images"] == 2
    assert facts["failed"] == []
    for photo in photos:
        with Image.open(tmp_path / "masks" / f"{photo.stem}.png") as mask, Image.open(photo) as image:
            assert mask.mode == "P"
            assert mask.size == image.size
            assert mask.getpalette()[3:6] == [128, 0, 0]
            assert np.asarray(mask).max() < 21


def test_predict_goes_on_after_a_file_that_can_not_be_read(fcn_gui, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(some_photos(1)[0].read_bytes()[:2000])
    told = fcn_gui("predict", "broken.jpg", *some_photos(1), "-o", "masks", "--json")
    assert told.returncode == 1
    facts = json.loads(told.stdout)
    assert facts["images"] == 1
    assert [Path(row["file"]).name for row in facts["failed"]] == ["broken.jpg"]
    assert "broken.jpg" in told.stderr


@pytest.mark.parametrize("arguments", [["predict"], ["evaluate"], ["no-such-command-or-folder"], ["train", "x"]])
def test_wrong_use_is_told_with_exit_code_2(fcn_gui, arguments):
    told = fcn_gui(*arguments)
    assert told.returncode == 2
    assert "Usage" in told.stderr or "Error" in told.stderr


def test_a_failure_is_one_line_with_exit_code_1(fcn_gui, tmp_path):
    told = fcn_gui("evaluate", tmp_path / "nowhere")
    assert told.returncode == 1
    assert len(told.stderr.strip().splitlines()) == 1
    assert "nowhere" in told.stderr
