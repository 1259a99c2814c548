"""The verbs of a person on classes and checkpoints: which classes there are, what is learned, which weights answer."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fcn_gui.core.errors import CheckpointError, LabelMapError, LearningError, ProjectError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.palette import Color
from fcn_gui.core.settings import Settings
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.project_header import ProjectHeader
from fcn_gui.session.activity import ActivityClock
from fcn_gui.session.change import NOTHING, Change, Write
from fcn_gui.session.checkpoints import CheckpointEntry, CheckpointHistory, LiveModel
from fcn_gui.session.editing import Editing, OpenImage
from fcn_gui.session.jobs import LEARNING_SETTINGS, RetrainRequest, RetrainResult
from fcn_gui.session.messages import back_at, became_live, was_refused
from fcn_gui.session.opening import FOREIGN, LoadRequest, Mark, foreign_labels, read_corrected
from fcn_gui.session.ports import CorrectedImage
from fcn_gui.session.project import Item

START_MODEL = "voc21-light"
RENAMED = "names.renamed"
"""Where the project's header keeps which class was called what before."""


@dataclass(frozen=True)
class Names:
    """What labels mean: the classes, (name now, name before) of those renamed, oldest first, and `foreign_labels`.

    `foreign_labels`: what each label of the masks that came with a VOC folder has become; () as they came.
    """

    label_map: LabelMap | None
    renamed: tuple[tuple[str, str], ...] = ()
    foreign_labels: tuple[int, ...] = ()


