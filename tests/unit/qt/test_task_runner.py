"""One job has exactly one end, and a runner does the most urgent thing first, step by step."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from fcn_gui.core.progress import Job, Progress
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task


@pytest.fixture
def runner() -> Iterator[Runner]:
    made = Runner("test")
    yield made
    made.close()
    assert not [t for t in threading.enumerate() if t.name == "fcn-gui test"]


def counting(steps: int, seen: list[str], name: str = "") -> Job[int]:
    for step in range(steps):
        seen.append(f"{name}{step}")
        yield Progress(step, steps, name, {"step": step})
    return steps


def ends(task: Task) -> list[str]:
    told: list[str] = []
    task.finished.connect(lambda result: told.append(f"finished {result}"))
    task.failed.connect(lambda error: told.append(f"failed {error}"))
    task.cancelled.connect(lambda: told.append("cancelled"))
    return told


def test_a_job_tells_its_progress_then_its_result_on_the_main_thread(qtbot: QtBot, runner: Runner) -> None:
    steps: list[tuple[float, bool]] = []
    task = Task("count", counting(3, []))
    task.progressed.connect(
        lambda p: steps.append((p.numbers["step"], threading.current_thread() is threading.main_thread()))
    )
    told = ends(task)
    runner.submit(task)
    qtbot.waitUntil(lambda: bool(told))
    assert steps == [(0, True), (1, True), (2, True)]
    assert told == ["finished 3"]


def test_a_job_that_breaks_fails_once(qtbot: QtBot, runner: Runner) -> None:
    def broken() -> Job[None]:
        yield Progress()
        raise ValueError("no good")

    task = Task("break", broken())
    told = ends(task)
    runner.submit(task)
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["failed no good"]


def test_a_cancelled_job_is_closed_and_says_so_once(qtbot: QtBot, runner: Runner) -> None:
    was_closed = threading.Event()

    def endless() -> Job[None]:
        try:
            while True:
                yield Progress(numbers={"a": 1.0})
        finally:
            was_closed.set()

    task = Task("endless", endless())
    told = ends(task)
    task.progressed.connect(lambda _: task.cancel())
    runner.submit(task)
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["cancelled"]
    assert was_closed.is_set()


def test_an_urgent_job_goes_between_the_steps_of_a_long_one(qtbot: QtBot, runner: Runner) -> None:
    seen: list[str] = []
    half_way, go_on = threading.Event(), threading.Event()

    def long() -> Job[None]:
        for step in range(4):
            seen.append(f"long {step}")
            if step == 1:
                half_way.set()
                go_on.wait(5)
            yield Progress()

    def short() -> Job[None]:
        seen.append("short")
        yield Progress()

    slow, quick = Task("long", long(), 80), Task("short", short(), 10)
    told = ends(slow)
    runner.submit(slow)
    assert half_way.wait(5)
    runner.submit(quick)
    go_on.set()
    qtbot.waitUntil(lambda: bool(told))
    assert seen == ["long 0", "long 1", "short", "long 2", "long 3"]


def test_the_newest_of_a_kind_wins(qtbot: QtBot, runner: Runner) -> None:
    started, go_on = threading.Event(), threading.Event()

    def blocking() -> Job[None]:
        started.set()
        go_on.wait(5)
        yield Progress()

    tasks = [Task("block", blocking(), 0), *(Task("predict", counting(1, [])) for _ in range(3))]
    told = [ends(task) for task in tasks]
    runner.submit(tasks[0])
    assert started.wait(5)
    for task in tasks[1:]:
        runner.submit(task, is_latest_of_kind=True)
    go_on.set()
    qtbot.waitUntil(lambda: all(told))
    assert told == [["finished None"], ["cancelled"], ["cancelled"], ["finished 1"]]


def test_closing_cancels_what_waits_or_drains_it(qtbot: QtBot) -> None:
    for drain, expected in ((False, "cancelled"), (True, "finished 2")):
        runner = Runner("test")
        started, go_on = threading.Event(), threading.Event()

        def blocking(started: threading.Event = started, go_on: threading.Event = go_on) -> Job[None]:
            started.set()
            go_on.wait(5)
            yield Progress()

        waiting = Task("count", counting(2, []))
        told = ends(waiting)
        runner.submit(Task("block", blocking(), 0))
        assert started.wait(5)
        runner.submit(waiting)
        threading.Timer(0.01, go_on.set).start()
        runner.close(drain=drain)
        qtbot.waitUntil(lambda told=told: bool(told))  # type: ignore[misc]
        assert told == [expected]
        with pytest.raises(RuntimeError):
            runner.submit(Task("late", counting(1, [])))


def test_a_task_that_nobody_holds_still_tells_its_end(qtbot: QtBot, runner: Runner) -> None:
    told: list[object] = []

    def submit() -> None:
        task = Task("count", counting(2, []))
        task.finished.connect(told.append)
        runner.submit(task)

    for _ in range(20):
        submit()
    qtbot.waitUntil(lambda: runner.is_idle)
    qtbot.waitUntil(lambda: told == [2] * 20)


def test_a_paused_task_waits_and_others_go_on_and_it_resumes_where_it_was(qtbot: QtBot, runner: Runner) -> None:
    seen: list[int] = []
    is_enough = threading.Event()

    def long() -> Job[int]:
        while not is_enough.is_set():
            seen.append(len(seen))
            yield Progress()
        return len(seen)

    paused = Task("long", long())
    told = ends(runner.submit(paused))
    qtbot.waitUntil(lambda: len(seen) > 3)
    paused.pause()
    for _ in range(2):  # the step under way may still end before the first
        steps = len(seen)
        other = ends(runner.submit(Task("short", counting(2, []))))
        qtbot.waitUntil(lambda other=other: other == ["finished 2"])
    assert len(seen) == steps
    assert not runner.is_idle
    paused.resume()
    qtbot.waitUntil(lambda: len(seen) > steps)
    is_enough.set()
    qtbot.waitUntil(lambda: bool(told))
    assert told == [f"finished {len(seen)}"]


@pytest.mark.parametrize("is_drained", [True, False])
def test_a_paused_task_has_its_end_on_close(qtbot: QtBot, runner: Runner, is_drained: bool) -> None:
    task = Task("long", counting(3, []))
    task.pause()
    told = ends(runner.submit(task))
    runner.close(drain=is_drained)
    qtbot.waitUntil(lambda: bool(told))
    assert told == (["finished 3"] if is_drained else ["cancelled"])


def test_it_is_not_idle_until_every_end_was_told(qtbot: QtBot, runner: Runner) -> None:
    task = Task("count", counting(2, []))
    told = ends(task)
    runner.submit(task)
    runner.close(drain=True)
    assert not told, "the thread is through, but nothing was heard of it yet"
    assert not runner.is_idle
    qtbot.waitUntil(lambda: runner.is_idle)
    assert told == ["finished 2"]
