"""Classes removed, merged and put in another order: a rewrite of all masks, and the way back.

The verbs give a request; `stage` and `commit` carry it out off the main thread, and `rewritten` takes its end in. In
between nothing may be changed. In the history of every image a rewrite is one step, that of all images together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fcn_gui.core.errors import LabelMapError, SaveError
from fcn_gui.core.history import History
from fcn_gui.core.label_map_change import IDENTITY, LabelMapChange, move, removal
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import CORRECTED, VOID, Mask, Rect
from fcn_gui.core.refit import Refit
from fcn_gui.core.settings import Settings
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.project_header import ProjectHeader
from fcn_gui.disk.rewrite import Former, Rewrite
from fcn_gui.session.activity import ActivityClock
from fcn_gui.session.change import NOTHING, Change
from fcn_gui.session.class_names import after_change, refit_by_names
from fcn_gui.session.classes import Names
from fcn_gui.session.editing import OpenImage
from fcn_gui.session.importing import Importing
from fcn_gui.session.look_ahead import LookAhead
from fcn_gui.session.messages import rewrite_undone, rewritten

MOST_HISTORIES, HISTORY_BYTES = 10_000, 256 << 20


@dataclass(frozen=True)
class UndoStep:
    """A rewrite that can be taken back: what labels meant before it, histories and refit as they were."""

    former: Former
    names: Names
    names_after: Names
    histories: Mapping[str, History]
    refit: Refit | None = None

    def is_next(self, key: str, history: History) -> bool:
        """No step of this image came after it."""
        before = self.histories.get(key)
        return history.depth <= (before.depth if before is not None else 0)


@dataclass(frozen=True)
class RewriteRequest:
    """A snapshot: how labels change, what the header says then, `words` for the person; `undoes` for a way back."""

    folder: ProjectFolder
    change: LabelMapChange
    names: Names
    header: ProjectHeader
    words: str = ""
    undoes: UndoStep | None = None
    keys: tuple[str, ...] = ()
    """Images in memory, whose masks the answer shall hold."""


@dataclass(frozen=True)
class Rewritten:
    """How many masks were rewritten, where those of before are kept, and masks and first looks that were asked for."""

    count: int
    kept: Path
    masks: Mapping[str, tuple[Mask | None, Mask | None]] = field(default_factory=dict)


def stage(request: RewriteRequest) -> Job[tuple[Rewrite, int]]:
    """Write everything beside the files in use. Raises MaskError, ProjectError, SaveError; nothing has changed then."""
    rewrite = request.folder.rewrite()
    former = request.undoes.former if request.undoes is not None else None
    count = yield from rewrite.stage(request.change, request.header, former)
    return rewrite, count


def commit(request: RewriteRequest, staged: tuple[Rewrite, int]) -> Job[Rewritten]:
    """Put it into place, in a moment. Raises SaveError; nothing has changed then, but for CutOffError."""
    yield Progress(text="Rewriting the masks")
    rewrite, count = staged
    kept = request.folder.commit(rewrite)
    folder = request.folder
    return Rewritten(count, kept, {key: (folder.read_mask(key), folder.read_first_look(key)) for key in request.keys})


class ClassRewrites(Importing):
    """The verbs that change indices."""

    def __init__(self, settings: Settings, clock: ActivityClock, start_checkpoint: Path | None = None) -> None:
        super().__init__(settings, clock, start_checkpoint)
        self._histories: LookAhead[History] = LookAhead(MOST_HISTORIES, HISTORY_BYTES)
        self._rewrites: list[UndoStep] = []

    def remove_class(self, label: int, into: int) -> RewriteRequest:
        """Without a class; its pixels become class `into` (255: void). Raises LabelMapError."""
        label_map = self.need_label_map()
        change = removal(label_map, label, into)
        name, what = label_map.names[label], "void" if into == VOID else label_map.names[into]
        words = f"{name} was removed: what you vouched for is {what} now, the rest is predicted anew."
        if into not in (0, VOID):
            words = f"{name} went into {what}, in all masks and in what is predicted."
        return self._request(change, words)

    def move_class(self, label: int, to: int) -> RewriteRequest:
        """A class at another place of the list. Raises LabelMapError."""
        label_map = self.need_label_map()
        return self._request(move(label_map, label, to), f"{label_map.names[label]} is class {to} now.")

    def undo_rewrite(self) -> RewriteRequest:
        """Back to what was before the last one. Raises LabelMapError where there is none or a name was taken since."""
        if not self._rewrites:
            raise LabelMapError("There is no change of the classes to take back.")
        step, now = self._rewrites[-1], self.names
        change = step.former.change.back(self.need_label_map())
        since = now.renamed[len(step.names_after.renamed) :]
        names = Names(change.after, (*step.names.renamed, *since), step.names.foreign_labels)
        keys = tuple(opened.item.key for opened in self.all_in_memory())
        return RewriteRequest(self.need_project().folder, change, names, self.header(names), "", step, keys)

    @property
    def rewrites(self) -> int:
        """How many rewrites can be taken back, one after the other."""
        return len(self._rewrites)

    @property
    def undoes_rewrite(self) -> bool:
        """The last step of the open image is a rewrite."""
        document = self.document
        return bool(self._rewrites) and (document is None or self._rewrites[-1].is_next(document.key, document.history))

    @property
    def can_undo(self) -> bool:
        return super().can_undo or (self.document is not None and not self.is_read_only and self.undoes_rewrite)

    def undo(self) -> Change:
        """As before, but never past a rewrite, which `undo_rewrite` takes back."""
        return NOTHING if self.undoes_rewrite else super().undo()

    def begin_rewrite(self) -> Change:
        """From now on nothing may be changed; what must be written before."""
        change = self.save_all()
        self.is_rewriting = True
        return change

    def check_saved(self) -> None:
        """Raise SaveError where the masks on disk are not those in memory: they can't be rewritten then."""
        if self.unsaved:
            raise SaveError("The masks could not be saved, so the classes stay as they are: save again first.")

    def end_rewrite(self) -> Change:
        """It was cancelled or failed: everything is what it was; settings changed meanwhile are kept now."""
        self.is_rewriting = False
        return self.keep_settings() if self.settings_wait else NOTHING

    def rewritten(self, request: RewriteRequest, done: Rewritten) -> Change:
        """It is done: what is in memory follows."""
        histories = self._all_histories()
        if request.undoes is None:
            former = Former(request.change, done.kept)
            self._rewrites.append(UndoStep(former, self.names, request.names, histories, self.refit))
            message = rewritten(request.words, done.count, self.rewrites)
        else:
            self._rewrites.pop()
            message = rewrite_undone(done.count)
        self._relabel_histories(request, histories)
        self.forget_imports()
        for opened in self.all_in_memory():
            self._relabel(opened, request.change, done.masks.get(opened.item.key, (None, None)))
        self.refit = self._relabelled_refit(request)
        self.need_project().label_map = request.names.label_map
        self._renamed, self._foreign_labels = request.names.renamed, request.names.foreign_labels
        self.locked = frozenset(request.change.label(label) for label in self.locked if request.change.keeps(label))
        if len(request.change.before) != len(request.change.after):
            for item in self.need_project().items:
                item.by_hand_s = None  # that was of the mask before
        self._version += 1
        self._since = self._version  # every mask says something else
        rect = Rect.of(self.document.shape) if self.document is not None else None
        writes = self.end_rewrite().writes
        return Change(rect, label_map=True, history=True, predictions=True, message=message, writes=writes)

    def forget_rewrites(self) -> None:
        """The folder is closed: nothing is taken back any more."""
        self._rewrites.clear()
        self._histories.clear()
        self.forget_imports()
        self.is_rewriting = self.settings_wait = False

    def save_all(self) -> Change:
        """What is in memory only."""
        raise NotImplementedError

    def all_in_memory(self) -> list[OpenImage]:
        """All images that are."""
        raise NotImplementedError

    def _request(self, change: LabelMapChange, words: str) -> RewriteRequest:
        now = self.names
        foreign = now.foreign_labels
        if self.need_project().foreign is not None:
            foreign = tuple(bytes(now.foreign_labels or IDENTITY).translate(change.table))
        names = Names(change.after, after_change(now.renamed, change), foreign)
        return RewriteRequest(self.need_project().folder, change, names, self.header(names), words)

    def _all_histories(self) -> dict[str, History]:
        kept = {key: history for key in self._histories if (history := self._histories.get(key)) is not None}
        return {**kept, **{opened.item.key: opened.document.history for opened in self.all_in_memory()}}

    def _relabel_histories(self, request: RewriteRequest, histories: Mapping[str, History]) -> None:
        """Steps of before name labels as they are now; taken back, a history that nothing was added to is as it was."""
        step, table = request.undoes, request.change.table
        for key, history in histories.items():
            before = step.histories.get(key) if step is not None else None
            is_as_it_was = step is not None and before is not None and step.is_next(key, history)
            after = before if is_as_it_was and before is not None else history.relabelled(table)
            opened = self.in_memory(key)
            if opened is not None:
                opened.document.history = after
            if key in self._histories:
                self._histories.put(key, after, after.nbytes)

    def _relabelled_refit(self, request: RewriteRequest) -> Refit | None:
        """Without the rows of classes that are gone; where those come back, the refit of when they were there."""
        refit, step = self.refit, request.undoes
        if refit is None or request.names.label_map is None:
            return refit
        if step is not None and step.refit is not None and _gone(step.former.change):
            return step.refit if step.refit.checkpoint == refit.checkpoint else refit
        if not (gone := _gone(request.change)):
            return refit
        by_now = refit_by_names(refit, self._renamed, request.change.before)
        return refit_by_names(by_now, request.names.renamed, request.names.label_map).without(gone)

    def _relabel(self, opened: OpenImage, change: LabelMapChange, saved: tuple[Mask | None, Mask | None]) -> None:
        document = opened.document
        mask, first_look = saved
        here = document.masked.mask
        here[...] = mask if mask is not None and mask.shape == here.shape else change.of(here)
        if document.first_look is not None:
            is_fitting = first_look is not None and first_look.shape == here.shape
            document.first_look = first_look if is_fitting else change.of(document.first_look)
        proposed = change.of(document.proposal) if opened.item.is_imported else None
        document.forget_prediction()
        document.untouched = None  # its scores are of the classes of before
        if proposed is not None:  # the mask says what was imported, but not under what was corrected
            document.proposed = np.where(document.masked.vouch == CORRECTED, proposed, here)


def _gone(change: LabelMapChange) -> list[str]:
    return [name for label, name in enumerate(change.before.names) if not change.keeps(label)]
