"""The session without a window: what the window does on its threads happens here, one after the other.

The command line's `retrain` and `export` run on it, and the tests of the session.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fcn_gui.core.errors import LabelMapError, LockedError, SaveError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.progress import Job, run_to_end
from fcn_gui.disk.voc_export import ExportReport, export_voc
from fcn_gui.disk.voc_truth import ExportOptions
from fcn_gui.session import class_rewrites, jobs, repainting
from fcn_gui.session.background_learning import Due
from fcn_gui.session.change import NOTHING, Change
from fcn_gui.session.class_rewrites import RewriteRequest, Rewritten
from fcn_gui.session.engine import Engine
from fcn_gui.session.exporting import export_request
from fcn_gui.session.jobs import PredictRequest, RetrainResult
from fcn_gui.session.learning import photograph_name
from fcn_gui.session.opening import load, open_project, read_marks, scan
from fcn_gui.session.refit_judging import judge_refit as refit_judging
from fcn_gui.session.refit_judging import judge_starts
from fcn_gui.session.session import Session


def carry_out(change: Change) -> Change:
    """Write at once what a change wants written, all of it. Raises the first SaveError when the rest is done."""
    errors = []
    for write in change.writes:
        try:
            write.run()
        except SaveError as error:
            errors.append(error)
        else:
            write.done()
    if errors:
        raise errors[0]
    return change


@contextmanager
def opened(
    session: Session, folder: Path, project_dir: Path | None = None, label_map: LabelMap | None = None
) -> Iterator[Session]:
    """The folder as a project with all its images listed; saved and unlocked at the end.

    `label_map` is for a folder that has none yet. Raises LockedError when somebody else has it, ProjectError,
    LabelMapError when it has no classes and none are given.
    """
    found = run_to_end(open_project(folder, project_dir))
    if found.lock is None:
        raise LockedError(" ".join(message.text for message in found.messages))
    carry_out(session.adopt(found))
    try:
        project = session.need_project()
        if project.label_map is None:
            if label_map is None:
                raise LabelMapError(f"{folder} has no classes yet: open it in the window once and choose them.")
            carry_out(session.choose_label_map(label_map))
        run_to_end(scan(found.folder, session.add_items))
        yield session
    finally:
        carry_out(session.close())


def show(session: Session, key: str, engine: Engine | None = None) -> Change:
    """Make an image the open one; with an engine its prediction is there too. Raises ImageError, MaskError."""
    carry_out(session.leave())
    change = session.show(session.recall(key) or run_to_end(load(session.load_request(key))))
    request = session.predict_request()
    if engine is not None and request is not None:
        carry_out(session.follow(request, run_to_end(jobs.predict(engine, request))))
    return change


def refit(session: Session, engine: Engine, is_forced: bool = False) -> Change:
    """What the window does after a stroke, an undo or a verify, and with `is_forced` when it is told to repaint."""
    request = session.repaint_request(is_forced)
    if request is None:
        return NOTHING
    return carry_out(session.repainted(request, run_to_end(repainting.repaint(engine, request))))


def refit_ahead(session: Session, engine: Engine) -> None:
    """What the window does in idle time: solve what a verify of the open image would ask for."""
    request = session.ahead_request()
    if request is not None:
        run_to_end(repainting.refit_ahead(engine, request))


def look_ahead(session: Session, key: str, engine: Engine) -> None:
    """What the window does in idle time: predict the image that comes next, so that its taps are known."""
    live = session.live
    if live is not None and session.recall(key) is None:
        loaded = run_to_end(load(session.load_request(key)))
        name = photograph_name(key, loaded.digest)
        run_to_end(jobs.predict(engine, PredictRequest(key, loaded.picture.image, live, name)))


def judge_refit(session: Session, engine: Engine) -> Change:
    """What the window does in idle time after a verify: whether the refit of before may make first looks."""
    request = session.judge_request()
    if request is None:
        return NOTHING
    return carry_out(session.refit_judged(request, run_to_end(refit_judging(engine, request))))


def judge_start(session: Session, engine: Engine) -> Change:
    """What the window does in idle time after a verify: which way of starting a mask is cheapest by now."""
    request = session.cost_request()
    if request is None:
        return NOTHING
    return carry_out(session.start_costed(request, run_to_end(judge_starts(engine, request))))


def retrain(session: Session, engine: Engine, seed: int = 0) -> Job[RetrainResult]:
    """Learn from all corrections; the candidate is live at the end if the gate let it through. Raises LearningError."""
    carry_out(session.save_all())
    marks = yield from read_marks(session.undecided())
    carry_out(session.decide_sides(marks))
    request = session.retrain_request(seed)
    session.background.begin(Due.LEARNING)
    try:
        result = yield from jobs.retrain(engine, request)
    except BaseException:
        session.background.cut_off()
        raise
    carry_out(session.learned(result))
    return result


def rewrite(session: Session, request: RewriteRequest) -> Job[Rewritten]:
    """Carry out what removing, merging or moving a class asks for. Raises SaveError, MaskError; nothing is changed."""
    carry_out(session.begin_rewrite())
    try:
        staged = yield from class_rewrites.stage(request)
        done = yield from class_rewrites.commit(request, staged)
    except BaseException:
        carry_out(session.end_rewrite())
        raise
    carry_out(session.rewritten(request, done))
    return done


def judge_waiting(session: Session, engine: Engine) -> Job[RetrainResult | None]:
    """Judge the candidate that waits, where there are enough verified images now; None where there is none."""
    request = session.waiting_request()
    if request is None:
        return None
    result = yield from jobs.judge_waiting(engine, *request)
    carry_out(session.learned(result))
    return result


def export(session: Session, target: Path, options: ExportOptions) -> Job[ExportReport]:
    """Write a VOC data set. Raises ExportError."""
    carry_out(session.save_all())
    report = yield from export_voc(export_request(session, target, options))
    return report
