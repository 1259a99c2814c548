"""What others do to the folder while it is ours: a second window, images replaced, renamed, deleted, drives gone."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from fcn_gui.session.project import Status
from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.desk import Desk
from tests.unit.session.workshop import photo

CHECKOUT = Path(__file__).parents[3]


def fcn_gui(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fcn_gui", *map(str, arguments)]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=100)


def test_a_second_window_is_read_only_and_says_who_has_it(make_desk: MakeDesk, photos: Path, tmp_path: Path) -> None:
    first = make_desk().open(photos)
    first.paint((10.5, 10.5), label=2)
    first.model.save_now()
    first.rest()
    second = make_desk(home=tmp_path / "other home").open(photos)
    assert "read-only" in second.texts()
    assert str(os.getpid()) in second.texts(), "says who has it"
    assert second.model.is_read_only
    assert second.document.masked.mask[10, 10] == 2, "it shows what is saved"
    second.paint((20.5, 20.5), label=2)
    assert second.document.masked.vouch[20, 20] == 0
    told = fcn_gui("export", photos, "-o", tmp_path / "voc")
    assert (told.returncode, len(told.stderr.strip().splitlines())) == (1, 1)
    assert "open in" in told.stderr
    assert not (tmp_path / "voc").exists()
    first.paint((20.5, 20.5), label=1)
    assert first.document.masked.mask[20, 20] == 1, "the first goes on"
    first.close()
    second.close()
    third = make_desk().open(photos)
    assert not third.model.is_read_only
    assert third.document.masked.mask[20, 20] == 1


def test_a_replaced_image_is_noticed_and_its_mask_kept(make_desk: MakeDesk, photos: Path) -> None:
    desk = make_desk().open(photos)
    desk.paint((10.5, 10.5), label=2)
    desk.close()
    PillowImage.fromarray(photo(9)[0]).save(photos / "p0.png")
    again = make_desk().open(photos)
    assert "p0.png" in again.texts()
    assert "replaced" in again.texts()
    assert again.document.masked.mask[10, 10] == 2
    assert again.document.masked.vouch[10, 10] == 2


def test_an_image_replaced_by_one_of_another_size_keeps_its_mask_on_disk(make_desk: MakeDesk, photos: Path) -> None:
    desk = make_desk().open(photos)
    desk.paint((10.5, 10.5), label=2)
    desk.close()
    mask = (photos / ".fcn-gui" / "masks" / "p0.png.png").read_bytes()
    PillowImage.new("RGB", (50, 40)).save(photos / "p0.png")
    again = make_desk().open(photos)
    assert "50 × 40" in again.texts()
    again.close()
    assert (photos / ".fcn-gui" / "masks" / "p0.png.png").read_bytes() == mask


def test_a_deleted_image_is_listed_and_its_mask_kept_until_it_comes_back(make_desk: MakeDesk, photos: Path) -> None:
    desk = make_desk().open(photos)
    desk.paint((10.5, 10.5), label=2)
    desk.close()
    picture = (photos / "p0.png").read_bytes()
    (photos / "p0.png").unlink()
    again = make_desk().open(photos)
    assert again.item("p0.png").status is Status.PROBLEM
    assert "no longer in the folder" in again.texts()
    assert "no longer in the folder" in again.row("p0.png")
    again.close()
    (photos / "p0.png").write_bytes(picture)
    back = make_desk().open(photos)
    assert back.show("p0.png").masked.vouch[10, 10] == 2


def test_a_renamed_image_is_listed_as_missing_and_its_mask_kept(make_desk: MakeDesk, photos: Path) -> None:
    desk = make_desk().open(photos)
    desk.paint((10.5, 10.5), label=2)
    desk.close()
    (photos / "p0.png").rename(photos / "renamed.png")
    again = make_desk().open(photos)
    assert again.item("p0.png").status is Status.PROBLEM
    assert again.show("renamed.png").masked.vouch.any() == np.False_
    again.close()
    assert (photos / ".fcn-gui" / "masks" / "p0.png.png").is_file()


def test_an_image_deleted_while_it_is_open_can_be_painted_on(desk: Desk, photos: Path) -> None:
    desk.open(photos)
    (photos / "p0.png").unlink()
    (photos / "p3.png").unlink()
    desk.paint((10.5, 10.5), label=2)
    desk.model.save_now()
    desk.rest()
    saved = desk.model.project.folder.read_mask("p0.png")
    assert saved is not None
    assert saved[10, 10] == 2
    desk.model.select("p3.png")
    desk.rest()
    assert "p3.png" in desk.told[-1].text
    assert desk.item("p3.png").status is Status.PROBLEM


def test_a_drive_pulled_out_costs_no_stroke(make_desk: MakeDesk, photos: Path, tmp_path: Path) -> None:
    desk = make_desk().open(photos)
    desk.paint((5.5, 5.5), label=2)
    photos.rename(tmp_path / "pulled")
    desk.paint((10.5, 10.5), label=2)
    desk.model.save_now()
    desk.rest()
    assert str(photos) in desk.texts()
    assert "saved again" in desk.texts()
    assert not photos.exists(), "it does not come back as an empty folder"
    desk.close()
    (tmp_path / "pulled").rename(photos)
    again = make_desk().open(photos)
    assert again.document.masked.mask[[5, 10], [5, 10]].tolist() == [2, 2]
    assert again.document.masked.vouch[[5, 10], [5, 10]].tolist() == [2, 2]


def test_a_full_disk_is_told_and_nothing_is_lost(
    make_desk: MakeDesk, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk().open(photos)
    real, is_full = os.write, threading.Event()

    def write(descriptor: int, data: bytes) -> int:
        if is_full.is_set():
            raise OSError(28, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    is_full.set()
    desk.paint((10.5, 10.5), label=2)
    desk.model.save_now()
    desk.rest()
    assert f"{photos / '.fcn-gui'}" in desk.texts()
    assert "the disk is full; free some space" in desk.texts()
    assert desk.document.is_dirty
    desk.paint((20.5, 10.5), label=1)
    desk.rest()
    is_full.clear()
    desk.model.save_now()
    desk.rest()
    assert not desk.document.is_dirty, "saved again as soon as there is room"
    desk.close()
    again = make_desk().open(photos)
    assert again.document.masked.mask[10, [10, 20]].tolist() == [2, 1]
