"""Masks from elsewhere become proposals: what a person vouched for stays, and so does what was imported, until R."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from fcn_gui.core.errors import DatasetError
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.label_map_text import class_names_txt, labelmap_txt
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID, Mask
from fcn_gui.session import headless, jobs
from fcn_gui.session.engine import Engine
from fcn_gui.session.importing import ImportedMask, ImportReport, import_masks
from fcn_gui.session.opening import load
from fcn_gui.session.project import Status
from fcn_gui.session.repainting import Extent, repaint
from fcn_gui.session.session import Session
from tests.unit.session.workshop import MAP, SIZE, at_work, dab, finish, make_folder, photo

ALL_TREE = np.full(SIZE, 2, np.uint8)


def put(path: Path, mask: Mask) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = PillowImage.fromarray(mask)
    if mask.ndim == 2:
        picture.putpalette(MAP.palette())
    picture.save(path)
    return path


def bring_in(session: Session, source: Path) -> ImportReport:
    """What the window does with a folder of masks."""
    headless.carry_out(session.save_all())

    def take(mask: ImportedMask) -> None:
        headless.carry_out(session.take_import(mask))

    return run_to_end(import_masks(session.import_request(source), take))


def predict(session: Session, engine: Engine, is_asked: bool = False) -> None:
    request = session.predict_request(is_asked)
    assert request is not None
    headless.carry_out(session.follow(request, run_to_end(jobs.predict(engine, request))))


def shown(session: Session) -> Mask:
    assert session.document is not None
    return session.document.masked.mask


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos", 8)


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    """A mask for each photograph, all of it tree."""
    for number in range(8):
        put(tmp_path / "masks" / f"p{number}.png", ALL_TREE)
    return tmp_path / "masks"


@pytest.fixture
def work(folder: Path, tmp_path: Path) -> Iterator[tuple[Session, Engine]]:
    with at_work(folder, tmp_path / "scratch") as at:
        yield at


def test_every_image_with_a_mask_of_its_name_gets_it_as_the_proposal(work: tuple[Session, Engine], masks: Path):
    session, engine = work
    (masks / "p3.png").unlink()
    (masks / "p0.png").rename(masks / "no photo.png")
    report = bring_in(session, masks)
    assert (report.imported, report.verified, report.refused) == (6, 0, ())
    project = session.need_project()
    assert [item.key for item in project.items if not item.is_imported] == ["p0.png", "p3.png"]
    headless.show(session, "p1.png", engine)
    assert (shown(session) == 2).all()
    headless.show(session, "p3.png", engine)
    assert (shown(session) != 2).any()


def test_nothing_becomes_vouched_or_verified(work: tuple[Session, Engine], masks: Path):
    session, engine = work
    bring_in(session, masks)
    for key in ("p0.png", "p5.png"):
        headless.show(session, key, engine)
        assert session.document is not None
        assert not session.document.masked.vouch.any()
        assert session.need_project().item(key).status is Status.PREDICTED


@pytest.mark.parametrize("key", ["p0.png", "p1.png"], ids=["open before", "never opened"])
def test_the_network_is_known_and_the_mask_stays(work: tuple[Session, Engine], masks: Path, key: str):
    session, engine = work
    bring_in(session, masks)
    headless.show(session, key, engine)
    predict(session, engine)
    document = session.document
    assert document is not None
    assert document.prediction is not None
    assert (document.prediction.labels != 2).any(), "heatmap and uncertainty are the network's"
    assert document.first_look is not None
    np.testing.assert_array_equal(document.first_look, document.prediction.labels)
    assert (shown(session) == 2).all()


def test_it_survives_closing_and_reopening(folder: Path, tmp_path: Path, masks: Path):
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        bring_in(session, masks)
        headless.show(session, "p1.png", engine)
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        for key in ("p0.png", "p1.png", "p2.png"):
            headless.show(session, key, engine)
            predict(session, engine)
            assert (shown(session) == 2).all(), key


def test_second_looks_leave_it_alone(work: tuple[Session, Engine], masks: Path):
    session, engine = work
    headless.show(session, "p1.png", engine)
    headless.show(session, "p0.png", engine)
    bring_in(session, masks)
    assert session.need_project().to_look_at_again() == []
    for key in ("p1.png", "p7.png"):
        headless.carry_out(session.follow_again(key, np.zeros(SIZE, np.uint8)))  # one that was on its way
    session.reset_predictions()
    for key in ("p1.png", "p7.png"):
        headless.show(session, key, engine)
        assert (shown(session) == 2).all(), key


@pytest.mark.parametrize("is_taught", [False, True], ids=["nothing vouched", "something vouched"])
def test_repaint_drops_the_import_for_that_image(folder: Path, tmp_path: Path, masks: Path, is_taught: bool):
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        bring_in(session, masks)
        if is_taught:
            for number in (2, 3):
                finish(session, engine, f"p{number}.png", photo(number)[1])
        headless.show(session, "p0.png", engine)
        if is_taught:
            headless.refit(session, engine, is_forced=True)
        else:
            predict(session, engine, is_asked=True)
        assert (shown(session) != 2).any()
        assert not session.need_project().item("p0.png").is_imported
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        assert not session.need_project().item("p0.png").is_imported
        assert session.need_project().item("p1.png").is_imported, "only that one"
        assert (shown(session) != 2).any()


@pytest.mark.parametrize("when", ["auto", "always", "never"])
def test_a_stroke_repaints_nothing_of_it(folder: Path, tmp_path: Path, masks: Path, when: str):
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        session.settings.set("learn.repaint", when)
        for number in (2, 3):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        headless.show(session, "p0.png", engine)
        bring_in(session, masks)
        for x in (4, 12, 20):
            session.apply_stroke(dab(x, 12, label=1))
            request = session.repaint_request()
            assert request is not None
            assert request.extent is Extent.NOTHING
            headless.refit(session, engine)
        assert session.document is not None
        assert (shown(session)[session.document.masked.vouch == 0] == 2).all()


def test_a_repaint_that_was_on_its_way_is_of_the_mask_before(work: tuple[Session, Engine], masks: Path):
    session, engine = work
    for number in (2, 3):
        finish(session, engine, f"p{number}.png", photo(number)[1])
    headless.show(session, "p0.png", engine)
    request = session.repaint_request(is_forced=True)
    assert request is not None
    result = run_to_end(repaint(engine, request))
    bring_in(session, masks)
    headless.carry_out(session.repainted(request, result))
    assert (shown(session) == 2).all()


def test_a_stroke_of_before_is_undone_and_shows_the_import(work: tuple[Session, Engine], masks: Path):
    session, engine = work
    session.apply_stroke(dab(10, 10, label=1))
    bring_in(session, masks)
    assert shown(session)[10, 10] == 1
    session.undo()
    assert (shown(session) == 2).all()
    session.redo()
    assert shown(session)[10, 10] == 1
    for number in range(1, 8):  # it leaves memory
        headless.show(session, f"p{number}.png", engine)
    headless.show(session, "p0.png", engine)
    session.undo()
    assert (shown(session) == 2).all()


def test_the_eraser_and_unverify_bring_the_import_back_after_reopening(folder: Path, tmp_path: Path, masks: Path):
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        bring_in(session, masks)
        session.accept_region((2, 2))
        headless.show(session, "p1.png", engine)
        headless.carry_out(session.verify())
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        session.apply_stroke(dab(10, 10, radius=4, erase=True))
        assert (shown(session) == 2).all()
        headless.show(session, "p1.png", engine)
        session.unverify()
        predict(session, engine)
        assert (shown(session) == 2).all()


def test_the_eraser_brings_the_import_back_under_a_correction_after_reopening(
    folder: Path, tmp_path: Path, masks: Path
):
    half = np.full(SIZE, VOID, np.uint8)
    half[:12] = 2
    put(masks / "p0.png", half)
    with at_work(folder, tmp_path / "scratch") as (session, _):
        below = shown(session).copy()
        bring_in(session, masks)
        session.apply_stroke(dab(10, 6, label=1, radius=3))
        assert (shown(session) == 1).any()
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        corrected = shown(session).copy()
        assert corrected[6, 10] == 1
        session.apply_stroke(dab(10, 6, radius=5, erase=True))
        assert (shown(session)[:12] == 2).all() and np.array_equal(shown(session)[12:], below[12:])
        session.undo()
        assert np.array_equal(shown(session), corrected)
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        run_to_end(headless.rewrite(session, session.move_class(2, 1)))
        session.apply_stroke(dab(10, 6, radius=5, erase=True))
        assert (shown(session)[:12] == 1).all(), "in memory as on disk"
        session.undo()
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        assert shown(session)[6, 10] == 2, "cow is class 2 now"
        session.apply_stroke(dab(10, 6, radius=5, erase=True))
        assert (shown(session)[:12] == 1).all(), "and tree class 1"
        predict(session, engine, is_asked=True)
        assert not list((folder / ".fcn-gui/imported").glob("p0*")), "it follows the network again"
        assert list((folder / ".fcn-gui/imported").glob("p1*"))


def test_taking_a_change_of_the_classes_back_keeps_what_was_imported_since(folder: Path, tmp_path: Path, masks: Path):
    with at_work(folder, tmp_path / "scratch") as (session, _):
        bring_in(session, masks)
        run_to_end(headless.rewrite(session, session.remove_class(1, 0)))
        half = np.zeros(SIZE, np.uint8)
        half[12:] = VOID
        put(masks / "p0.png", half)
        bring_in(session, masks)
        run_to_end(headless.rewrite(session, session.undo_rewrite()))
        kept = session.need_project().folder.read_import("p0.png")
        assert kept is not None
        assert (kept[:12] == 0).all() and (kept[12:] == 2).all()
        other = session.need_project().folder.read_import("p1.png")
        assert other is not None and (other == 2).all()


def test_an_imported_mask_that_is_damaged_later_costs_nothing_that_shows(folder: Path, tmp_path: Path, masks: Path):
    with at_work(folder, tmp_path / "scratch") as (session, _):
        bring_in(session, masks)
        session.apply_stroke(dab(10, 6, label=1, radius=3))
        before = shown(session).copy()
    path = next((folder / ".fcn-gui/imported").glob("p0*"))
    path.write_bytes(path.read_bytes()[:30])
    with at_work(folder, tmp_path / "scratch") as (session, _):
        assert np.array_equal(shown(session), before)


def test_one_that_is_damaged_gives_way_to_a_new_import(folder: Path, tmp_path: Path, masks: Path):
    with at_work(folder, tmp_path / "scratch") as (session, _):
        bring_in(session, masks)
        path = next((folder / ".fcn-gui/imported").glob("p0*"))
        path.write_bytes(path.read_bytes()[:30])
        assert bring_in(session, masks).refused == ()
        again = session.need_project().folder.read_import("p0.png")
        assert again is not None and (again == 2).all()


def test_an_image_read_before_its_mask_came_shows_it(work: tuple[Session, Engine], masks: Path):
    session, _ = work
    read_ahead = run_to_end(load(session.load_request("p4.png")))
    bring_in(session, masks)
    headless.carry_out(session.leave())
    session.show(read_ahead)
    assert (shown(session) == 2).all()


def test_void_says_nothing(work: tuple[Session, Engine], masks: Path):
    session, engine = work
    before = shown(session).copy()
    half = ALL_TREE.copy()
    half[:, 16:] = VOID
    for number in (0, 1):
        put(masks / f"p{number}.png", half)
    bring_in(session, masks)
    assert (shown(session)[:, :16] == 2).all()
    np.testing.assert_array_equal(shown(session)[:, 16:], before[:, 16:], err_msg="it stays what it is")
    headless.show(session, "p1.png", engine)
    assert session.document is not None
    assert session.document.prediction is not None
    said = session.document.prediction.proposal
    assert (shown(session)[:, :16] == 2).all()
    np.testing.assert_array_equal(shown(session)[:, 16:], said[:, 16:], err_msg="it takes the first prediction")


def test_verified_images_are_left_as_they_are(work: tuple[Session, Engine], masks: Path):
    session, engine = work
    finish(session, engine, "p2.png", photo(2)[1])
    report = bring_in(session, masks)
    assert (report.imported, report.verified) == (7, 1)
    np.testing.assert_array_equal(shown(session), photo(2)[1])
    assert session.need_project().item("p2.png").status is Status.VERIFIED


def test_classes_are_matched_by_name(work: tuple[Session, Engine], tmp_path: Path):
    session, _ = work
    theirs = own_label_map(["background", "tree", "dog", "cow"])
    mask = np.zeros(SIZE, np.uint8)
    mask[:6], mask[6:12] = 1, 3
    put(tmp_path / "voc" / "SegmentationClass" / "p0.png", mask)
    (tmp_path / "voc" / "class_names.txt").write_text(class_names_txt(theirs))
    with_dog = mask.copy()
    with_dog[20, :5] = 2
    put(tmp_path / "voc" / "SegmentationClass" / "p1.png", with_dog)
    for source in (tmp_path / "voc", tmp_path / "voc" / "SegmentationClass"):
        report = bring_in(session, source)
        assert report.imported == 1
        assert (shown(session)[:6] == 2).all()
        assert (shown(session)[6:12] == 1).all()
        assert (shown(session)[12:] == 0).all()
        ((name, reason),) = report.refused
        assert name == "p1.png"
        assert reason.startswith("p1.png has the class dog in 5 pixels, which this project has not; add the class")
    assert not session.need_project().item("p1.png").is_imported


def test_colours_are_read_where_a_list_says_them(work: tuple[Session, Engine], tmp_path: Path):
    session, _ = work
    put(tmp_path / "masks" / "p0.png", np.array(MAP.colors, np.uint8)[ALL_TREE])
    assert "colours instead of indices" in bring_in(session, tmp_path).refused[0][1]
    (tmp_path / "labelmap.txt").write_text(labelmap_txt(MAP))
    assert bring_in(session, tmp_path).refused == ()
    assert (shown(session) == 2).all()


def test_what_cannot_be_used_is_refused_with_its_reason_and_the_rest_goes_on(work: tuple[Session, Engine], masks: Path):
    session, _ = work
    put(masks / "p1.png", np.zeros((10, 20), np.uint8))
    (masks / "p2.png").write_bytes(b"no picture")
    put(masks / "p3.png", np.zeros((*SIZE, 3), np.uint8))
    strange = ALL_TREE.copy()
    strange[3, :4] = 9
    put(masks / "p4.png", strange)
    report = bring_in(session, masks)
    assert report.imported == 4
    told = dict(report.refused)
    assert told["p1.png"].startswith("p1.png is 20 × 10 pixels, its image 32 × 24")
    assert told["p2.png"].startswith("p2.png is no mask")
    assert told["p3.png"].startswith("p3.png holds colours instead of indices")
    assert told["p4.png"].startswith("p4.png has the unknown value 9 in 4 pixels")
    project = session.need_project()
    assert [item.key for item in project.items if not item.is_imported] == [f"p{n}.png" for n in range(1, 5)]


def test_one_that_is_cancelled_leaves_the_rest_out(work: tuple[Session, Engine], masks: Path):
    session, engine = work
    job = import_masks(
        session.import_request(masks), lambda mask: headless.carry_out(session.take_import(mask)) and None
    )
    for _ in range(4):
        next(job)
    job.close()
    assert [item.key for item in session.need_project().items if item.is_imported] == ["p0.png", "p1.png"]
    headless.show(session, "p1.png", engine)
    assert (shown(session) == 2).all()
    headless.show(session, "p2.png", engine)
    assert (shown(session) != 2).any()


def test_a_folder_without_masks_is_an_error(work: tuple[Session, Engine], tmp_path: Path):
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "empty", tmp_path / "gone"):
        with pytest.raises(DatasetError, match="choose"):
            bring_in(work[0], source)


def test_removing_a_class_keeps_what_was_imported(work: tuple[Session, Engine], masks: Path):
    session, engine = work
    half = ALL_TREE.copy()
    half[:12] = 1
    put(masks / "p0.png", half)
    bring_in(session, masks)
    run_to_end(headless.rewrite(session, session.remove_class(1, 0)))
    predict(session, engine)
    assert (shown(session)[:12] == 0).all()
    assert (shown(session)[12:] == 1).all(), "tree is class 1 now"


KEYS = tuple(f"p{number}.png" for number in range(3))
LABELS = st.sampled_from([0, 1, 2, VOID])


@settings(max_examples=15, deadline=None)
@given(
    strokes=st.lists(
        st.tuples(st.sampled_from(KEYS), st.integers(2, 30), st.integers(2, 22), LABELS), min_size=1, max_size=6
    ),
    seed=st.integers(0, 1000),
    where=st.sampled_from(["in memory", "on disk"]),
)
def test_vouched_pixels_stay_bit_for_bit(strokes: list[tuple[str, int, int, int]], seed: int, where: str):
    with tempfile.TemporaryDirectory() as scratch:
        folder, rng = make_folder(Path(scratch) / "photos", 3), np.random.default_rng(seed)
        for number in range(3):
            mask = rng.choice(np.array([0, 1, 2, VOID], np.uint8), SIZE)
            put(Path(scratch) / "masks" / f"p{number}.png", mask)
        marks: dict[str, tuple[Mask, Mask]] = {}
        with at_work(folder, Path(scratch) / "start") as (session, engine):
            for key, x, y, label in strokes:
                headless.show(session, key, engine)
                session.apply_stroke(dab(x, y, label))
                assert session.document is not None
                masked = session.document.masked
                marks[key] = masked.mask.copy(), masked.vouch.copy()
            if where == "in memory":
                assert bring_in(session, Path(scratch) / "masks").imported == 3
                check(session, engine, marks)
        with at_work(folder, Path(scratch) / "start", key=None) as (session, engine):
            if where == "on disk":
                assert bring_in(session, Path(scratch) / "masks").imported == 3
            check(session, engine, marks)


def check(session: Session, engine: Engine, marks: dict[str, tuple[Mask, Mask]]) -> None:
    for key, (mask, vouch) in marks.items():
        headless.show(session, key, engine)
        assert session.document is not None
        masked = session.document.masked
        np.testing.assert_array_equal(masked.vouch, vouch)
        np.testing.assert_array_equal(masked.mask[vouch > 0], mask[vouch > 0])
