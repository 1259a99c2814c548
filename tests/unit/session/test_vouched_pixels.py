"""Whatever the machine does, in whatever order: a vouched pixel is bit for bit what the person left there."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.errors import CheckpointError, LearningError
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import Mask
from fcn_gui.session import headless, jobs
from fcn_gui.session.engine import Engine
from fcn_gui.session.session import Session
from tests.unit.session.workshop import at_work, dab, finish, make_folder, photo

KEYS = tuple(f"p{number}.png" for number in range(4))
Marks = dict[str, tuple[Mask, Mask]]


def second_look(session: Session, engine: Engine) -> None:
    """What the window does when another checkpoint answers."""
    session.reset_predictions()
    project, live, document = session.need_project(), session.live, session.document
    assert live is not None
    here = document.key if document is not None else None
    keys = [item.key for item in project.to_look_at_again() if item.key != here]
    images = [(key, lambda key=key: photo(int(key[1]))[0]) for key in keys]
    run_to_end(
        jobs.second_look(
            engine, live, images, lambda key, labels: headless.carry_out(session.follow_again(key, labels))
        )
    )
    request = session.predict_request()
    if request is not None:
        headless.carry_out(session.follow(request, run_to_end(jobs.predict(engine, request))))


def refit(session: Session, engine: Engine) -> None:
    headless.refit(session, engine)


def repaint(session: Session, engine: Engine) -> None:
    headless.refit(session, engine, is_forced=True)


def fine_tune(session: Session, engine: Engine) -> None:
    try:
        run_to_end(headless.retrain(session, engine))
    except LearningError:
        return
    run_to_end(headless.judge_waiting(session, engine))
    second_look(session, engine)


def roll_back(session: Session, engine: Engine) -> None:
    try:
        headless.carry_out(session.rollback())
    except CheckpointError:
        return
    second_look(session, engine)


def newest_live(session: Session, engine: Engine) -> None:
    headless.carry_out(session.make_live(session.checkpoint_entries[-1].id))
    second_look(session, engine)


MACHINE: dict[str, Callable[[Session, Engine], None]] = {
    each.__name__: each for each in (refit, repaint, fine_tune, roll_back, newest_live, second_look)
}
machine = st.sampled_from(sorted(MACHINE)).map(lambda name: ("machine", name))
strokes = st.tuples(
    st.just("stroke"), st.integers(0, 31), st.integers(0, 23), st.sampled_from([0, 1, 2, 255, None]), st.integers(1, 6)
)
person = st.one_of(
    strokes,
    st.tuples(st.just("show"), st.sampled_from(KEYS)),
    st.tuples(st.just("finish"), st.sampled_from(KEYS)),
    st.tuples(st.just("accept"), st.integers(0, 23), st.integers(0, 31)),
    st.sampled_from([("verify",), ("unverify",), ("undo",), ("redo",)]),
)


def act(session: Session, engine: Engine, what: str, *how: object) -> None:
    """One thing that a person does."""
    if what == "stroke":
        x, y, label, radius = how
        headless.carry_out(session.apply_stroke(dab(x + 0.5, y + 0.5, label, radius, erase=label is None)))  # type: ignore[operator,arg-type]
    elif what == "show":
        headless.show(session, str(how[0]), engine)
    elif what == "finish":
        finish(session, engine, str(how[0]), photo(int(str(how[0])[1]))[1])
    elif what == "accept":
        headless.carry_out(session.accept_region(how))  # type: ignore[arg-type]
    else:
        headless.carry_out(getattr(session, what)())


def marks(session: Session) -> Marks:
    """Mask and vouch map of every image with vouched pixels, as they are now, in memory or on disk."""
    found = {}
    for item in session.need_project().corrected():
        _, mask, vouch = session._corrected(item).read()
        found[item.key] = mask.copy(), vouch.copy()
    return found


def check_same(before: Marks, after: Marks, what: str) -> None:
    assert before.keys() == after.keys()
    for key, (mask, vouch) in before.items():
        assert np.array_equal(vouch, after[key][1]), f"{what} changed what is vouched in {key}"
        assert np.array_equal(mask[vouch > 0], after[key][0][vouch > 0]), f"{what} changed vouched pixels of {key}"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(person, machine), min_size=4, max_size=14))
def test_only_a_person_changes_a_vouched_pixel(steps: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = make_folder(Path(place) / "photos", len(KEYS))
        with at_work(folder, Path(place) / "scratch") as (session, engine):
            for what, *how in steps:
                if what != "machine":
                    act(session, engine, str(what), *how)
                    continue
                before = marks(session)
                MACHINE[str(how[0])](session, engine)
                check_same(before, marks(session), str(how[0]))
            last = marks(session)
        with at_work(folder, Path(place) / "scratch", key=None) as (session, _):
            check_same(last, marks(session), "closing and opening")


def test_the_machine_does_change_what_nobody_vouched_for(tmp_path: Path) -> None:
    """Or else the test before would hold of a machine that does nothing."""
    with at_work(make_folder(tmp_path / "photos", 4), tmp_path / "scratch") as (session, engine):
        headless.show(session, "p3.png", engine)
        headless.carry_out(session.apply_stroke(dab(3.5, 3.5, 1)))
        for number in range(3):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        before = marks(session)["p3.png"][0]
        fine_tune(session, engine)
        newest_live(session, engine)
        assert not np.array_equal(before, marks(session)["p3.png"][0])
