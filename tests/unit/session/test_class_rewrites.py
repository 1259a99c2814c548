"""Classes are removed, merged and moved in every mask, and all of it is taken back."""

from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.errors import LabelMapError, MaskError, SaveError
from fcn_gui.core.label_map import LabelMap, own_label_map
from fcn_gui.core.label_map_text import labelmap_txt
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID
from fcn_gui.disk.mask_file import write_mask
from fcn_gui.session import headless
from fcn_gui.session.change import NOTHING
from fcn_gui.session.engine import Engine
from fcn_gui.session.project import Status
from fcn_gui.session.session import Session
from tests.unit.session.workshop import MAP, at_work, correct, dab, finish, make_folder, photo

COW, TREE = 1, 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos", 6)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


def maps(session: Session) -> tuple[np.ndarray, np.ndarray]:
    assert session.document is not None
    return session.document.masked.mask.copy(), session.document.masked.vouch.copy()


def files(folder: Path) -> dict[str, bytes]:
    kinds = ("masks", "vouch", "first", "journal")
    found = [path for kind in kinds for path in (folder / ".fcn-gui" / kind).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def remove(session: Session, label: int, into: int) -> None:
    run_to_end(headless.rewrite(session, session.remove_class(label, into)))


def test_removed_pixels_become_what_the_person_said_and_keep_their_vouch(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        correct(session, engine, "p0.png", photo(0)[1])
        correct(session, engine, "p1.png", photo(1)[1])
        mask, vouch = maps(session)
        remove(session, COW, into=TREE)
        assert session.need_label_map().names == ("background", "tree")
        assert np.array_equal(maps(session)[0], np.array([0, 1, 1], np.uint8)[mask])
        assert np.array_equal(maps(session)[1], vouch)
        headless.show(session, "p0.png", engine)
        assert np.isin(maps(session)[0], (0, 1)).all()
    with at_work(folder, scratch, None, "p1.png") as (session, _):
        now, vouch_now = maps(session)
        assert np.array_equal(vouch_now, vouch)
        vouched = vouch > 0
        assert np.array_equal(now[vouched], np.array([0, 1, 1], np.uint8)[mask][vouched])


def test_the_network_answers_for_the_classes_that_are_left_by_their_names(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        before = maps(session)[0]
        assert (before == TREE).any()
        run_to_end(headless.rewrite(session, session.move_class(TREE, 1)))
        headless.show(session, "p1.png", engine)
        headless.show(session, "p0.png", engine)
        assert np.array_equal(maps(session)[0], np.array([0, 2, 1], np.uint8)[before])


def test_a_first_look_in_the_classes_of_before_judges_nothing(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        headless.show(session, "p0.png", engine)
        session.apply_stroke(dab(5, 5, TREE))
        remove(session, COW, 0)
        headless.show(session, "p0.png", engine)
        session.verify()
        assert session.cost_request() is None


@pytest.mark.parametrize("into", [VOID, 0, TREE])
def test_taking_it_back_restores_every_file_and_every_step(folder: Path, scratch: Path, into: int) -> None:
    with at_work(folder, scratch) as (session, engine):
        correct(session, engine, "p0.png", photo(0)[1])
        correct(session, engine, "p1.png", photo(1)[1])
        headless.carry_out(session.save_all())
        before, shown, label_map = files(folder), maps(session), session.need_label_map()
        remove(session, COW, into)
        assert files(folder) != before
        assert session.can_undo and session.undoes_rewrite
        run_to_end(headless.rewrite(session, session.undo_rewrite()))
        assert files(folder) == before
        assert session.need_label_map() == label_map
        assert np.array_equal(maps(session), shown)
        assert not session.undoes_rewrite and session.rewrites == 0
        headless.carry_out(session.undo())
        headless.carry_out(session.redo())
        assert np.array_equal(maps(session), shown), "the history holds the labels of before again"


def test_a_rewrite_is_one_step_among_those_of_an_image(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, COW))
        before = maps(session)[0]
        remove(session, COW, into=VOID)
        session.apply_stroke(dab(20, 10, 1))
        assert not session.undoes_rewrite
        session.undo()
        assert session.undoes_rewrite
        assert session.undo().history is False, "an older stroke must not be taken back before the rewrite"
        run_to_end(headless.rewrite(session, session.undo_rewrite()))
        assert maps(session)[0][10, 10] == before[10, 10] == COW
        session.undo()
        assert maps(session)[1][10, 10] == 0
        session.redo()
        assert maps(session)[0][10, 10] == COW


def test_strokes_since_stay_when_a_rewrite_is_taken_back(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        session.apply_stroke(dab(10, 10, COW))
        remove(session, COW, into=VOID)
        session.apply_stroke(dab(20, 10, 1))
        headless.show(session, "p1.png", engine)
        run_to_end(headless.rewrite(session, session.undo_rewrite()))
        headless.show(session, "p0.png", engine)
        mask, vouch = maps(session)
        assert (mask[10, 10], vouch[10, 10]) == (COW, 2)
        assert (mask[10, 20], vouch[10, 20]) == (TREE, vouch[10, 20])
        session.undo()
        session.redo()
        assert maps(session)[0][10, 20] == TREE


def test_several_are_taken_back_one_after_the_other(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, COW))
        headless.carry_out(session.save_all())
        before = files(folder)
        run_to_end(headless.rewrite(session, session.move_class(TREE, 1)))
        remove(session, 2, into=0)
        assert session.need_label_map().names == ("background", "tree")
        for left in (1, 0):
            run_to_end(headless.rewrite(session, session.undo_rewrite()))
            assert session.rewrites == left
        assert files(folder) == before
        with pytest.raises(LabelMapError, match="no change"):
            session.undo_rewrite()


def test_nothing_changes_meanwhile(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        headless.carry_out(session.begin_rewrite())
        before = maps(session)
        for change in (
            session.apply_stroke(dab(10, 10, TREE)),
            session.verify(),
            session.add_class("sheep"),
            session.make_live("x"),
        ):
            assert change.message is not None and "being rewritten" in change.message.text
        assert session.keep_settings().writes == ()
        assert np.array_equal(maps(session), before)
        session.end_rewrite()
        assert session.apply_stroke(dab(10, 10, TREE)).history


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_settings_changed_meanwhile_are_kept_at_its_end(folder: Path, scratch: Path, is_cancelled: bool) -> None:
    with at_work(folder, scratch) as (session, _):
        request = session.remove_class(COW, TREE)
        job = headless.rewrite(session, request)
        next(job)
        session.settings.set("learn.correction_emphasis", 5.0)
        session.settings.set("net.working_size", "own")
        session.settings.set("net.long_side_px", 1025)
        assert session.keep_settings() == NOTHING
        if is_cancelled:
            with pytest.raises(RuntimeError, match="cancelled"):
                job.throw(RuntimeError("cancelled"))
        else:
            run_to_end(job)
    with at_work(folder, scratch, label_map=None) as (session, _):
        assert session.need_label_map().names == (MAP.names if is_cancelled else ("background", "tree"))
        assert session.settings.get("learn.correction_emphasis") == 5.0
        assert session.live is not None and session.live.long_side == 1025


def test_seconds_by_hand_are_those_of_the_masks_as_they_are(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, "p0.png", photo(0)[1])
        item = session.need_project().item("p0.png")
        item.by_hand_s = 40.0
        run_to_end(headless.rewrite(session, session.move_class(TREE, 1)))
        assert item.by_hand_s == 40.0, "the outlines are the same"
        remove(session, 2, into=1)
        assert item.by_hand_s is None


def test_masks_that_could_not_be_saved_stop_it(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, COW))
        session.begin_rewrite()  # and the disk does not take it
        with pytest.raises(SaveError, match="save again"):
            session.check_saved()
        session.end_rewrite()
        headless.carry_out(session.save_all())
        session.check_saved()


def test_a_renamed_class_that_is_removed_leaves_its_names_free(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        before = maps(session)[0]
        headless.carry_out(session.rename_class(COW, "bull"))
        remove(session, COW, into=0)
        headless.carry_out(session.add_class("cow"))
        headless.show(session, "p1.png", engine)
        headless.show(session, "p0.png", engine)
        assert np.array_equal(maps(session)[0], np.array([0, 2, 1], np.uint8)[before])


def test_locks_go_with_their_classes(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.lock_class(COW, True)
        session.lock_class(TREE, True)
        remove(session, COW, into=0)
        assert session.locked == {1}


def voc_folder(folder: Path) -> Path:
    """Three images with masks of a VOC data set, and none of ours."""
    classes = own_label_map(["cow", "tree"])
    make_folder(folder / "JPEGImages", 3)
    for number in range(3):
        write_mask(folder / f"SegmentationClass/p{number}.png", photo(number)[1], classes)
    (folder / "labelmap.txt").write_text(labelmap_txt(classes))
    return folder


def test_masks_that_came_with_a_voc_folder_follow_and_are_not_written_to(tmp_path: Path, scratch: Path) -> None:
    folder = voc_folder(tmp_path / "voc")
    theirs = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with at_work(folder, scratch, None, "JPEGImages/p0.png") as (session, engine):
        assert session.need_project().item("JPEGImages/p1.png").status is Status.VERIFIED
        remove(session, COW, into=VOID)
        assert np.array_equal(maps(session)[0], np.array([0, VOID, 1], np.uint8)[photo(0)[1]])
        headless.show(session, "JPEGImages/p1.png", engine)
        assert np.array_equal(maps(session)[0], np.array([0, VOID, 1], np.uint8)[photo(1)[1]])
    with at_work(folder, scratch, None, "JPEGImages/p2.png") as (session, engine):
        assert np.array_equal(maps(session)[0], np.array([0, VOID, 1], np.uint8)[photo(2)[1]])
        run_to_end(headless.rewrite(session, session.move_class(1, 1)))
        run_to_end(headless.rewrite(session, session.undo_rewrite()))
        assert np.array_equal(maps(session)[0], np.array([0, VOID, 1], np.uint8)[photo(2)[1]])
    assert all(path.read_bytes() == data for path, data in theirs.items())


def test_a_damaged_mask_stops_it_and_is_named(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        correct(session, engine, "p1.png", photo(1)[1])
        headless.carry_out(session.save_all())
        path = folder / ".fcn-gui/masks/p0.png.png"
        path.write_bytes(path.read_bytes()[:40])
        before = files(folder)
        with pytest.raises(MaskError, match=r"p0\.png"):
            remove(session, COW, into=0)
        assert files(folder) == before
        assert session.need_label_map() == MAP
        assert session.apply_stroke(dab(3, 3, TREE)).history


def test_the_undo_copies_go_when_the_folder_is_closed(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        remove(session, COW, into=0)
        assert (folder / ".fcn-gui/rewrites").is_dir()
    assert not (folder / ".fcn-gui/rewrites").exists()
    with at_work(folder, scratch, None) as (session, _):
        assert session.need_label_map().names == ("background", "tree")
        assert not session.can_undo


def test_a_hostile_table_of_labels_is_no_way_in(tmp_path: Path, scratch: Path) -> None:
    folder = voc_folder(tmp_path / "voc")
    with at_work(folder, scratch, None, "JPEGImages/p0.png") as (session, _):
        remove(session, COW, into=0)
    header = folder / ".fcn-gui/project.json"
    text = header.read_text()
    header.write_text(text.replace('"names.foreign": [\n      0,', '"names.foreign": [\n      77,'))
    assert header.read_text() != text
    with pytest.raises(MaskError, match="77"), at_work(folder, scratch, None, "JPEGImages/p1.png"):
        pass


def test_engine_is_not_needed(folder: Path, scratch: Path) -> None:
    """Classes can be changed while no image was opened yet."""
    with at_work(folder, scratch, key=None) as (session, engine):
        assert isinstance(engine, Engine)
        remove(session, COW, into=0)
        assert isinstance(session.need_label_map(), LabelMap)
        run_to_end(headless.rewrite(session, session.undo_rewrite()))
        assert session.need_label_map() == MAP
