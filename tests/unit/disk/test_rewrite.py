"""Masks, first looks and header change together or not at all, whatever happens meanwhile."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.errors import FcnGuiError, MaskError, ProjectError, SaveError
from fcn_gui.core.label_map import LabelMap, own_label_map
from fcn_gui.core.label_map_change import LabelMapChange, removal
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.project_header import HEADER_NAME, ProjectHeader, read_header
from fcn_gui.disk.rewrite import Former, Rewrite, recover

CLASSES = own_label_map(["cow", "dog", "hen"])
CHANGE = removal(CLASSES, 1, into=VOID)
AFTER = ProjectHeader(label_map=CHANGE.after, live_checkpoint="after")
Content = dict[str, bytes]


def mask_of(number: int) -> np.ndarray:
    labels = np.array([0, 1, 2, 3, VOID], np.uint8)
    return np.random.default_rng(number).choice(labels, (7, 9))


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return made(tmp_path / "photos")


def made(photos: Path) -> ProjectFolder:
    """Three masks, one in a sub-folder, two of them with a first look."""
    photos.mkdir()
    folder = ProjectFolder.open(photos)
    folder.save_header(ProjectHeader(label_map=CLASSES, live_checkpoint="before", split_seed=7))
    for number, key in enumerate(("a.png", "sub/b.jpg", "c.png")):
        folder.write_mask(key, mask_of(number), CLASSES)
        folder.write_vouch(key, np.full((7, 9), number, np.uint8))
        if number:
            folder.write_first_look(key, mask_of(10 + number), CLASSES)
    (folder.dir / "masks/note.txt").write_text("mine")
    return folder


def copied(whole: ProjectFolder, photos: Path) -> ProjectFolder:
    shutil.copytree(whole.folder, photos)
    return ProjectFolder.open(photos)


def content(folder: Path) -> Content:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rewritten(folder: ProjectFolder, change: LabelMapChange = CHANGE, former: Former | None = None) -> Path:
    rewrite = folder.rewrite()
    run_to_end(rewrite.stage(change, ProjectHeader(label_map=change.after, live_checkpoint="after"), former))
    return folder.commit(rewrite)


def test_every_index_changes_and_nothing_else(project: ProjectFolder) -> None:
    rewritten(project)
    for number, key in enumerate(("a.png", "sub/b.jpg", "c.png")):
        assert np.array_equal(project.read_mask(key), CHANGE.of(mask_of(number)))
        assert np.array_equal(project.read_vouch(key), np.full((7, 9), number))
        if number:
            assert np.array_equal(project.read_first_look(key), CHANGE.of(mask_of(10 + number)))
    assert (project.dir / "masks/note.txt").read_text() == "mine"
    assert project.header.label_map == CHANGE.after
    assert read_header(project.dir / HEADER_NAME) == project.header


def test_taking_it_back_gives_the_very_same_files(project: ProjectFolder) -> None:
    before = content(project.dir / "masks"), content(project.dir / "first")
    kept = rewritten(project)
    rewritten(project, CHANGE.back(CHANGE.after), Former(CHANGE, kept))
    assert (content(project.dir / "masks"), content(project.dir / "first")) == before
    assert project.header.label_map == CLASSES


def test_taking_it_back_keeps_what_was_painted_since(project: ProjectFolder) -> None:
    kept = rewritten(project)
    mask, vouch = project.read_mask("a.png"), project.read_vouch("a.png")
    assert mask is not None and vouch is not None
    mask[2, 3:6], vouch[2, 3:6] = 2, 2
    mask[4, 4], vouch[4, 4] = 0, 0
    project.write_mask("a.png", mask, CHANGE.after)
    project.write_vouch("a.png", vouch)
    project.write_mask("new.png", mask, CHANGE.after)
    rewritten(project, CHANGE.back(CHANGE.after), Former(CHANGE, kept))
    expected = mask_of(0)
    expected[2, 3:6] = 3  # hen was class 2 between the two
    assert np.array_equal(project.read_mask("a.png"), expected)
    assert np.array_equal(project.read_mask("new.png"), CHANGE.back(CHANGE.after).of(mask))


def test_a_mask_with_an_unknown_index_stops_it_before_anything_changes(project: ProjectFolder) -> None:
    project.write_mask("d.png", np.full((3, 3), 9, np.uint8), own_label_map([f"c{i}" for i in range(12)]))
    before = content(project.dir)
    with pytest.raises(MaskError, match=r"d\.png.* 9 in 9 pixels"):
        rewritten(project)
    assert content(project.dir) == before


def test_a_cancelled_one_leaves_no_trace(project: ProjectFolder) -> None:
    before = content(project.dir)
    job = project.rewrite().stage(CHANGE, AFTER)
    for _ in range(3):
        next(job)
    job.close()
    assert content(project.dir) == before


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
@pytest.mark.parametrize("where", ["masks/link.png", "masks/linked", "rewrite", "rewrites"])
def test_links_are_refused_and_nothing_outside_is_touched(project: ProjectFolder, tmp_path: Path, where: str) -> None:
    outside = tmp_path / "outside"
    (outside / "new/masks").mkdir(parents=True)
    (outside / "new/masks/x.png").write_bytes(b"x")
    (project.dir / where).symlink_to(outside if "." not in where else outside / "new/masks/x.png")
    before = content(outside)
    with pytest.raises(ProjectError, match="link"):
        project.recover()
        rewritten(project)
    assert content(outside) == before


def test_a_project_without_masks_can_be_rewritten(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    folder = ProjectFolder.open(tmp_path / "photos")
    folder.save_header(ProjectHeader(label_map=CLASSES))
    rewritten(folder)
    assert ProjectFolder.open(tmp_path / "photos").header.label_map == CHANGE.after


# A kill or a failing drive at every single step

STEPS = ("rename", "replace", "open", "mkdir", "fsync", "unlink", "rmdir")
"""Every call of the operating system that changes something."""


def at_step(number: int, happens: Callable[[], None]) -> Callable[[], None]:
    """Let `happens` come before the `number`-th change of anything on disk; gives the way back."""
    real = {name: getattr(os, name) for name in STEPS}
    left = [number]

    def patched(name: str) -> Callable[..., object]:
        def call(*args: object, **more: object) -> object:
            is_change = name != "open" or (len(args) > 1 and isinstance(args[1], int) and args[1] & os.O_CREAT)
            if is_change:
                left[0] -= 1
                if left[0] == 0:
                    happens()
            return real[name](*args, **more)

        return call

    for name in STEPS:
        setattr(os, name, patched(name))

    def give_back() -> None:
        for name, call in real.items():
            setattr(os, name, call)

    return give_back


def killed_at(folder: ProjectFolder, step: int) -> bool:
    """Rewrite in a child process that dies before its `step`-th change of the disk; False when it got to the end."""
    child = os.fork()
    if child == 0:
        at_step(step, lambda: os._exit(9))
        try:
            rewritten(folder)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def reopened(photos: Path) -> ProjectFolder:
    folder = ProjectFolder.open(photos)
    with folder.lock():
        folder.recover()
    return folder


def state_of(folder: ProjectFolder) -> Content:
    return {name: data for name, data in content(folder.dir).items() if name != "lock"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_at_any_step_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole")
    old = state_of(whole)
    done = copied(whole, tmp_path / "done")
    rewritten(done)
    new = state_of(reopened(done.folder))
    assert old.keys() == new.keys() and old != new
    found = []
    for step in range(1, 400):
        photos = tmp_path / f"k{step}"
        was_killed = killed_at(copied(whole, photos), step)
        state = state_of(reopened(photos))
        assert state in (old, new), f"step {step}"
        found.append(state == new)
        if not was_killed:
            break
    assert not was_killed
    assert found == sorted(found), "one moment at which it happens"
    assert found.count(False) > 20 and found.count(True) > 5


def test_a_drive_that_fails_at_any_step_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole")
    old = state_of(whole)
    done = copied(whole, tmp_path / "done")
    rewritten(done)
    new = state_of(reopened(done.folder))

    def fail() -> None:
        raise OSError(28, "No space left on device")

    for step in range(1, 400):
        folder = copied(whole, tmp_path / f"f{step}")
        give_back = at_step(step, fail)
        try:
            rewritten(folder)
            is_told = False
        except SaveError as error:
            is_told = True
            assert isinstance(error, FcnGuiError)
        finally:
            give_back()
        header = read_header(folder.dir / HEADER_NAME)
        assert header.label_map == (CLASSES if is_told else CHANGE.after), f"step {step}: at once, not on reopening"
        state = state_of(reopened(tmp_path / f"f{step}"))
        assert state == (old if is_told else new), f"step {step}"
        if not is_told and step > 45:
            break


def test_recovery_of_a_project_that_was_never_rewritten_does_nothing(project: ProjectFolder) -> None:
    before = content(project.dir)
    recover(project.dir)
    assert content(project.dir) == before


def test_254_classes_fit(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    folder = ProjectFolder.open(tmp_path / "photos")
    most: LabelMap = own_label_map([f"c{i}" for i in range(253)])
    folder.save_header(ProjectHeader(label_map=most))
    mask = np.arange(254, dtype=np.uint8).reshape(2, 127)
    folder.write_mask("a.png", mask, most)
    change = removal(most, 253, into=252)
    rewritten(folder, change)
    assert np.array_equal(folder.read_mask("a.png"), np.minimum(mask, 252))


def test_a_rewrite_object_that_was_never_staged_can_be_discarded(project: ProjectFolder) -> None:
    before = content(project.dir)
    Rewrite(project.dir).discard()
    assert content(project.dir) == before
