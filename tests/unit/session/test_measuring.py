"""What is measured on the project's own images, by value, and what is kept of it."""

from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.border_bands import BandCounts, within
from fcn_gui.core.metrics import confusion_matrix
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import Rect
from fcn_gui.session import headless
from fcn_gui.session.engine import Engine
from fcn_gui.session.measuring import (
    Measured,
    Measurements,
    Scope,
    Source,
    measure,
    places_of,
    scopes_of,
)
from fcn_gui.session.session import Session
from tests.unit.session.workshop import COW, GRASS, MAP, TREE, at_work, dab, finish, make_folder, photo


def measured_now(session: Session, engine: Engine) -> list[str]:
    """Measure what is left; the keys of what was looked at."""
    live, told = session.live, list[Measured]()
    assert live is not None
    left = session.measurements.begin(live.label_map, session.to_measure())
    run_to_end(measure(engine, live, left, told.append))
    for each in told:
        session.measurements.put(each)
    return [each.key for each in told]


def by_colour(number: int) -> np.ndarray:
    """What the start, which takes grass for a cow and a cow for grass, says of a photograph."""
    image = photo(number)[0].astype(int)
    near = np.stack([np.abs(image - np.array(c)).sum(2) for c in (COW, GRASS, TREE)])
    return near.argmin(0).astype(np.uint8)


def test_the_matrix_is_that_of_raw_prediction_and_mask(tmp_path: Path) -> None:
    with at_work(make_folder(tmp_path / "photos", 4), tmp_path / "scratch") as (session, engine):
        for number in (0, 1):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        assert measured_now(session, engine) == ["p0.png", "p1.png"]
        found = session.measurements
        expected = sum(confusion_matrix(photo(n)[1], by_colour(n), 3) for n in (0, 1))
        for source in Source:
            assert np.array_equal(found.bands(Scope.VERIFIED, source).sum(0), expected)
        assert found.count(Scope.VERIFIED) == 2


def test_a_first_look_stays_what_it_was_when_the_network_has_learned(tmp_path: Path) -> None:
    with at_work(make_folder(tmp_path / "photos", 4), tmp_path / "scratch") as (session, engine):
        for number in (0, 1, 2):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        measured_now(session, engine)
        first = session.measurements.bands(Scope.VERIFIED, Source.FIRST).copy()
        result = run_to_end(headless.retrain(session, engine))
        headless.carry_out(session.make_live(result.checkpoint.id))
        assert measured_now(session, engine) == ["p0.png", "p1.png", "p2.png"]
        now = session.measurements.bands(Scope.VERIFIED, Source.NOW).sum(0)
        assert np.array_equal(session.measurements.bands(Scope.VERIFIED, Source.FIRST), first)
        assert np.diag(now).sum() > np.diag(first.sum(0)).sum()


def test_only_what_changed_is_measured_again(tmp_path: Path) -> None:
    with at_work(make_folder(tmp_path / "photos", 4), tmp_path / "scratch") as (session, engine):
        for number in (0, 1):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        measured_now(session, engine)
        assert session.measurements.stale(session.measure_stamps()) == 0
        headless.show(session, "p1.png", engine)
        session.apply_stroke(dab(5, 5, 2))
        finish(session, engine, "p2.png", photo(2)[1])
        assert session.measurements.stale(session.measure_stamps()) == 2
        assert measured_now(session, engine) == ["p1.png", "p2.png"]


def test_pixels_that_nobody_vouched_for_do_not_count(tmp_path: Path) -> None:
    with at_work(make_folder(tmp_path / "photos", 6), tmp_path / "scratch") as (session, engine):
        for number in range(6):
            headless.show(session, f"p{number}.png", engine)
            session.apply_stroke(dab(5, 5, 1))
        held_out = [item.key for item in session.need_project().items if item.held_out]
        assert measured_now(session, engine) == held_out
        stroked = sum(int((each.read()[2] > 0).sum()) for each in (s.image for s in session.to_measure()))
        bands = session.measurements.bands(Scope.HELD_OUT, Source.NOW)
        assert bands.sum() == bands[:, 1].sum() == stroked
        assert within(bands).sum() == 0  # the edge of a stroke is no border
        assert session.measurements.count(Scope.VERIFIED) == 0


