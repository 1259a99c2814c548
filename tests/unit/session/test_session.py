"""What a person can rely on, whatever is done in which order: nothing painted is lost, undo goes all the way back."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from fcn_gui.core.errors import LabelMapError, LockedError, MaskError
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID, Rect
from fcn_gui.core.stroke import Coverage, Stroke, Tool
from fcn_gui.session import headless, jobs
from fcn_gui.session.document import Document
from fcn_gui.session.opening import open_project
from fcn_gui.session.project import Status
from fcn_gui.session.session import Session
from tests.unit.session.workshop import COW, MAP, SIZE, at_work, dab, make_folder, new_session, photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


def the(session: Session) -> Document:
    assert session.document is not None
    return session.document


def test_images_are_listed_and_the_first_look_is_kept(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        project = session.need_project()
        assert [item.key for item in project.items] == ["p0.png", "p1.png", "p2.png", "p3.png"]
        assert project.item("p0.png").status is Status.PREDICTED
        first = the(session).masked.mask.copy()
    with at_work(folder, scratch, key=None) as (session, _):
        assert session.need_project().item("p0.png").status is Status.PREDICTED
        kept = session.need_project().folder.read_first_look("p0.png")
        assert kept is not None
        assert np.array_equal(kept, first)


def test_exact_pixels_are_painted_as_one_stroke(folder: Path, scratch: Path) -> None:
    inside = np.zeros((4, 6), bool)
    inside[::2, ::2] = True
    with at_work(folder, scratch) as (session, _):
        before = the(session).masked.mask.copy()
        where = np.zeros(SIZE, bool)
        where[3:7, 5:11] = inside
        change = session.paint_pixels(Coverage(Rect(5, 3, 11, 7), inside), 2)
        assert change.rect == Rect(5, 3, 11, 7)
        assert (the(session).masked.mask == np.where(where, 2, before)).all()
        assert ((the(session).masked.vouch > 0) == where).all()
        assert session.need_project().item("p0.png").strokes == 1
        session.undo()
        assert (the(session).masked.mask == before).all()
        nothing = session.paint_pixels(Coverage(Rect(5, 3, 11, 7), np.zeros_like(inside)), 2)
        assert nothing.rect is None
        session.lock_class(int(before[3, 5]), True)
        session.paint_pixels(Coverage(Rect(5, 3, 11, 7), inside), 2)
        assert the(session).masked.mask[3, 5] == before[3, 5]


def test_a_stroke_is_vouched_and_a_prediction_leaves_it_alone(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        change = session.apply_stroke(dab(10, 10, 2))
        assert change.rect is not None
        painted = the(session).masked.vouch > 0
        assert painted.any()
        request = session.predict_request()
        assert request is not None
        session.follow(request, run_to_end(jobs.predict(engine, request)))
        assert (the(session).masked.mask[painted] == 2).all()
        assert session.need_project().item("p0.png").status is Status.CORRECTED


def test_a_stale_prediction_is_dropped(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        request = session.predict_request()
        assert request is not None
        answer = run_to_end(jobs.predict(engine, request))
        headless.carry_out(session.add_class("sheep"))
        before = the(session).masked.mask.copy()
        assert session.follow(request, answer).rect is None
        headless.show(session, "p1.png")
        assert session.follow(request, answer).keys == ()
        assert np.array_equal(before.shape, the(session).masked.mask.shape)


def test_strokes_and_seconds_and_notes_are_there_on_reopening(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, 1))
        session.apply_stroke(dab(20, 10, VOID))
        headless.carry_out(session.set_note("p1.png", "blurred"))
        mask, vouch = the(session).masked.mask.copy(), the(session).masked.vouch.copy()
    with at_work(folder, scratch) as (session, _):
        assert np.array_equal(the(session).masked.mask, mask)
        assert np.array_equal(the(session).masked.vouch, vouch)
        assert session.need_project().item("p0.png").strokes == 2
        assert session.need_project().item("p1.png").note == "blurred"


def test_a_clean_close_leaves_no_journal(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, 1))
        assert list((folder / ".fcn-gui/journal").rglob("*.jsonl"))
    assert not list((folder / ".fcn-gui/journal").rglob("*.jsonl"))


def test_undo_is_kept_per_image_on_return(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        before = the(session).masked.mask.copy()
        session.apply_stroke(dab(10, 10, 2))
        for key in ("p1.png", "p2.png", "p3.png", "p0.png"):
            headless.show(session, key, engine)
        assert session.can_undo
        session.undo()
        assert np.array_equal(the(session).masked.mask, before)
        assert not the(session).masked.vouch.any()
        session.redo()
        assert the(session).masked.vouch.any()


def test_verify_accepts_what_stands_and_unverify_takes_back_only_that(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, 2))
        painted = the(session).masked.vouch.copy()
        session.verify()
        assert the(session).masked.vouch.all()
        assert session.need_project().item("p0.png").status is Status.VERIFIED
    with at_work(folder, scratch) as (session, _):
        assert the(session).is_verified
        session.unverify()
        assert np.array_equal(the(session).masked.vouch, painted)
        assert session.need_project().item("p0.png").status is Status.CORRECTED


def test_undo_takes_verify_back_first(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, 2))
        session.verify()
        session.undo()
        assert not the(session).is_verified
        assert the(session).masked.vouch.any()
        session.undo()
        assert not the(session).masked.vouch.any()


def test_an_eraser_on_a_verified_image_makes_it_unverified(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.verify()
        session.apply_stroke(dab(10, 10, None, erase=True))
        assert session.need_project().item("p0.png").status is Status.CORRECTED


def test_accept_class_and_region_raise_only_unvouched_pixels(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, 2))
        corrected = the(session).masked.vouch == 2
        label = int(the(session).masked.mask[0, 0])
        session.accept_region((0, 0))
        assert the(session).masked.vouch[0, 0] == 1
        session.accept_class(label)
        shown = the(session).masked.mask == label
        assert (the(session).masked.vouch[shown] > 0).all()
        assert (the(session).masked.vouch[corrected] == 2).all()


def test_a_locked_class_is_not_painted_over(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, 2, 3))
        session.lock_class(2, True)
        session.apply_stroke(dab(10, 10, 1, 6))
        assert the(session).masked.mask[10, 10] == 2
        session.lock_class(2, False)
        session.apply_stroke(dab(10, 10, 1, 6))
        assert the(session).masked.mask[10, 10] == 1


def test_fill_takes_the_region_under_the_click(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(16, 12, 2, 4))
        region = the(session).masked.mask == 2
        session.apply_stroke(Stroke(Tool.FILL, VOID, ((16.5, 12.5),)))
        assert (the(session).masked.mask[region] == VOID).all()


def test_the_side_of_the_split_is_decided_by_the_first_stroke_and_stays(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        item = session.need_project().item("p0.png")
        assert item.held_out is None
        session.apply_stroke(dab(10, 10, 2))
        assert item.held_out is False
        headless.show(session, "p1.png", engine)
        session.apply_stroke(dab(10, 10, 2))
        side = session.need_project().item("p1.png").held_out
        assert side is not None
    with at_work(folder, scratch, key=None) as (session, _):
        assert session.need_project().item("p0.png").held_out is False
        assert session.need_project().item("p1.png").held_out is side


def test_classes_are_added_renamed_and_recoloured(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        headless.carry_out(session.add_class("sheep"))
        headless.carry_out(session.rename_class(1, "bull"))
        headless.carry_out(session.recolour_class(1, (1, 2, 3)))
        with pytest.raises(LabelMapError):
            session.add_class("bull")
    with at_work(folder, scratch, None) as (session, _):
        label_map = session.need_label_map()
        assert label_map.names == ("background", "bull", "tree", "sheep")
        assert label_map.colors[1] == (1, 2, 3)


def test_a_second_session_on_the_same_folder_is_read_only(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, 2))
        second = new_session(scratch)
        found = run_to_end(open_project(folder))
        assert found.lock is None
        assert "read-only" in found.messages[-1].text
        second.adopt(found)
        second.add_items(["p0.png"])
        headless.show(second, "p0.png")
        change = second.apply_stroke(dab(5, 5, 1))
        assert change.message is not None
        assert change.rect is None
        with pytest.raises(LockedError), headless.opened(new_session(scratch), folder):
            pass
        assert second.close().writes == ()
        assert the(session).masked.vouch.any()


def test_an_image_that_was_replaced_keeps_its_mask_and_is_told(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, 2))
    PillowImage.fromarray(photo(77)[0]).save(folder / "p0.png")
    with at_work(folder, scratch, key=None) as (session, _):
        change = headless.show(session, "p0.png")
        assert change.message is not None
        assert "replaced" in change.message.text
        assert the(session).masked.mask[10, 10] == 2


def test_an_image_of_another_size_is_refused_with_both_sizes(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, 2))
    saved = (folder / ".fcn-gui/masks/p0.png.png").read_bytes()
    PillowImage.new("RGB", (50, 40), COW).save(folder / "p0.png")
    with at_work(folder, scratch, key=None) as (session, _), pytest.raises(MaskError, match=r"32 × 24.*50 × 40"):
        headless.show(session, "p0.png")
    assert (folder / ".fcn-gui/masks/p0.png.png").read_bytes() == saved


def test_an_image_that_is_gone_keeps_its_mask(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(10, 10, 2))
    (folder / "p0.png").unlink()
    with at_work(folder, scratch, key=None) as (session, _):
        gone = session.need_project().forget_missing()
        assert [item.key for item in gone] == ["p0.png"]
        assert gone[0].problem
        assert (folder / ".fcn-gui/masks/p0.png.png").is_file()


def test_a_voc_folder_opens_with_its_masks_accepted(tmp_path: Path, scratch: Path) -> None:
    voc = tmp_path / "voc"
    (voc / "SegmentationClass").mkdir(parents=True)
    make_folder(voc / "JPEGImages", 3)
    (voc / "class_names.txt").write_text("\n".join(MAP.names) + "\n")
    for number in (0, 1):
        picture = PillowImage.fromarray(photo(number)[1])
        picture.putpalette(MAP.palette())
        picture.save(voc / f"SegmentationClass/p{number}.png")
    with at_work(voc, scratch, None, "JPEGImages/p0.png") as (session, engine):
        assert session.need_label_map().names == MAP.names
        statuses = [item.status for item in session.need_project().items]
        assert statuses == [Status.VERIFIED, Status.VERIFIED, Status.NEW]
        assert np.array_equal(the(session).masked.mask, photo(0)[1])
        assert (the(session).masked.vouch == 1).all()
        headless.show(session, "JPEGImages/p2.png", engine)
        assert not the(session).masked.vouch.any()


VERBS = st.one_of(
    st.tuples(st.just("paint"), st.integers(0, 31), st.integers(0, 23), st.sampled_from([0, 1, 2, VOID])),
    st.tuples(st.just("erase"), st.integers(0, 31), st.integers(0, 23), st.just(0)),
    st.tuples(st.sampled_from(["undo", "redo", "verify", "unverify", "accept", "class", "leave", "save"])),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(VERBS, max_size=14))
def test_vouched_pixels_change_only_by_the_person_and_undo_goes_all_the_way_back(
    tmp_path_factory: pytest.TempPathFactory, verbs: list[tuple]
) -> None:
    base = tmp_path_factory.mktemp("undo")
    with at_work(make_folder(base / "photos", 2), base / "scratch") as (session, engine):
        first = the(session).masked.mask.copy()
        for verb in verbs:
            do(session, engine, verb)
            masked = the(session).masked
            free = masked.vouch == 0
            assert np.array_equal(masked.mask[free], the(session).proposal[free])
            item = session.need_project().item("p0.png")
            assert (item.status is Status.VERIFIED) == the(session).is_verified
            assert the(session).is_verified <= bool(masked.vouch.all())
        mask, vouch = the(session).masked.mask.copy(), the(session).masked.vouch.copy()
        headless.carry_out(session.save_all())
        folder = session.need_project().folder
        assert np.array_equal(folder.read_mask("p0.png"), mask)
        assert np.array_equal(folder.read_vouch("p0.png"), vouch)
        while session.can_undo:
            session.undo()
        assert np.array_equal(the(session).masked.mask, first)
        assert not the(session).masked.vouch.any()


def do(session: Session, engine: object, verb: tuple) -> None:
    name, *rest = verb
    if name in ("paint", "erase"):
        x, y, label = rest
        session.apply_stroke(dab(x + 0.5, y + 0.5, label, 3, erase=name == "erase"))
    elif name == "accept":
        session.accept_region((SIZE[0] // 2, SIZE[1] // 2))
    elif name == "class":
        session.accept_class(1)
    elif name == "leave":
        for key in ("p1.png", "p0.png"):
            headless.show(session, key, engine)  # type: ignore[arg-type]
    elif name == "save":
        headless.carry_out(session.save_all())
    else:
        getattr(session, name)()


def test_sides_of_a_voc_folder_are_those_of_its_lists(tmp_path: Path, scratch: Path) -> None:
    voc = tmp_path / "voc"
    for name in ("SegmentationClass", "ImageSets/Segmentation"):
        (voc / name).mkdir(parents=True)
    make_folder(voc / "JPEGImages", 3)
    (voc / "class_names.txt").write_text("\n".join(MAP.names) + "\n")
    for number in range(3):
        picture = PillowImage.fromarray(photo(number)[1])
        picture.putpalette(MAP.palette())
        picture.save(voc / f"SegmentationClass/p{number}.png")
    (voc / "ImageSets/Segmentation/train.txt").write_text("p0\np2\n")
    (voc / "ImageSets/Segmentation/val.txt").write_text("p1\n")
    with at_work(voc, scratch, None, None) as (session, _):
        assert [item.held_out for item in session.need_project().items] == [False, True, False]
        assert session.need_project().split.side("JPEGImages/p1.png") is True


def test_a_mask_with_a_class_too_many_names_value_and_count(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        headless.carry_out(session.add_class("sheep"))
        session.apply_stroke(dab(10.5, 10.5, 3, 0.6))
    header = folder / ".fcn-gui/project.json"
    data = json.loads(header.read_text())
    data["label_map"] = data["label_map"][:3]
    header.write_text(json.dumps(data))
    with at_work(folder, scratch, None, None) as (session, _):
        with pytest.raises(MaskError, match=r"p0\.png.*3 in 1 pixel"):
            headless.show(session, "p0.png")
        headless.carry_out(session.add_class("sheep"))
        headless.show(session, "p0.png")
        assert the(session).masked.mask[10, 10] == 3


def with_a_hole_and_a_speck(session: Session) -> tuple[np.ndarray, np.ndarray]:
    """A cow of the person's with a hole in it, and one pixel of tree outside, none of it vouched but the cow's ring."""
    assert session.document is not None
    masked = session.document.masked
    masked.mask[...], masked.vouch[...] = 0, 0
    masked.mask[4:9, 4:9], masked.vouch[4:9, 4:9] = 1, 2
    masked.mask[6, 6], masked.vouch[6, 6] = 0, 0
    masked.mask[15, 20] = 2
    return masked.mask.copy(), masked.vouch.copy()


def test_filled_holes_are_corrections_and_one_step(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        before = with_a_hole_and_a_speck(session)
        assert session.document is not None
        session.document.prediction = session.document.proposed = None
        session.document.first_look = before[0].copy()
        assert session.fill_holes(1, 0.01).history
        masked = session.document.masked
        assert (masked.mask[6, 6], masked.vouch[6, 6]) == (1, 2)
        assert (masked.mask != before[0]).sum() == 1
        assert not session.fill_holes(1, 0.01).history, "there is none any more"
        session.undo()
        assert np.array_equal(masked.mask, before[0]) and np.array_equal(masked.vouch, before[1])


def test_removed_specks_are_corrections_and_one_step(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        before = with_a_hole_and_a_speck(session)
        assert session.document is not None
        session.document.prediction = session.document.proposed = None
        session.document.first_look = before[0].copy()
        assert session.remove_specks(0.002).history
        masked = session.document.masked
        assert (masked.mask[15, 20], masked.vouch[15, 20]) == (0, 2)
        assert (masked.mask[6, 6], masked.vouch[6, 6]) == (1, 2)
        assert (masked.mask != before[0]).sum() == 2
        session.undo()
        assert np.array_equal(masked.mask, before[0]) and np.array_equal(masked.vouch, before[1])


def test_locked_classes_stay_when_the_mask_is_cleaned_up(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        before = with_a_hole_and_a_speck(session)
        session.lock_class(0, True)
        session.lock_class(2, True)
        assert not session.fill_holes(1, 0.01).history
        assert not session.remove_specks(0.01).history
        assert session.document is not None
        assert np.array_equal(session.document.masked.mask, before[0])
