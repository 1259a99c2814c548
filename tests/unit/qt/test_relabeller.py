"""Classes are removed, merged and moved off the main thread: with progress, cancel, undo, and nothing in between."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from fcn_gui.core.label_map_change import LabelMapChange
from fcn_gui.core.raster import VOID
from fcn_gui.disk import rewrite
from fcn_gui.qt.job_board import JobStatus
from fcn_gui.qt.session_model import SessionModel
from tests.fakes.segmenter import FakeSegmenter
from tests.unit.qt.test_session_model import MakeModel, Told, correct, open_folder, rest, the
from tests.unit.session.workshop import MAP, corrections, dab, new_session, photo

COW, TREE = 1, 2


def names(model: SessionModel) -> tuple[str, ...]:
    assert model.label_map is not None
    return model.label_map.names


def files(folder: Path) -> dict[str, bytes]:
    found = [path for kind in ("masks", "first") for path in (folder / ".fcn-gui" / kind).rglob("*.png")]
    return {path.name + path.parent.name: path.read_bytes() for path in found}


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Rewriting stops before its second file until the event is set."""
    is_open, real = threading.Event(), rewrite.encode_mask
    written: list[Path] = []

    def encode(mask: np.ndarray, palette: bytes) -> bytes:
        written.append(Path())
        if len(written) > 1:
            assert is_open.wait(20)
        return real(mask, palette)

    monkeypatch.setattr(rewrite, "encode_mask", encode)
    yield is_open
    is_open.set()