def test_an_image_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "photos", 3)
    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        for number in (0, 1):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        headless.carry_out(session.leave())
        session._recent.clear()
        (folder / "p1.png").write_bytes(b"?")
        assert measured_now(session, engine) == ["p0.png"]


def test_a_first_look_of_another_size_is_none(tmp_path: Path) -> None:
    """The file was replaced since."""
    with at_work(make_folder(tmp_path / "photos", 2), tmp_path / "scratch") as (session, engine):
        finish(session, engine, "p0.png", photo(0)[1])
        assert session.document is not None
        session.document.first_look = np.zeros((3, 5), np.uint8)
        assert measured_now(session, engine) == ["p0.png"]
        assert session.measurements.count(Scope.VERIFIED) == 1
        assert session.measurements.count(Scope.VERIFIED, Source.FIRST) == 0
        assert not session.measurements.compared(Scope.VERIFIED)[Source.NOW].any()


def counts(*cells: tuple[int, int, int]) -> BandCounts:
    """(truth, said, pixels)."""
    truth = np.concatenate([np.full(px, t, np.uint8) for t, _, px in cells])[None]
    said = np.concatenate([np.full(px, s, np.uint8) for _, s, px in cells])[None]
    return BandCounts.of(truth, said, 3)


def known(*images: Measured) -> Measurements:
    made = Measurements()
    made._wanted = {image.key: image.stamp for image in images}
    made.label_map = MAP
    for image in images:
        made.put(image)
    return made


def test_a_cell_lists_the_images_that_feed_it_largest_first() -> None:
    both = scopes_of(True, True)
    images = (
        Measured("a", both, (1, ""), counts((1, 0, 5), (1, 1, 20)), counts((1, 0, 9))),
        Measured("b", both, (1, ""), counts((1, 0, 30))),
        Measured("c", scopes_of(False, True), (1, ""), counts((1, 0, 7))),
        Measured("d", both, (1, ""), counts((0, 1, 7))),
    )
    found = known(*images)
    assert found.feeding(Scope.HELD_OUT, Source.NOW, (1, 0)) == [("b", 30), ("a", 5)]
    assert found.feeding(Scope.VERIFIED, Source.NOW, (1, 0)) == [("b", 30), ("c", 7), ("a", 5)]
    assert found.feeding(Scope.VERIFIED, Source.FIRST, (1, 0)) == [("a", 9)]
    assert found.count(Scope.VERIFIED, Source.FIRST) == 1
    assert found.bands(Scope.HELD_OUT, Source.NOW).sum(0)[1].tolist() == [35, 20, 0]
    compared = found.compared(Scope.HELD_OUT)  # only "a" has a first look
    assert compared[Source.NOW].sum(0)[1].tolist() == [5, 20, 0]
    assert compared[Source.FIRST].sum(0)[1].tolist() == [9, 0, 0]


def test_an_answer_that_comes_late_is_left_out() -> None:
    found = known(Measured("a", scopes_of(True, False), (2, "x"), counts((1, 0, 5))))
    found.put(Measured("a", scopes_of(True, False), (1, "x"), counts((1, 0, 99))))
    found.put(Measured("b", scopes_of(True, False), (2, "x"), counts((1, 0, 99))))
    assert found.bands(Scope.HELD_OUT, Source.NOW).sum() == 5


@pytest.mark.parametrize("size", [100, 3000])
def test_the_largest_region_of_a_confusion(size: int) -> None:
    truth, said = np.zeros((size, size), np.uint8), np.zeros((size, size), np.uint8)
    tenth = size // 10
    truth[:, size // 2 :] = 1
    said[: 2 * tenth, : 2 * tenth] = 1  # 0 called 1, and a smaller part of it
    said[6 * tenth : 7 * tenth, :tenth] = 1
    said[:, size // 2 :] = 1
    places = places_of(truth, said, (0, 1))
    assert places is not None and len(places.outlines) == 2
    rect = places.largest
    wanted = Rect(0, 0, 2 * tenth, 2 * tenth)
    assert max(abs(a - b) for a, b in zip(_ends(rect), _ends(wanted), strict=True)) <= 4
    assert places_of(truth, said, (1, 0)) is None
    ends = [points.max(0) for points in places.outlines]
    assert all((end <= size).all() for end in ends)


def _ends(rect: Rect) -> tuple[int, int, int, int]:
    return rect.x0, rect.y0, rect.x1, rect.y1
