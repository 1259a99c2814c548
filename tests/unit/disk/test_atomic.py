"""A write happens as a whole or not at all."""

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fcn_gui.core.errors import SaveError
from fcn_gui.disk.atomic import (
    TEMPORARY_SUFFIX,
    copy_file,
    make_folder,
    remove_leftovers,
    write_bytes,
    write_new,
    write_text,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_written_file_holds_the_bytes_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"one")
    write_bytes(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert names(tmp_path) == ["a"]


def test_text_is_utf_8_with_its_line_ends_as_they_stand(tmp_path: Path) -> None:
    write_text(tmp_path / "t", "zürich\nx\r\n")
    assert (tmp_path / "t").read_bytes() == "zürich\nx\r\n".encode()


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a" / "b" / "c", b"x")
    assert (tmp_path / "a" / "b" / "c").read_bytes() == b"x"


def test_a_copy_is_whole_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "from").write_bytes(b"x" * 3_000_000)
    copy_file(tmp_path / "from", tmp_path / "to" / "copy")
    assert (tmp_path / "to" / "copy").read_bytes() == b"x" * 3_000_000
    with pytest.raises(SaveError, match="other"):
        copy_file(tmp_path / "gone", tmp_path / "to" / "other")
    assert names(tmp_path / "to") == ["copy"]


def test_a_name_of_255_bytes_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 127 + "x")
    write_bytes(path, b"x")
    assert names(tmp_path) == [path.name]


def test_permissions_of_the_file_that_is_replaced_stay(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o640)
    write_bytes(path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_is_replaced_and_its_target_untouched(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"theirs")
    (tmp_path / "link").symlink_to(outside)
    write_bytes(tmp_path / "link", b"ours")
    assert outside.read_bytes() == b"theirs"
    assert (tmp_path / "link").read_bytes() == b"ours"


def test_a_full_disk_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    write_bytes(path, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(SaveError, match=r"mask\.png could not be saved.*space"):
            write_bytes(path, bytes(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["mask.png"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_the_message_of_a_full_disk_says_so() -> None:
    from fcn_gui.disk.atomic import save_error, write_all

    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(OSError) as caught:
            write_all(descriptor, b"x")
    finally:
        os.close(descriptor)
    assert "the disk is full" in str(save_error(Path("a.png"), caught.value))


def test_a_folder_that_is_a_file_is_a_save_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SaveError):
        write_bytes(tmp_path / "file" / "a", b"x")


def test_new_files_never_replace(tmp_path: Path) -> None:
    write_new(tmp_path / "a", b"1")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"2")
    assert (tmp_path / "a").read_bytes() == b"1"


def test_making_a_folder_twice_is_no_error(tmp_path: Path) -> None:
    make_folder(tmp_path / "x" / "y")
    make_folder(tmp_path / "x" / "y")
    assert (tmp_path / "x" / "y").is_dir()


WRITER = """
import sys
from pathlib import Path
from fcn_gui.disk.atomic import write_bytes
print("ready", flush=True)
for n in range(1_000_000):
    write_bytes(Path(sys.argv[1]), bytes([n % 256]) * 200_000)
    print(n, flush=True)
"""


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(8):
        process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    data = path.read_bytes()
    assert len(data) == 200_000
    assert len(set(data)) == 1
    remove_leftovers(tmp_path)
    assert names(tmp_path) == ["a"]


def test_leftovers_of_a_killed_process_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / f".0123{TEMPORARY_SUFFIX}").write_bytes(b"half")
    (tmp_path / "sub" / "a.png").write_bytes(b"whole")
    assert remove_leftovers(tmp_path) == 1
    assert names(tmp_path / "sub") == ["a.png"]
