"""What is written is written in order, told once, and finished before the end."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from fcn_gui.core.errors import SaveError
from fcn_gui.qt.disk_worker import DiskWorker
from fcn_gui.session.change import Write


@pytest.fixture
def disk(qtbot: QtBot) -> Iterator[DiskWorker]:
    worker = DiskWorker()
    yield worker
    worker.close()
    qtbot.waitUntil(lambda: worker.is_idle)


class Gate:
    """A write that waits, so that others queue up behind it."""

    def __init__(self, disk: DiskWorker) -> None:
        self.opened, begun = threading.Event(), threading.Event()

        def wait() -> None:
            begun.set()
            self.opened.wait(5)

        disk.submit(Write("gate", wait))
        assert begun.wait(5)


def test_saves_are_in_order_and_syncs_go_before_them_once(qtbot: QtBot, disk: DiskWorker) -> None:
    seen: list[str] = []
    gate = Gate(disk)
    for name in ("save a", "sync a", "save b", "sync a", "sync b"):
        disk.submit(Write(name, lambda name=name: seen.append(name)))  # type: ignore[misc]
    gate.opened.set()
    qtbot.waitUntil(lambda: disk.is_idle)
    assert seen == ["sync a", "sync b", "save a", "save b"]


def test_a_sync_asked_for_after_one_began_is_made_too(qtbot: QtBot, disk: DiskWorker) -> None:
    seen: list[str] = []
    disk.submit(Write("sync a", lambda: seen.append("first")))
    qtbot.waitUntil(lambda: disk.is_idle)
    disk.submit(Write("sync a", lambda: seen.append("second")))
    qtbot.waitUntil(lambda: disk.is_idle)
    assert seen == ["first", "second"]


def test_done_is_called_on_the_main_thread_when_it_went_well(qtbot: QtBot, disk: DiskWorker) -> None:
    where: list[tuple[str, bool]] = []
    here = threading.current_thread()
    disk.submit(
        Write(
            "save a",
            lambda: where.append(("run", threading.current_thread() is here)),
            lambda: where.append(("done", threading.current_thread() is here)),
        )
    )
    qtbot.waitUntil(lambda: len(where) == 2)
    assert where == [("run", False), ("done", True)]


def test_a_failed_write_is_told_and_the_next_goes_on(qtbot: QtBot, disk: DiskWorker) -> None:
    told: list[tuple[str, str]] = []
    done: list[str] = []
    disk.failed.connect(lambda write, error: told.append((write.kind, str(error))))

    def full() -> None:
        raise SaveError("The disk is full.")

    disk.submit(Write("save a", full, lambda: done.append("a")))
    disk.submit(Write("save b", lambda: None, lambda: done.append("b")))
    qtbot.waitUntil(lambda: disk.is_idle)
    assert told == [("save a", "The disk is full.")]
    assert done == ["b"]


def test_when_written_comes_after_all_that_was_asked_for(qtbot: QtBot, disk: DiskWorker) -> None:
    seen: list[str] = []
    gate = Gate(disk)
    disk.submit(Write("save a", lambda: seen.append("a")))
    disk.when_written(lambda: seen.append("written"))
    assert seen == []
    gate.opened.set()
    qtbot.waitUntil(lambda: "written" in seen)
    assert seen == ["a", "written"]


def test_closing_writes_what_waits(qtbot: QtBot) -> None:
    worker, seen = DiskWorker(), []
    gate = Gate(worker)
    for number in range(5):
        worker.submit(Write("save", lambda number=number: seen.append(number)))  # type: ignore[misc]
    threading.Timer(0.01, gate.opened.set).start()
    worker.close()
    assert seen == list(range(5))
    qtbot.waitUntil(lambda: worker.is_idle)
