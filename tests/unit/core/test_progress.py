"""Jobs are generators that give a result."""

import pytest

from fcn_gui.core.progress import Job, Progress, retold, run_to_end


def counted(to: int, closed: list[str]) -> Job[int]:
    try:
        for i in range(to):
            yield Progress(i, to)
    finally:
        closed.append("closed")
    return to * to


def test_running_to_the_end_gives_the_result() -> None:
    closed: list[str] = []
    assert run_to_end(counted(4, closed)) == 16
    assert closed == ["closed"]
    assert run_to_end(counted(0, closed)) == 0


def test_a_closed_job_cleans_up() -> None:
    closed: list[str] = []
    job = counted(4, closed)
    next(job)
    job.close()
    assert closed == ["closed"]


@pytest.mark.parametrize(
    ("progress", "fraction"), [(Progress(), None), (Progress(3), None), (Progress(1, 4), 0.25), (Progress(5, 4), 1.0)]
)
def test_the_fraction_is_known_when_the_total_is(progress: Progress, fraction: float | None) -> None:
    assert progress.fraction == fraction


def test_a_job_told_in_another_way_has_the_same_result() -> None:
    job = retold(counted(3, []), lambda progress: Progress(progress.done + 10, 13, "in other words"))
    assert next(job) == Progress(10, 13, "in other words")
    assert run_to_end(job) == 9


def test_closing_it_closes_the_job_inside() -> None:
    closed: list[str] = []
    job = retold(counted(3, closed), lambda progress: progress)
    next(job)
    job.close()
    assert closed == ["closed"]