def test_a_class_goes_and_image_network_and_thumbnails_follow(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    correct(qtbot, model, "p0.png", photo(0)[1])
    before, vouched = the(model).masked.mask.copy(), the(model).masked.vouch > 0
    told, changes = Told(model), []
    model.relabelled.connect(changes.append)
    with qtbot.waitSignal(model.label_map_changed, timeout=10_000):
        model.remove_class(COW, TREE)
    assert names(model) == ("background", "tree")
    qtbot.waitUntil(lambda: the(model).prediction is not None, timeout=10_000)
    rest(qtbot, model)
    now = the(model).masked.mask
    assert np.array_equal(now[vouched], np.array([0, 1, 1], np.uint8)[before][vouched])
    assert the(model).prediction.labels.max() <= 1  # type: ignore[union-attr]
    assert [type(change) for change in changes] == [LabelMapChange]
    assert "cow went into tree, in all masks and in what is predicted." in told.texts()
    assert ("rewrite", "finished") in told.ended


def test_undo_by_key_and_by_the_button_of_the_message(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    model.apply_stroke(dab(10, 10, COW))
    model.save_now()
    rest(qtbot, model)
    before = files(folder)
    told = Told(model)
    for undo in (model.undo, lambda: model.run(told.messages[-1].actions[0][1])):
        with qtbot.waitSignal(model.label_map_changed, timeout=10_000):
            model.remove_class(COW, VOID)
        assert model.can_undo
        assert the(model).masked.mask[10, 10] == VOID
        with qtbot.waitSignal(model.label_map_changed, timeout=10_000):
            undo()
        assert files(folder) == before
        assert names(model) == MAP.names
        assert the(model).masked.mask[10, 10] == COW
        rest(qtbot, model)
    model.undo()
    assert the(model).masked.vouch[10, 10] == 0, "then comes the stroke"


def test_an_old_undo_button_does_nothing(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    with qtbot.waitSignal(model.label_map_changed, timeout=10_000):
        model.move_class(TREE, 1)
    with qtbot.waitSignal(model.label_map_changed, timeout=10_000):
        model.remove_class(1, 0)
    told = Told(model)
    assert model.run("class.undo_rewrite:1")
    assert "not the last one" in told.texts()
    assert names(model) == ("background", "cow")


def test_cancel_leaves_everything_as_it_was(
    qtbot: QtBot, model: SessionModel, folder: Path, gate: threading.Event
) -> None:
    open_folder(qtbot, model, folder)
    correct(qtbot, model, "p1.png", photo(1)[1])
    rest(qtbot, model)
    model.save_now()
    rest(qtbot, model)
    before, told = files(folder), Told(model)
    jobs: list[JobStatus] = []
    model.job_progressed.connect(jobs.append)
    model.remove_class(COW, TREE)
    qtbot.waitUntil(lambda: any(job.kind == "rewrite" and job.can_cancel for job in jobs))
    model.cancel_job(None)
    gate.set()
    qtbot.waitUntil(lambda: ("rewrite", "cancelled") in told.ended, timeout=10_000)
    rest(qtbot, model)
    assert files(folder) == before
    assert names(model) == MAP.names
    assert not (folder / ".fcn-gui/rewrite.new").exists()
    model.apply_stroke(dab(5, 5, TREE))
    assert the(model).masked.mask[5, 5] == TREE


def test_meanwhile_nothing_changes_and_images_can_be_looked_at(
    qtbot: QtBot, model: SessionModel, folder: Path, gate: threading.Event
) -> None:
    open_folder(qtbot, model, folder)
    model.apply_stroke(dab(10, 10, COW))
    model.save_now()
    rest(qtbot, model)
    model.remove_class(COW, TREE)
    assert model.is_rewriting
    told, before = Told(model), the(model).masked.mask.copy()
    for verb in (lambda: model.apply_stroke(dab(3, 3, TREE)), model.retrain, lambda: model.remove_class(2, 0)):
        verb()
        assert "being rewritten" in told.messages[-1].text
    assert np.array_equal(the(model).masked.mask, before)
    model.select("p3.png")
    qtbot.waitUntil(lambda: the(model).key == "p3.png", timeout=10_000)
    with qtbot.waitSignal(model.label_map_changed, timeout=10_000):
        gate.set()
    qtbot.waitUntil(lambda: the(model).prediction is not None, timeout=10_000)
    assert the(model).masked.mask.max() <= 1
    model.select("p0.png")
    qtbot.waitUntil(lambda: the(model).key == "p0.png", timeout=10_000)
    assert the(model).masked.mask[10, 10] == 1


@pytest.mark.parametrize("is_late", [False, True])
def test_closing_meanwhile_leaves_the_old_or_the_new(
    qtbot: QtBot, make_model: MakeModel, folder: Path, gate: threading.Event, is_late: bool
) -> None:
    model = make_model()
    open_folder(qtbot, model, folder)
    model.apply_stroke(dab(10, 10, COW))
    rest(qtbot, model)
    model.remove_class(COW, VOID)
    if is_late:
        late: list[JobStatus] = []
        model.job_progressed.connect(lambda job: late.append(job) if job.kind == "rewrite end" else None)
        gate.set()
        qtbot.waitUntil(lambda: bool(late), timeout=10_000)
    model.close_project()
    gate.set()
    model.shutdown()
    again = make_model()
    open_folder(qtbot, again, folder)
    expected = ("background", "tree") if is_late else MAP.names
    assert names(again) == expected
    assert the(again).masked.mask[10, 10] == (VOID if is_late else COW)
    assert the(again).masked.vouch[10, 10] == 2
    assert not list((folder / ".fcn-gui").glob("rewrite*"))


def test_a_read_only_project_refuses(qtbot: QtBot, make_model: MakeModel, folder: Path) -> None:
    first = make_model()
    open_folder(qtbot, first, folder)
    rest(qtbot, first)
    second = make_model()
    open_folder(qtbot, second, folder)
    told = Told(second)
    second.remove_class(COW, TREE)
    assert "read-only" in told.texts()
    assert names(second) == MAP.names and not second.is_rewriting


@pytest.mark.parametrize("verb", [lambda m: m.remove_class(0, 1), lambda m: m.move_class(1, 0)])
def test_what_cannot_be_done_is_said(
    qtbot: QtBot, model: SessionModel, folder: Path, verb: Callable[[SessionModel], None]
) -> None:
    open_folder(qtbot, model, folder)
    told = Told(model)
    verb(model)
    assert "background" in told.texts()
    assert not model.is_rewriting


def test_a_full_disk_is_told_and_work_goes_on(
    qtbot: QtBot, model: SessionModel, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_folder(qtbot, model, folder)
    rest(qtbot, model)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rewrite, "write_new", full)
    told = Told(model)
    model.remove_class(COW, TREE)
    qtbot.waitUntil(lambda: "disk is full" in told.texts(), timeout=10_000)
    qtbot.waitUntil(lambda: not model.is_rewriting)
    model.apply_stroke(dab(5, 5, COW))
    assert the(model).masked.mask[5, 5] == COW


def test_pixels_in_doubt_are_counted_again_where_a_class_went_or_came_back_but_not_meanwhile(
    qtbot: QtBot, folder: Path, tmp_path: Path, gate: threading.Event
) -> None:
    session = new_session(tmp_path / "scratch")
    model = SessionModel(session, FakeSegmenter)
    open_folder(qtbot, model, folder)
    for stroke in corrections(photo(0)[1], every=1):
        model.apply_stroke(stroke)
    model.save_now()
    rest(qtbot, model)
    told, item = Told(model), session.need_project().item("p0.png")
    session.settings.set("net.working_size", "own")
    session.settings.set("net.long_side_px", 1025)
    model.keep_settings()
    rest(qtbot, model)
    assert ("recheck", "finished") in told.ended
    doubted = item.doubted_px
    assert doubted > 0, "it takes grass for a cow"
    session.settings.set("net.long_side_px", 513)
    model.keep_settings()
    model.remove_class(COW, 0)
    qtbot.waitUntil(lambda: {"rewrite"} == {job.kind for job in model.jobs}, timeout=10_000)
    model.cancel_job(None)
    gate.set()
    rest(qtbot, model)
    assert names(model) == MAP.names
    ended = [(kind, how) for kind, how in told.ended if kind in ("rewrite", "recheck")]
    assert ended[-2:] == [("rewrite", "cancelled"), ("recheck", "finished")]
    gate.clear()
    model.remove_class(COW, 0)
    gate.set()
    rest(qtbot, model)
    assert item.doubted_px == 0, "grass and cow are one class now"
    model.undo_rewrite()
    rest(qtbot, model)
    assert item.doubted_px == doubted
    model.shutdown()
