"""state.jsonl: the last row of an image holds."""

import json
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.errors import NewerFormatError, ProjectError
from fcn_gui.disk.state_log import StateLog, StateRow

ROWS = st.builds(
    StateRow,
    key=st.sampled_from(["a.jpg", "b b/c.png", "new\nline.jpg", "caf\udce9.jpg", "写真.jpg"]),
    status=st.sampled_from(["new", "predicted", "verified"]),
    held_out=st.none() | st.booleans(),
    size=st.integers(0, 2**40),
    mtime=st.floats(0, 2e9),
    digest=st.text("0123456789abcdef", max_size=64),
    seconds=st.floats(0, 1e6),
    strokes=st.integers(0, 10**6),
    note=st.text(max_size=20),
    raised=st.none() | st.text(max_size=10),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ROWS, max_size=12))
def test_the_last_row_of_each_key_comes_back_before_and_after_compaction(
    tmp_path_factory: pytest.TempPathFactory, rows: list[StateRow]
) -> None:
    log = StateLog(tmp_path_factory.mktemp("project"))
    for row in rows:
        log.append(row)
    last = {row.key: row for row in rows}
    assert log.read() == (last, {})
    log.compact(*log.read())
    assert StateLog(log.path.parent).read() == (last, {})
    assert len(log.path.read_bytes().splitlines()) == 1 + len(last)


def test_stored_names_are_kept_beside_the_rows(tmp_path: Path) -> None:
    log = StateLog(tmp_path)
    log.append_stem("A.jpg", "0" * 64)
    log.append(StateRow("A.jpg", "verified"))
    log.compact(*log.read())
    assert log.read() == ({"A.jpg": StateRow("A.jpg", "verified")}, {"A.jpg": "0" * 64})


def test_rows_that_lead_elsewhere_or_make_no_sense_are_passed_over(tmp_path: Path) -> None:
    log = StateLog(tmp_path)
    log.append(StateRow("a.jpg"))
    lines = [
        {"key": "../x.jpg", "status": "verified"},
        {"key": "/etc/passwd"},
        {"key": 5},
        {"key": "b.jpg", "stem": "../../x"},
        {"key": "c.jpg", "stem": 5},
        {"other": 1},
    ]
    with log.path.open("a") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines) + "no json\n")
    assert log.read() == ({"a.jpg": StateRow("a.jpg")}, {})
    assert log.refused == len(lines) + 1


def test_a_value_of_the_wrong_kind_falls_back_alone(tmp_path: Path) -> None:
    log = StateLog(tmp_path)
    log.append(StateRow("a.jpg"))
    with log.path.open("a") as file:
        file.write('{"key":"a.jpg","status":5,"held_out":1,"strokes":-3,"seconds":NaN,"note":"kept","later":1}\n')
    assert log.read()[0]["a.jpg"] == StateRow("a.jpg", note="kept")


def test_a_torn_last_row_never_happened(tmp_path: Path) -> None:
    log = StateLog(tmp_path)
    log.append(StateRow("a.jpg", "predicted"))
    log.append(StateRow("a.jpg", "verified"))
    log.path.write_bytes(log.path.read_bytes()[:-3])
    assert StateLog(tmp_path).read()[0]["a.jpg"].status == "predicted"


def test_a_newer_log_is_refused_and_not_touched(tmp_path: Path) -> None:
    log = StateLog(tmp_path)
    log.path.write_text('{"format":"fcn-gui/state","version":9}\n')
    before = log.path.read_bytes()
    for act in (log.read, lambda: log.append(StateRow("a.jpg")), lambda: log.compact({}, {})):
        with pytest.raises(NewerFormatError):
            act()
    assert log.path.read_bytes() == before


def test_another_programs_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.jsonl").write_text('{"format":"other","version":1}\n')
    with pytest.raises(ProjectError, match="move it away"):
        StateLog(tmp_path).read()


def test_fifty_thousand_rows_are_read_at_once(tmp_path: Path) -> None:
    log = StateLog(tmp_path)
    rows = {
        f"folder/image {n}.jpg": StateRow(f"folder/image {n}.jpg", "predicted", n % 5 == 0, n, 1.7e9 + n, "ab" * 32)
        for n in range(50_000)
    }
    log.compact(rows, {})
    lines = log.path.read_bytes().splitlines()
    plain, seconds = [], []
    for _ in range(3):  # in turns, and the best of each counts: a busy moment falls on neither
        start = perf_counter()
        for line in lines:
            json.loads(line)
        plain.append(perf_counter() - start)
        start = perf_counter()
        found = log.read()[0]
        seconds.append(perf_counter() - start)
    assert found == rows
    assert min(seconds) < 8 * min(plain), "as a ratio to parsing alone, since machines are shared"
