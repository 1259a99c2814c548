"""What could not be written waits packed: nothing of it is lost, it comes back as it was, and it stays small."""

import gc
import shutil
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from fcn_gui.core.errors import MaskError, SaveError
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import Mask, Vouch
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.voc_truth import ExportOptions
from fcn_gui.session import headless
from fcn_gui.session.engine import Engine
from fcn_gui.session.exporting import export_request
from fcn_gui.session.importing import ImportedMask, ImportReport, import_masks
from fcn_gui.session.session import Session
from tests.unit.session.workshop import MAP, at_work, dab, make_folder, new_session

COUNT = 8
"""More than are kept as they were left."""


class Disk:
    """Takes no mask while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def fill(self) -> None:
        def full(*_: object, **__: object) -> None:
            raise SaveError("The disk is full.")

        self._monkeypatch.setattr("fcn_gui.disk.mask_file.write_bytes", full)

    def empty(self) -> None:
        self._monkeypatch.undo()


@pytest.fixture
def disk() -> Iterator[Disk]:
    with pytest.MonkeyPatch.context() as patch:
        yield Disk(patch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos", COUNT)


def go_to(session: Session, key: str, engine: Engine | None) -> None:
    with suppress(SaveError):
        headless.carry_out(session.leave())
    with suppress(SaveError):
        headless.show(session, key, engine)


def maps(session: Session) -> tuple[Mask, Vouch, Mask]:
    document = session.document
    assert document is not None
    assert document.first_look is not None
    return document.masked.mask.copy(), document.masked.vouch.copy(), document.first_look.copy()


def work_through(
    session: Session, engine: Engine, also: Callable[[int], object] = lambda number: None
) -> dict[str, tuple[Mask, Vouch, Mask]]:
    """Paint something else on each image; the maps as they were left."""
    left = {}
    for number in range(COUNT):
        go_to(session, f"p{number}.png", engine)
        session.apply_stroke(dab(4.5 + 2 * number, 10.5, number % 3, radius=3))
        session.apply_stroke(dab(20.5, 4.5 + number, None, radius=2))
        also(number)
        left[f"p{number}.png"] = maps(session)
    return left


def same(now: tuple[Mask | None, ...], before: tuple[Mask | None, ...]) -> bool:
    return all(a is not None and b is not None and np.array_equal(a, b) for a, b in zip(now, before, strict=True))


def on_disk(folder: ProjectFolder, key: str) -> tuple[Mask | None, ...]:
    return folder.read_mask(key), folder.read_vouch(key), folder.read_first_look(key)


def test_all_of_it_comes_back_and_is_written_once_there_is_room(tmp_path: Path, folder: Path, disk: Disk) -> None:
    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        disk.fill()
        left = work_through(session, engine)
        assert session.recall("p0.png") is None, "the first one has long been packed"
        for key in ("p0.png", "p1.png"):
            go_to(session, key, None)
            assert same(maps(session), left[key]), key
        disk.empty()
        headless.carry_out(session.save_all())
        assert not session.has_unsaved
        for key, before in left.items():
            assert same(on_disk(session.need_project().folder, key), before), key


def test_closing_writes_what_waits(tmp_path: Path, folder: Path, disk: Disk) -> None:
    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        project = session.need_project().folder
        disk.fill()
        left = work_through(session, engine)
        disk.empty()
    assert all(same(on_disk(project, key), before) for key, before in left.items())


def test_verified_and_undone_as_if_it_had_been_saved(tmp_path: Path, folder: Path, disk: Disk) -> None:
    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        disk.fill()
        work_through(session, engine, lambda number: session.verify() if number == 0 else None)
        assert session.recall("p0.png") is None
        go_to(session, "p0.png", None)
        assert session.document is not None
        assert session.document.is_verified
        assert session.undo().rect is not None
        assert not session.document.is_verified
        session.undo()
        assert session.document.masked.vouch[4, 20] == 0, "the second stroke is taken back too"
        assert session.document.masked.vouch[10, 4] != 0
        disk.empty()


def test_who_reads_the_masks_gets_those_that_wait(tmp_path: Path, folder: Path, disk: Disk) -> None:
    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        disk.fill()
        left = work_through(session, engine, lambda number: session.verify() if number == 0 else None)
        assert session.recall("p0.png") is None
        exported = export_request(session, tmp_path / "voc", ExportOptions(only_verified=False)).items[0]
        assert same(exported.read(), left["p0.png"][:2])
        learned = next(image for image in session.to_recheck() if image.key == "p0.png")
        assert same(learned.read()[1:], left["p0.png"][:2])
        measured = next(subject for subject in session.to_measure() if subject.image.key == "p0.png")
        assert same((measured.first_look(),), left["p0.png"][2:])
        disk.empty()


def test_a_second_look_changes_what_nobody_vouched_for(tmp_path: Path, folder: Path, disk: Disk) -> None:
    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        disk.fill()
        left = work_through(session, engine)
        assert session.recall("p0.png") is None
        mask, vouch, _ = left["p0.png"]
        labels = np.full(mask.shape, 2, np.uint8)
        with suppress(SaveError):
            headless.carry_out(session.follow_again("p0.png", labels))
        assert session.need_project().item("p0.png").changed_px == np.count_nonzero((mask != 2) & (vouch == 0))
        disk.empty()
        headless.carry_out(session.save_all())
        assert not session.has_unsaved
        now = session.need_project().folder.read_mask("p0.png")
        assert same((now,), (np.where(vouch > 0, mask, 2),))


def test_strokes_of_before_and_after_leave_the_journal_together(tmp_path: Path, folder: Path, disk: Disk) -> None:
    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        journal = session.need_project().folder.journal("p0.png")
        disk.fill()
        work_through(session, engine)
        assert len(journal.read()) == 2
        go_to(session, "p0.png", None)
        session.apply_stroke(dab(15.5, 20.5, 1))
        assert len(journal.read()) == 3
        disk.empty()
        headless.carry_out(session.save_all())
        assert journal.read() == []


def test_a_save_that_was_only_slow_leaves_nothing_waiting(tmp_path: Path, folder: Path, disk: Disk) -> None:
    with at_work(folder, tmp_path / "scratch") as (session, _):
        session.apply_stroke(dab(10.5, 10.5, 2))
        change = session.leave()
        disk.fill()
        for number in range(1, COUNT):
            go_to(session, f"p{number}.png", None)
            session.apply_stroke(dab(10.5, 10.5, 2))
        assert session.recall("p0.png") is None
        disk.empty()
        headless.carry_out(change)
        assert "p0.png" not in session.unsaved
        assert "p1.png" in session.unsaved


def test_a_photograph_of_another_size_by_now_is_refused_and_its_work_kept(
    tmp_path: Path, folder: Path, disk: Disk
) -> None:
    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        disk.fill()
        left = work_through(session, engine)
        shutil.copy(folder / "p0.png", tmp_path / "before.png")
        PillowImage.new("RGB", (7, 5)).save(folder / "p0.png")
        with suppress(SaveError):
            headless.carry_out(session.leave())
        with pytest.raises(MaskError, match=r"p0\.png is 7×5 .* 32×24"):
            headless.show(session, "p0.png")
        shutil.copy(tmp_path / "before.png", folder / "p0.png")
        headless.show(session, "p0.png")
        assert same(maps(session), left["p0.png"])
        disk.empty()


def traced_bytes() -> int:
    gc.collect()  # errors of the saves hold what they were about
    return tracemalloc.get_traced_memory()[0]


def test_hours_of_work_stay_small(tmp_path: Path, disk: Disk) -> None:
    """A photograph of 500×375 would hold 1.1 MB as it was left, its maps alone half of that."""
    folder, count, shape = tmp_path / "photos", 60, (375, 500)
    folder.mkdir()
    PillowImage.new("RGB", shape[::-1], (90, 120, 60)).save(folder / "0.bmp")
    for number in range(1, count):
        (folder / f"{number}.bmp").hardlink_to(folder / "0.bmp")
    rng = np.random.default_rng(0)
    with headless.opened(new_session(tmp_path / "scratch"), folder, label_map=MAP) as session:
        disk.fill()
        tracemalloc.start()
        try:
            for number in range(count):
                go_to(session, f"{number}.bmp", None)
                document = session.document
                assert document is not None
                document.first_look = np.kron(rng.integers(0, 3, (15, 20), np.uint8), np.ones((25, 25), np.uint8))
                points = tuple((float(x), float(y)) for x, y in rng.uniform(10, 370, (6, 2)))
                session.apply_stroke(Stroke(Tool.BRUSH, 1 + number % 2, points, 12.0))
                if number == 20:
                    before = traced_bytes()
            after = traced_bytes()
        finally:
            tracemalloc.stop()
        disk.empty()
        assert len(session.unsaved) == count - 1, "all but the open one"
        assert (after - before) / (count - 21) < 50_000, "bytes for each image that waits, its undo steps included"
        headless.carry_out(session.save_all())
        assert not session.has_unsaved


def test_masks_imported_meanwhile_leave_vouched_pixels_alone(folder: Path, tmp_path: Path, disk: Disk) -> None:
    trees = np.full((24, 32), 2, np.uint8)
    (tmp_path / "masks").mkdir()
    for number in range(COUNT):
        PillowImage.fromarray(trees).save(tmp_path / "masks" / f"p{number}.png")

    def bring_in(session: Session) -> ImportReport:
        def take(mask: ImportedMask) -> None:
            with suppress(SaveError):
                headless.carry_out(session.take_import(mask))

        return run_to_end(import_masks(session.import_request(tmp_path / "masks"), take))

    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        disk.fill()
        left = work_through(session, engine)
        report = bring_in(session)
        assert (report.imported, len(report.refused)) == (0, COUNT), "a full disk takes none"
        assert set(session.unsaved) == set(left)
        disk.empty()
        assert bring_in(session).imported == COUNT
        assert not session.unsaved
        for key, (mask, vouch, first_look) in left.items():
            go_to(session, key, None)
            now = maps(session)
            np.testing.assert_array_equal(now[0], np.where(vouch > 0, mask, trees), err_msg=key)
            np.testing.assert_array_equal(now[1], vouch)
            np.testing.assert_array_equal(now[2], first_look)
    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        for key, (mask, vouch, _) in left.items():
            headless.show(session, key, engine)
            np.testing.assert_array_equal(maps(session)[0], np.where(vouch > 0, mask, trees), err_msg=key)
            np.testing.assert_array_equal(maps(session)[1], vouch)


def test_an_import_that_the_disk_does_not_take_any_more_is_saved_later(
    folder: Path, tmp_path: Path, disk: Disk
) -> None:
    PillowImage.fromarray(np.full((24, 32), 2, np.uint8)).save(tmp_path / "p1.png")
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        headless.show(session, "p1.png", engine)
        session.apply_stroke(dab(10.5, 10.5, 1))
        headless.show(session, "p0.png", engine)
        for mask in imported_from(session, tmp_path):
            disk.fill()
            with pytest.raises(SaveError):
                headless.carry_out(session.take_import(mask))
        assert set(session.unsaved) == {"p1.png"}
        disk.empty()
        headless.carry_out(session.save_all())
        assert not session.has_unsaved


def imported_from(session: Session, source: Path) -> list[ImportedMask]:
    """The masks of a folder, not taken in yet."""
    found: list[ImportedMask] = []
    run_to_end(import_masks(session.import_request(source), found.append))
    return found
