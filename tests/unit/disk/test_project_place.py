"""A project lies beside the photographs, or where it can be written."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.errors import ProjectError
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.project_place import can_write, find_place, user_place


def test_beside_the_photographs_and_nothing_is_made_yet(tmp_path: Path) -> None:
    place = find_place(tmp_path)
    assert (place.photos, place.files, place.notice) == (tmp_path, tmp_path / ".fcn-gui", "")
    assert list(tmp_path.iterdir()) == []


def test_where_the_person_said(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    assert find_place(tmp_path / "photos", tmp_path / "new" / "place").files == tmp_path / "new" / "place"


def test_masks_never_lie_among_the_photographs_themselves(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="choose another folder"):
        find_place(tmp_path, tmp_path)
    assert find_place(tmp_path, tmp_path / "work").files == tmp_path / "work"


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "gone"):
        with pytest.raises(ProjectError, match="choose the folder"):
            find_place(path)


def test_a_project_that_is_a_link_or_a_file_is_refused(tmp_path: Path) -> None:
    photos, outside = tmp_path / "photos", tmp_path / "outside"
    photos.mkdir()
    outside.mkdir()
    (photos / ".fcn-gui").symlink_to(outside)
    with pytest.raises(ProjectError, match="link that leads elsewhere"):
        find_place(photos)
    (photos / ".fcn-gui").unlink()
    (photos / ".fcn-gui").write_bytes(b"")
    with pytest.raises(ProjectError, match="move it away"):
        find_place(photos)


def test_photographs_of_one_name_in_two_places_have_two_projects(tmp_path: Path) -> None:
    assert user_place(tmp_path / "a" / "x", tmp_path) != user_place(tmp_path / "b" / "x", tmp_path)
    assert user_place(tmp_path / "ö \n", tmp_path).parent == tmp_path / "projects"


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A folder that other users may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


ORDINARY_USER = """
import os, sys
from pathlib import Path
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.disk.project_folder import ProjectFolder
import numpy as np
np.array_equal(np.zeros(1), np.zeros(1))
import PIL.PngImagePlugin
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
photos, user = Path(sys.argv[1]), Path(sys.argv[2])
project = ProjectFolder.open(photos, user_dir=user)
before = project.read_mask("a.jpg")
print("before", None if before is None else before.tolist())
project.write_mask("b.jpg", np.array([[7]], np.uint8), voc_label_map())
again = ProjectFolder.open(photos, user_dir=user)
print("after", again.read_mask("b.jpg").tolist(), again.dir)
print("notice", again.notice)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of folders are a matter of POSIX here")
@pytest.mark.parametrize("has_project", [False, True])
def test_a_read_only_folder_is_worked_on_in_the_users_own(open_dir: Path, has_project: bool) -> None:
    photos, user = open_dir / "photos", open_dir / "user"
    photos.mkdir()
    user.mkdir()
    user.chmod(0o777)
    if has_project:
        ProjectFolder.open(photos).write_mask("a.jpg", np.array([[5]], np.uint8), voc_label_map())
        (photos / ".fcn-gui").chmod(0o555)
    photos.chmod(0o555)
    files_before = sorted(photos.rglob("*"))
    try:
        done = subprocess.run(
            [sys.executable, "-c", ORDINARY_USER, str(photos), str(user)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=open_dir,
        )
    finally:
        photos.chmod(0o755)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == ("before [[5]]" if has_project else "before None")
    assert lines[1] == f"after [[7]] {user_place(photos, user)}"
    assert "can't be written to: this project is kept in" in lines[2]
    assert sorted(photos.rglob("*")) == files_before


def test_whether_a_missing_folder_could_be_made_is_known(tmp_path: Path) -> None:
    assert can_write(tmp_path / "a" / "b")
    (tmp_path / "file").write_bytes(b"")
    assert not can_write(tmp_path / "file" / "a")
