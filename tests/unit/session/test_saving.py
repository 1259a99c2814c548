"""A disk that is full or gone costs nothing: the work is kept elsewhere and comes home."""

import shutil
from pathlib import Path

import pytest

from fcn_gui.core.errors import SaveError
from fcn_gui.core.progress import run_to_end
from fcn_gui.session import headless
from fcn_gui.session.opening import load, open_project
from fcn_gui.session.saving import SavedElsewhereError
from tests.unit.session.workshop import MAP, at_work, dab, make_folder, new_session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos")


def test_a_drive_that_is_pulled_out_and_put_back(tmp_path: Path, folder: Path) -> None:
    away = tmp_path / "elsewhere"
    with (
        pytest.raises(SaveError),
        at_work(folder, tmp_path / "scratch") as (session, _),
    ):
        folder.rename(away)
        change = session.apply_stroke(dab(10.5, 10.5, 2))
        assert session.document is not None
        assert session.document.masked.mask[10, 10] == 2
        with pytest.raises(SavedElsewhereError, match="photos"):
            headless.carry_out(change)
        assert session.has_unsaved
    shutil.rmtree(folder, ignore_errors=True)
    away.rename(folder)
    found = run_to_end(open_project(folder))
    assert found.lock is not None
    found.lock.release()
    assert found.messages
    mask, vouch = found.folder.read_mask("p0.png"), found.folder.read_vouch("p0.png")
    assert mask is not None
    assert vouch is not None
    assert (mask[10, 10], vouch[10, 10]) == (2, 2)


def test_a_full_disk_keeps_the_work_in_memory_until_it_can_be_saved(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise SaveError("The disk is full.")

    with at_work(folder, tmp_path / "scratch") as (session, engine):
        with monkeypatch.context() as context:
            context.setattr("fcn_gui.disk.mask_file.write_bytes", full)
            session.apply_stroke(dab(10.5, 10.5, 2))
            with pytest.raises(SaveError, match="full"):
                headless.carry_out(session.save_all())
            change = session.leave()
            session.show(run_to_end(load(session.load_request("p1.png"))))
            assert change.writes
            assert session.has_unsaved
        headless.show(session, "p0.png", engine)
        assert session.document is not None
        assert session.document.masked.mask[10, 10] == 2
        headless.carry_out(session.save_all())
        assert not session.has_unsaved


def test_a_crash_is_told_with_what_came_back(tmp_path: Path, folder: Path) -> None:
    scratch = tmp_path / "scratch"
    with at_work(folder, scratch) as (session, engine):
        session.apply_stroke(dab(10.5, 10.5, 2))
        session.apply_stroke(dab(20.5, 10.5, 1))
        headless.show(session, "p1.png", engine)
        session.apply_stroke(dab(5.5, 5.5, 1))
        # What a kill leaves: the files as they are now.
        shutil.copytree(folder, tmp_path / "left")
    found = run_to_end(open_project(tmp_path / "left"))
    assert found.lock is not None
    found.lock.release()
    assert [message.text for message in found.messages] == ["Reopened after a crash: 1 stroke on 1 image is back."]
    with headless.opened(new_session(scratch), tmp_path / "left", label_map=MAP) as session:
        assert session.need_project().item("p1.png").strokes == 1
        assert session.need_project().item("p1.png").held_out is not None
