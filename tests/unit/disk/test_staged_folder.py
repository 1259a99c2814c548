"""A folder appears as a whole or not at all."""

from pathlib import Path

import pytest

from fcn_gui.core.errors import ExportError
from fcn_gui.disk.staged_folder import StagedFolder


def fill(folder: Path, text: str) -> None:
    (folder / "sub").mkdir(parents=True, exist_ok=True)
    (folder / "sub" / "a").write_text(text)


def content(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("before", ["missing", "empty", "full"])
def test_commit_puts_the_new_in_place_of_the_old(tmp_path: Path, before: str) -> None:
    target = tmp_path / "deep" / "out"
    if before != "missing":
        target.mkdir(parents=True)
    if before == "full":
        (target / "old").write_text("old")
    staged = StagedFolder(target)
    fill(staged.path, "new")
    staged.commit()
    assert content(tmp_path) == {"deep/out/sub/a": "new"}
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_discard_leaves_everything_as_it_was(tmp_path: Path) -> None:
    fill(tmp_path / "out", "old")
    staged = StagedFolder(tmp_path / "out")
    fill(staged.path, "new")
    staged.discard()
    assert content(tmp_path) == {"out/sub/a": "old"}


def test_what_a_killed_process_left_is_removed_and_a_running_one_is_not(tmp_path: Path) -> None:
    (tmp_path / ".fcn-export-dead" / "new").mkdir(parents=True)
    running = StagedFolder(tmp_path / "one")
    other = StagedFolder(tmp_path / "two")
    assert not (tmp_path / ".fcn-export-dead").exists()
    fill(running.path, "one")
    fill(other.path, "two")
    running.commit()
    other.commit()
    assert content(tmp_path) == {"one/sub/a": "one", "two/sub/a": "two"}


def test_where_nothing_can_be_made_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="can't be written"):
        StagedFolder(tmp_path / "file" / "out")
