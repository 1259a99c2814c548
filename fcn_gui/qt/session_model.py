"""The only QObject that holds the session: a person's verbs go in, facts come out as signals.

It decides nothing that the session could decide; it brings work to the threads and answers back.

Longer than other files: one verb of a person after another, a few lines each, which are looked up and not read through.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, Slot
from PySide6.QtGui import QImage

from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.palette import Color
from fcn_gui.core.raster import Rect
from fcn_gui.core.refinement import Refinement
from fcn_gui.qt.job_board import JobStatus, describe
from fcn_gui.qt.retrainer import LearningCurve
from fcn_gui.qt.session_work import SessionWork
from fcn_gui.qt.task import Task
from fcn_gui.session import jobs
from fcn_gui.session.change import Change, Write
from fcn_gui.session.class_rewrites import RewriteRequest
from fcn_gui.session.comparison import Comparison
from fcn_gui.session.doubts import Doubted
from fcn_gui.session.messages import Message, busy_with_classes
from fcn_gui.session.opening import open_project

__all__ = ["JobStatus", "SessionModel"]


class SessionModel(SessionWork):
    """Verbs are slots and return at once. The session is only touched on the main thread."""

    _is_shut = False
    _refined_before = Refinement.FAST

    # The folder

    @Slot(object)
    def open_folder(self, path: Path, project_dir: Path | None = None) -> None:
        """Open a folder in place of the one that is open."""
        self.close_project()
        task = self._opening = Task("open", open_project(Path(path), project_dir))
        self._board.watch(task, f"Opening {Path(path).name}", lambda opened: self._adopt(task, opened))
        # Behind the writes of the folder before: it may be the same one, and its lock must be free.
        self._disk.run_after(task)

    @Slot()
    def close_project(self) -> None:
        """Save what there is to save and show nothing."""
        self._opening = None
        if self.project is None:
            return
        self._relabeller.stop()
        self._retrainer.stop()
        self._learner.stop()
        self._importer.stop()
        self._comparer.stop()
        self._refits.stop()
        self._guide.stop()
        self._rechecker.stop()
        self._measurer.stop()
        self._by_hand.stop()
        self._flow.forget(images=True)
        self._thumbnails.forget()
        self._reader.cancel("scan")
        self._finish_waiting_strokes()
        self._save_timer.stop()
        change = self._session.close()
        self.document_closed.emit()
        self.project_closed.emit()
        self._apply(change)

    @Slot(object)
    def choose_label_map(self, label_map: LabelMap) -> None:
        """The classes of a folder opened for the first time."""
        self._do(lambda: self._session.choose_label_map(label_map))

    # From image to image

    @Slot()
    def verify_and_next(self) -> None:
        """Say that the whole image is right, and go on."""
        self._finish_waiting_strokes()
        self._do(self._session.verify)
        self._retrainer.go_on()
        self._guide.follow_verify()
        if self._session.settings.get("images.where_next"):
            self.where_next()
        else:
            self.go(1)

    @Slot()
    def where_next(self) -> None:
        """To the image that helps most, as far as is known, and why; the folder is looked through from now on."""
        project, document = self.project, self.document
        if project is None:
            return
        here = document.key if document is not None else None
        advice = [each for each in self._guide.ask() if each.key != here]
        if advice:
            self.message_posted.emit(Message("info", f"{advice[0].key}: {advice[0].reason}."))
            self.select(advice[0].key)
            return
        left = project.next_unverified(here)
        text = "It looks through the folder first; until then, the next image that is not verified."
        self.message_posted.emit(Message("info", text if left is not None else "Every image is verified."))
        if left is not None:
            self.select(left)

    def rank_items(self) -> None:
        """Count where next anew, for a list in that order; what is not known yet is looked at."""
        self._guide.ask()

    def next_uncertain(self) -> Rect | None:
        """Where to look in the open image, the next place each time; None, and told, where nothing is uncertain."""
        found = self._guide.next_uncertain()
        if found is None:
            self.message_posted.emit(Message("info", "Nothing that is left here is uncertain but borders."))
            return None
        if isinstance(found, Doubted) and self.label_map is not None:
            told = f"You vouched for this, and the network is sure that it is {self.label_map.names[found.said]}."
            self.message_posted.emit(Message("info", told))
        return found.rect

    # The open image

    def superpixels(self) -> NDArray[np.int32] | None:
        """H×W numbers of the open image's superpixels; None while they are made, `superpixels_ready` says when."""
        self._flow.want_regions()
        return self.document.superpixels if self.document else None

    @Slot(object)
    def accept_region(self, xy: tuple[float, float]) -> None:
        """Accept the region around a point, in image pixels."""
        self._do(lambda: self._session.accept_region((int(xy[1] // 1), int(xy[0] // 1))))

    @Slot(int)
    def accept_class(self, label: int) -> None:
        self._do(lambda: self._session.accept_class(label))

    @Slot(int, float)
    def fill_holes(self, label: int, share: float) -> None:
        """Fill what a class encloses, up to `share` (0…1) of the image."""
        self._do(lambda: self._told_if_none(self._session.fill_holes(label, share), "No hole is that small."))

    @Slot(float)
    def remove_specks(self, share: float) -> None:
        """Join regions of up to `share` (0…1) of the image to what is around them."""
        self._do(lambda: self._told_if_none(self._session.remove_specks(share), "No speck is that small."))

    @staticmethod
    def _told_if_none(change: Change, text: str) -> Change:
        is_nothing = not change.history and change.message is None
        return Change(message=Message("info", text)) if is_nothing else change

    @Slot()
    def unverify(self) -> None:
        self._do(self._session.unverify)

    @Slot()
    def undo(self) -> None:
        """Take the last step of the open image back; a rewrite of the classes is one too, that of all images."""
        if self._session.undoes_rewrite:
            self.undo_rewrite()
        else:
            self._do(self._session.undo)

    @Slot()
    def redo(self) -> None:
        self._do(self._session.redo)

    @Slot()
    def repaint(self) -> None:
        """Learn from what is vouched and predict the open image again; its unvouched pixels follow."""
        if not self._refits.ask(is_forced=True):
            self._flow.predict_open(is_asked=True)

    @Slot(str, str)
    def set_note(self, key: str, text: str) -> None:
        self._do(lambda: self._session.set_note(key, text))

    # Classes

    @Slot(int, bool)
    def set_locked(self, label: int, is_locked: bool) -> None:
        """A locked class isn't painted over."""
        self._session.lock_class(label, is_locked)
        self.label_map_changed.emit()

    @Slot(str)
    def add_class(self, name: str, color: Color | None = None) -> None:
        self._do(lambda: self._session.add_class(name, color))

    @Slot(int, str)
    def rename_class(self, label: int, name: str) -> None:
        self._do(lambda: self._session.rename_class(label, name))

    @Slot(int, object)
    def recolour_class(self, label: int, color: Color) -> None:
        self._do(lambda: self._session.recolour_class(label, color))

    @Slot(int, int)
    def remove_class(self, label: int, into: int) -> None:
        """Take a class away; its pixels become class `into` (255: void) in all masks."""
        self._rewrite(lambda: self._session.remove_class(label, into))

    @Slot(int, int)
    def move_class(self, label: int, to: int) -> None:
        """Put a class at another place of the list; the indices change in all masks."""
        self._rewrite(lambda: self._session.move_class(label, to))

    @Slot()
    def undo_rewrite(self) -> None:
        """Take back the last class that was removed, merged or moved."""
        self._rewrite(self._session.undo_rewrite)

    def _rewrite(self, verb: Callable[[], RewriteRequest]) -> None:
        self._session.clock.note()
        self._finish_waiting_strokes()
        self._relabeller.start(verb)

    # Learning and export

    @property
    def learning(self) -> LearningCurve:
        """The fine-tune that runs or ran last."""
        return self._retrainer.curve

    @property
    def is_retraining(self) -> bool:
        """A retrain is prepared or runs."""
        return self._retrainer.is_retraining

    @Slot()
    def retrain(self) -> None:
        if not self._is_refused():
            self._retrainer.retrain()

    @Slot(str)
    def make_live(self, checkpoint: str) -> None:
        """Put a checkpoint of the history live; its predictions come with it."""
        self._learner.make_live(checkpoint)

    @Slot()
    def rollback(self) -> None:
        self._learner.make_live(None)

    # Measures

    @Slot()
    def measure(self) -> None:
        """Measure the network on held-out and verified images, as far as that is not known."""
        if not self._is_refused():
            self._measurer.start()

    @property
    def is_measuring(self) -> bool:
        """That runs."""
        return self._measurer.is_measuring

    @property
    def not_measured(self) -> int:
        """How many of these images were not measured as they, or the network, are now."""
        return self._measurer.stale

    @Slot()
    def look_by_stride(self) -> None:
        """What the network says of the open image down to each of its strides; `skips` has it afterwards."""
        self._strides.look()

    @Slot(str, str)
    def compare(self, before: str, after: str) -> None:
        """Predict the open image by two checkpoints of the history; `compared` says when `comparison` is there."""
        self._comparer.compare(before, after)

    @property
    def comparison(self) -> Comparison | None:
        """Of two checkpoints on the open image; None where nobody asked for one."""
        return self._comparer.comparison

    @Slot(object)
    def choose_start_checkpoint(self, path: Path | None) -> None:
        """What new folders start with: a file, which is tried first, or None for the one of the program."""
        if path is None:
            self._keep_start(None)
            return
        task = Task("try", jobs.try_checkpoint(self._engine, Path(path)))
        self._board.watch(task, f"Looking at {Path(path).name}", self._keep_start, self._refuse_start)
        self._network.submit(task)

    def _keep_start(self, path: object) -> None:
        self._session.start.choose(path if isinstance(path, Path) else None)
        self.start_checkpoint_changed.emit()
        self.warm_up()

    def _refuse_start(self, error: Exception) -> bool:
        self.start_checkpoint_refused.emit(describe(error))
        return True

    @Slot(object, object)
    def export(self, target: Path, options: Mapping[str, object], overwrite: bool = False) -> None:
        """Write a VOC data set to `target`; `options` are fields of `disk.voc_truth.ExportOptions`."""
        if not self._is_refused():
            self._learner.export(Path(target), {**options, "overwrite": overwrite})

    @Slot(object)
    def import_masks(self, source: Path) -> None:
        """Take masks from another folder as proposals: unvouched pixels show them until somebody asks to repaint."""
        self._finish_waiting_strokes()
        self._importer.start(Path(source))

    @Slot()
    def cancel_job(self, job: int | None = None) -> None:
        """Cancel one job, or the newest that can be."""
        self._board.cancel(job)

    @Slot()
    def pause_or_resume(self) -> None:
        """Hold the fine-tune that runs, or let it go on from there."""
        self._board.pause_or_resume()

    def run(self, action: str) -> bool:
        """An action of a message that is the model's own, with its argument; False for one of the window's."""
        verb, _, argument = action.partition(":")
        if verb == "learn.live":
            self.make_live(argument)
        elif verb != "class.undo_rewrite":
            return False
        elif argument == str(self._session.rewrites):
            self.undo_rewrite()
        else:
            self.message_posted.emit(Message("info", "That change of the classes is not the last one: undo the later."))
        return True

    def _is_refused(self) -> bool:
        """Masks are being rewritten, so that nothing else may read them; it is told."""
        is_rewriting = self._session.is_rewriting
        if is_rewriting:
            self.message_posted.emit(busy_with_classes())
        return is_rewriting

    @Slot(str)
    def refine(self, way: str) -> None:
        """Bring borders of predictions to those of the photographs in this way: one of `Refinement`."""
        self._do(lambda: self._session.refine(Refinement(way)))

    @Slot()
    def toggle_refinement(self) -> None:
        """Refined or not; the first time in the fast way, then as it was last."""
        now = self.refinement
        if now is not Refinement.OFF:
            self._refined_before = now
        self.refine(self._refined_before.value if now is Refinement.OFF else Refinement.OFF.value)

    # Saving, seconds, the end

    @Slot()
    def keep_settings(self) -> None:
        """Settings of scope `project` were changed: write them into the project."""
        self._apply(self._session.keep_settings())

    def in_background(self, kind: str, write: Callable[[], object]) -> None:
        """Write something of the user's own on the disk's thread, behind what waits there; SaveError is told."""
        self._disk.submit(Write(kind, write))

    @Slot()
    def note_activity(self) -> None:
        """Something was done: seconds count for 20 s more."""
        self._session.clock.note()

    @Slot(bool)
    def set_focus(self, has_focus: bool) -> None:
        """The window got or lost the focus."""
        self._session.clock.set_focus(has_focus)

    def thumbnail(self, key: str) -> QImage | None:
        """The photo with its mask, small; None while it is made, `thumbnail_ready` says when it is there."""
        return self._thumbnails.get(key)

    @Slot()
    def shutdown(self) -> None:
        """Save, end all jobs, join all threads. Nothing can be done afterwards."""
        if self._is_shut:
            return
        self.close_project()
        self._is_shut = True
        self._again_timer.stop()
        self._thumbnails.close()
        self._flow.close()
        self._by_hand.close()
        self._network.close()
        self._reader.close()
        self._disk.close()
        # The ends of the last tasks are told while somebody is there to hear of them: a save may have failed.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)