class Learning(Editing):
    """Classes, corrections to learn from, and the history of what was learned."""

    def __init__(self, settings: Settings, clock: ActivityClock, start_checkpoint: Path | None = None) -> None:
        super().__init__(clock)
        self.settings = settings
        self._start_checkpoint = start_checkpoint
        self.checkpoints: CheckpointHistory | None = None
        self._version = 0
        self._renamed: tuple[tuple[str, str], ...] = ()
        self._foreign_labels: tuple[int, ...] = ()

    def adopt_checkpoints(self) -> None:
        """Read the history of the project that was just opened."""
        folder = self.need_project().folder
        own = dict(folder.header.settings)
        self._renamed = _pairs(own.pop(RENAMED, ()))
        own.pop(FOREIGN, None)
        self._foreign_labels = foreign_labels(folder.header)
        self.settings.open_project(own)
        start = self._start_checkpoint or model_path(START_MODEL)
        self.checkpoints = CheckpointHistory(folder.checkpoints_dir, start)
        self.checkpoints.read(folder.header.live_checkpoint)
        self._version += 1

    def need_label_map(self) -> LabelMap:
        """The classes of the open project. Raises LabelMapError before they are chosen."""
        label_map = self.need_project().label_map
        if label_map is None:
            raise LabelMapError("This folder has no classes yet: choose the 21 VOC classes or your own.")
        return label_map

    # Classes

    def choose_label_map(self, label_map: LabelMap) -> Change:
        """The classes of a folder opened for the first time; its project begins with a copy of the start."""
        change = self._new_label_map(label_map)
        if not change.writes:
            return change
        return replace(change, writes=(Write("start checkpoint", self._need_history().adopt_start), *change.writes))

    def add_class(self, name: str, color: Color | None = None) -> Change:
        """One more class at the end. Raises LabelMapError."""
        return self._new_label_map(self.need_label_map().with_class(name, color))

    def rename_class(self, label: int, name: str) -> Change:
        """Another name, the pixels stay. Raises LabelMapError."""
        before = self.need_label_map()
        after = before.renamed(label, name)
        self._renamed = (*self._renamed, (after.names[label], before.names[label]))
        return self._new_label_map(after)

    def recolour_class(self, label: int, color: Color) -> Change:
        """Another colour. Raises LabelMapError."""
        return self._new_label_map(self.need_label_map().recoloured(label, color), is_only_colour=True)

    def _new_label_map(self, label_map: LabelMap, is_only_colour: bool = False) -> Change:
        if (refused := self.refusal) is not None:
            return Change(message=refused)
        self.need_project().label_map = label_map
        if not is_only_colour:
            self._version += 1
        return Change(label_map=True, predictions=not is_only_colour, writes=(self._header_write(),))

    def keep_settings(self) -> Change:
        """Write the settings of scope `project` into the project."""
        is_open = self.project is not None and self.refusal is None
        return Change(writes=(self._header_write(),)) if is_open else NOTHING

    # What was learned

    @property
    def live(self) -> LiveModel | None:
        """Which weights answer for which classes; None until a label map is chosen. Raises CheckpointError."""
        project, history = self.project, self.checkpoints
        if project is None or history is None or project.label_map is None:
            return None
        entry = history.live
        checkpoint = entry.id if entry else ""
        return LiveModel(history.path(checkpoint), checkpoint, project.label_map, self._version, self._renamed)

    @property
    def version(self) -> int:
        """Grows when another network answers, or for other classes: predictions of before are stale."""
        return self._version

    def undecided(self) -> list[LoadRequest]:
        """Corrected images whose side of the split is open: masks that came with a VOC folder."""
        project = self.need_project()
        return [self.load_request(item.key) for item in project.corrected() if item.held_out is None]

    def load_request(self, key: str) -> LoadRequest:
        """What `opening.load` needs to read an image. Raises KeyError for one that is not listed."""
        project = self.need_project()
        return LoadRequest(
            project.folder,
            key,
            project.item(key).digest,
            project.foreign,
        )

    def decide_sides(self, marks: list[Mark]) -> Change:
        """Put images on their side of the split, by content."""
        project = self.need_project()
        for mark in marks:
            item = project.item(mark.key)
            item.digest, item.phash = mark.digest, mark.perceptual_hash
            project.decide_side(item)
        return Change(keys=tuple(mark.key for mark in marks))

    def retrain_request(self, seed: int = 0) -> RetrainRequest:
        """All corrections as they are now. Raises LearningError without any, CheckpointError."""
        project, live, history = self.need_project(), self.live, self.checkpoints
        if live is None or history is None:
            raise LearningError("This folder has no classes yet: choose them first.")
        items = [item for item in project.corrected() if not item.problem]
        if not any(not item.held_out for item in items):
            raise LearningError("There is nothing to learn from: correct or verify an image first.")
        return RetrainRequest(
            live,
            [self._corrected(item) for item in items if not item.held_out],
            [self._corrected(item) for item in items if item.held_out],
            project.folder.checkpoints_dir,
            history.next_number(),
            seed,
            int(self._setting("learn.steps")),
            {name: float(self._setting(name)) for name in LEARNING_SETTINGS},
        )

    def learned(self, result: RetrainResult) -> Change:
        """The end of a retrain: the candidate is live, or is kept as refused."""
        history = self._need_history()
        before = history.live
        verdict, checkpoint = result.verdict, result.checkpoint.id
        if not verdict.accepted:
            history.read(before.id if before else None)
            number = before.number if before else 0
            return Change(message=was_refused(result.number, verdict.reason, number, checkpoint))
        change = self._go_live(checkpoint)
        told = became_live(result.number, verdict.live, verdict.candidate, verdict.on, checkpoint)
        return replace(change, message=told)

    def make_live(self, checkpoint: str) -> Change:
        """Put one of the history live by hand; predictions come back with it. Raises CheckpointError."""
        if (refused := self.refusal) is not None:
            return Change(message=refused)
        history = self._need_history()
        before, entry = history.live, history.entry(checkpoint)
        history.path(checkpoint)  # refuses one whose weights are gone
        change = self._go_live(checkpoint)
        return replace(change, message=back_at(entry.number, before.id if before else checkpoint))

    def rollback(self) -> Change:
        """Back to the checkpoint before the live one. Raises CheckpointError when there is none."""
        return self.make_live(self.before_live())

    def before_live(self) -> str:
        """The id of the checkpoint before the live one. Raises CheckpointError when there is none."""
        previous = self._need_history().previous()
        if previous is None:
            raise CheckpointError("There is no checkpoint before this one.")
        return previous.id

    @property
    def checkpoint_entries(self) -> list[CheckpointEntry]:
        """The history, oldest first."""
        return self.checkpoints.entries if self.checkpoints else []

    def _go_live(self, checkpoint: str) -> Change:
        history = self._need_history()
        history.read(checkpoint)
        self._version += 1
        keep = int(self._setting("learn.kept_checkpoints"))
        writes = (self._header_write(), Write("trim checkpoints", partial(history.trim, keep)))
        return Change(predictions=True, writes=writes)

    def _header_write(self) -> Write:
        return Write("header", partial(self.need_project().folder.save_header, self.header()))

    @property
    def names(self) -> Names:
        """What the labels mean now."""
        return Names(self.need_project().label_map, self._renamed, self._foreign_labels)

    def header(self, names: Names | None = None) -> ProjectHeader:
        """What the project's header says now, or would with other `names`."""
        names = names or self.names
        project, live = self.need_project(), self._need_history().live
        kept = {RENAMED: list(names.renamed), FOREIGN: list(names.foreign_labels)}
        return replace(
            project.folder.header,
            label_map=names.label_map,
            live_checkpoint=live.id if live else None,
            settings={**self.settings.changed("project"), **{name: rows for name, rows in kept.items() if rows}},
        )

    def _need_history(self) -> CheckpointHistory:
        if self.checkpoints is None:
            raise ProjectError("No folder is open: open one first.")
        return self.checkpoints

    def _corrected(self, item: Item) -> CorrectedImage:
        """Maps as they are in memory now, else read from disk when they are needed."""
        opened = self.in_memory(item.key)
        if opened is None:
            return CorrectedImage(item.key, partial(read_corrected, self.load_request(item.key)))
        document = opened.document
        image, mask, vouch = document.picture.image, document.masked.mask.copy(), document.masked.vouch.copy()
        return CorrectedImage(item.key, lambda: (image, mask, vouch))

    def in_memory(self, key: str) -> OpenImage | None:
        """The image, where it is open."""
        return self.open_image if self.open_image and self.open_image.item.key == key else None

    def _setting(self, name: str) -> float:
        value = self.settings.get(name)
        return float(value) if isinstance(value, int | float) else 0.0


def _pairs(kept: object) -> tuple[tuple[str, str], ...]:
    """What a header holds of renamed classes; anything else in its place is left out."""
    rows = kept if isinstance(kept, list | tuple) else ()
    return tuple((str(row[0]), str(row[1])) for row in rows if isinstance(row, list | tuple) and len(row) == 2)
