"""The log of a training: a line for each step, at once."""

import json
from pathlib import Path

import pytest

from fcn_gui.core.errors import SaveError
from fcn_gui.learn.step_log import StepLog


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def work() -> None:
    sum(number * number for number in range(200_000))


def test_a_line_a_step_with_what_all_steps_took(tmp_path: Path) -> None:
    log = StepLog(tmp_path / "log.jsonl")
    assert lines(tmp_path / "log.jsonl") == []
    for number in range(3):
        log.begin()
        work()
        log.write(4, 2.5 - number)
        assert len(lines(tmp_path / "log.jsonl")) == number + 1
        work()
    found = lines(tmp_path / "log.jsonl")
    assert [(line["step"], line["images"], line["loss"]) for line in found] == [(1, 4, 2.5), (2, 4, 1.5), (3, 4, 0.5)]
    for kind in ("seconds", "cpu_seconds"):
        spent = [0.0, *(line[kind] for line in found)]
        assert sorted(set(spent)) == spent


def test_what_happens_between_steps_does_not_count(tmp_path: Path) -> None:
    log = StepLog(tmp_path / "log.jsonl")
    for _ in range(50):
        work()
    log.begin()
    log.write(1, 1.0)
    assert lines(tmp_path / "log.jsonl")[0]["cpu_seconds"] < 0.05


def test_it_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text("old\n")
    StepLog(tmp_path / "log.jsonl")
    assert lines(tmp_path / "log.jsonl") == []


def test_without_a_path_nothing_is_written() -> None:
    log = StepLog()
    log.begin()
    log.write(1, 1.0)


def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match=r"no/log\.jsonl can't be written"):
        StepLog(tmp_path / "no" / "log.jsonl")
