"""Finished strokes outlive the process."""

import json
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.errors import NewerFormatError, SaveError
from fcn_gui.disk.journal import Journal


def entries(*numbers: int) -> list[dict[str, int]]:
    return [{"stroke": n} for n in numbers]


def filled(folder: Path, *numbers: int) -> Journal:
    journal = Journal(folder, "a.jpg")
    for entry in entries(*numbers):
        journal.append(entry)
    return journal


def test_an_image_without_strokes_has_no_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "a.jpg")
    assert journal.read() == []
    journal.sync()
    journal.clear()
    assert list(tmp_path.iterdir()) == []


def test_strokes_come_back_in_order_to_another_reader(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1, 2, 3)
    journal.sync()
    assert Journal(tmp_path, "a.jpg").read() == entries(1, 2, 3)
    assert journal.path == tmp_path / "a.jpg.jsonl"


def test_append_says_how_many_strokes_wait_for_a_save(tmp_path: Path) -> None:
    filled(tmp_path, 1, 2)
    assert Journal(tmp_path, "a.jpg").append({"stroke": 3}) == 3


def test_strokes_of_a_sub_folder_have_a_folder_of_their_own(tmp_path: Path) -> None:
    Journal(tmp_path, "day 1/ä\n.jpg").append({"stroke": 1})
    assert Journal(tmp_path, "day 1/ä\n.jpg").read() == entries(1)


def test_a_save_drops_what_it_holds_and_keeps_what_came_after(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1, 2, 3)
    journal.drop_through(2)
    assert journal.read() == entries(3)
    assert Journal(tmp_path, "a.jpg").read() == entries(3)
    journal.append({"stroke": 4})
    journal.drop_through(1)
    assert Journal(tmp_path, "a.jpg").read() == entries(4)


def test_a_save_of_everything_removes_the_file(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1, 2)
    journal.drop_through(2)
    assert list(tmp_path.iterdir()) == []
    assert journal.append({"stroke": 3}) == 1


def test_a_torn_last_line_never_happened(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1, 2)
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-4])
    again = Journal(tmp_path, "a.jpg")
    assert again.read() == entries(1)
    assert again.damaged == 1
    again.append({"stroke": 5})
    assert Journal(tmp_path, "a.jpg").read() == entries(1, 5)


def test_zeros_that_a_power_cut_leaves_are_passed_over(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1)
    with journal.path.open("ab") as file:
        file.write(bytes(512))
    again = Journal(tmp_path, "a.jpg")
    again.append({"stroke": 2})
    assert again.read() == entries(1, 2)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_kill_at_any_byte_keeps_every_whole_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    journal = filled(tmp_path_factory.mktemp("journal"), 1, 2, 3, 4)
    whole = journal.path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    journal.path.write_bytes(whole[:cut])
    count = max(0, whole[:cut].count(b"\n") - 1)
    assert Journal(journal.path.parent, "a.jpg").read() == entries(1, 2, 3, 4)[:count]


def test_a_newer_journal_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg.jsonl"
    text = json.dumps({"format": "fcn-gui/journal", "version": 3}) + '\n{"other": 1}\n'
    path.write_text(text)
    journal = Journal(tmp_path, "a.jpg")
    with pytest.raises(NewerFormatError, match="newer"):
        journal.read()
    with pytest.raises(NewerFormatError):
        journal.append({"stroke": 1})
    with pytest.raises(NewerFormatError):
        journal.clear()
    assert path.read_text() == text


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(SaveError):
            journal.append({"stroke": "x" * 5000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert journal.read() == entries(1)
    assert journal.append({"stroke": 2}) == 2
    assert Journal(tmp_path, "a.jpg").read() == entries(1, 2)


def test_a_link_in_place_of_the_journal_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("theirs\n")
    folder = tmp_path / "journal"
    folder.mkdir()
    (folder / "a.jpg.jsonl").symlink_to(outside)
    with pytest.raises(SaveError):
        Journal(folder, "a.jpg").append({"stroke": 1})
    assert outside.read_text() == "theirs\n"


def test_strokes_during_saves_are_neither_lost_nor_doubled(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "a.jpg")
    saved: list[int] = []
    is_done = threading.Event()

    def save() -> None:
        while not is_done.is_set():
            waiting = [entry["stroke"] for entry in journal.read()]
            journal.sync()
            saved.extend(waiting)
            journal.drop_through(len(waiting))

    thread = threading.Thread(target=save)
    thread.start()
    for number in range(200):
        journal.append({"stroke": number})
    is_done.set()
    thread.join()
    assert saved + [entry["stroke"] for entry in journal.read()] == list(range(200))


PAINTER = """
import sys
from pathlib import Path
from fcn_gui.disk.journal import Journal
journal = Journal(Path(sys.argv[1]), "a.jpg")
for n in range(1_000_000):
    journal.append({"stroke": n, "pixels": "x" * 3000})
    print(n, flush=True)
"""


@pytest.mark.parametrize("strokes", [1, 7, 40])
def test_every_finished_stroke_survives_a_kill(tmp_path: Path, strokes: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", PAINTER, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(strokes):
        finished = int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()
    found = [entry["stroke"] for entry in Journal(tmp_path, "a.jpg").read()]
    assert found == list(range(len(found)))
    assert len(found) > finished
