"""The verbs of a person on classes and checkpoints: which classes there are, what is learned, which weights answer."""

import logging
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from fcn_gui.core.cleanup import BLANK, RAW, Cleanup
from fcn_gui.core.errors import CheckpointError, LabelMapError, LearningError, NewerFormatError, ProjectError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.palette import Color
from fcn_gui.core.refit import Refit
from fcn_gui.core.setting_rows import START_CHECKPOINT
from fcn_gui.core.settings import Settings
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint_info
from fcn_gui.disk.project_header import ProjectHeader
from fcn_gui.session.activity import ActivityClock
from fcn_gui.session.change import NOTHING, Change, Write
from fcn_gui.session.checkpoints import CheckpointEntry, CheckpointHistory, LiveModel
from fcn_gui.session.editing import Editing, OpenImage
from fcn_gui.session.jobs import LEARNING_SETTINGS, RetrainRequest, RetrainResult
from fcn_gui.session.judging import can_judge
from fcn_gui.session.messages import (
    Message,
    back_at,
    became_live,
    no_start,
    waits,
    was_refused,
)
from fcn_gui.session.opening import FOREIGN, LoadRequest, Mark, foreign_labels, read_corrected
from fcn_gui.session.ports import CorrectedImage
from fcn_gui.session.project import Item, Status
from fcn_gui.session.proposal import START_COSTS, StartCosts

START_MODEL = "voc21-light"
MOST_RECHECKED = 200
MOST_COUNTED = 100
"""Images whose seconds by hand are counted at a time."""
_log = logging.getLogger(__name__)
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


@dataclass(frozen=True)
class StartFacts:
    """The checkpoint that new folders start with; `problem` says why it can't be used."""

    path: Path
    is_bundled: bool
    classes: int
    problem: str = ""


class Learning(Editing):
    """Classes, corrections to learn from, and the history of what was learned."""

    def __init__(self, settings: Settings, clock: ActivityClock, start_checkpoint: Path | None = None) -> None:
        super().__init__(clock)
        self.settings = settings
        self._start_checkpoint = start_checkpoint
        self.checkpoints: CheckpointHistory | None = None
        self.refit: Refit | None = None
        """The newest refit over the live checkpoint."""
        self.can_keep_refit = True
        """False where the project holds the refit of a newer program, which is never rewritten."""
        self._version = self._since = self._refits = 0
        self._renamed: tuple[tuple[str, str], ...] = ()
        self._foreign_labels: tuple[int, ...] = ()
        self._long_side = settings.long_side
        self.start_costs = StartCosts()
        self.settings_wait = False
        """They were changed while masks were rewritten, and are kept at its end: its header says those of before."""

    def adopt_checkpoints(self) -> Message | None:
        """Read the history of the project that was just opened; what to tell of the checkpoint that it starts with."""
        folder = self.need_project().folder
        own = dict(folder.header.settings)
        self._renamed = _pairs(own.pop(RENAMED, ()))
        own.pop(FOREIGN, None)
        self.start_costs = StartCosts(own.pop(START_COSTS, ()))
        self._foreign_labels = foreign_labels(folder.header)
        self.settings.open_project(own)
        start, message = self._start_of(folder.header.live_checkpoint)
        self._long_side = self.settings.long_side
        self.checkpoints = CheckpointHistory(folder.checkpoints_dir, start)
        self.checkpoints.read(folder.header.live_checkpoint)
        self._version += 1
        self._since = self._version
        self.can_keep_refit = True
        self.refit = self._kept_refit()
        return message

    @property
    def bundled_start(self) -> Path:
        """What new folders start with where the person chose nothing else. Raises CheckpointError."""
        return self._start_checkpoint or model_path(START_MODEL)

    @property
    def chosen_start(self) -> Path | None:
        """The file that the person chose for new folders."""
        chosen = str(self.settings.get(START_CHECKPOINT))
        return Path(chosen) if chosen else None

    def start_facts(self) -> StartFacts:
        """What a page can say of the checkpoint for new folders: only its description is read."""
        chosen = self.chosen_start
        try:
            path = chosen or self.bundled_start
            return StartFacts(path, chosen is None, len(read_checkpoint_info(path).label_map))
        except CheckpointError as error:
            return StartFacts(chosen or Path(START_MODEL), chosen is None, 0, str(error))

    def choose_start(self, path: Path | None) -> None:
        """Let new folders start with a file that was tried; None for the one that comes with the program."""
        self.settings.set(START_CHECKPOINT, "" if path is None else str(path))

    def _start_of(self, live: str | None) -> tuple[Path, Message | None]:
        """The start of a folder whose live checkpoint is `live`: one that began with another keeps its own."""
        chosen = self.chosen_start
        if chosen is None:
            return self.bundled_start, None
        try:
            is_its_own = live in (None, read_checkpoint_info(chosen).id)
        except CheckpointError as error:
            return self.bundled_start, None if live else no_start(str(error), self.bundled_start.stem)
        return (chosen if is_its_own else self.bundled_start), None

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
        """Write the settings of scope `project` into the project; another working size means other predictions."""
        self.settings_wait = self.project is not None and self.is_rewriting
        if self.project is None or self.settings_wait:
            return NOTHING
        is_other_size = self._long_side != self.settings.long_side
        if is_other_size:
            self._long_side = self.settings.long_side
            self._version += 1
        writes = () if self.is_read_only else (self._header_write(),)
        return Change(predictions=is_other_size, writes=writes)

    # What was learned

    @property
    def live(self) -> LiveModel | None:
        """Which weights answer for which classes; None until a label map is chosen. Raises CheckpointError."""
        project, history = self.project, self.checkpoints
        if project is None or history is None or project.label_map is None:
            return None
        entry = history.live
        checkpoint = entry.id if entry else ""
        refit = self.refit if self.makes_first_looks(self.refit) else None
        path, size = history.path(checkpoint), self._long_side
        cleanup = self._cleanup(refit is not None)
        return LiveModel(path, checkpoint, project.label_map, self._version, self._renamed, size, cleanup, refit)

    def _cleanup(self, is_of_refit: bool) -> Cleanup:
        """How a prediction becomes a mask: as the person wants it, or what was cheapest."""
        wanted = self.settings.get("learn.start")
        return {"prediction": RAW, "blank": BLANK}.get(str(wanted)) or self.start_costs.way(is_of_refit)

    @staticmethod
    def makes_first_looks(refit: Refit | None) -> bool:
        """A refit has shown that its first looks cost less; before it could, it has to know more classes."""
        if refit is None or not refit.judged:
            return refit is not None and bool(refit.new)
        return sum(refitted - plain for plain, refitted in refit.judged) < 0

    @property
    def version(self) -> int:
        """Grows when another network answers, or for other classes: predictions of before are stale."""
        return self._version

    @property
    def checkpoint_version(self) -> int:
        """As `version`, but a refit leaves it as it is: what takes longer than from stroke to stroke goes by it."""
        return self._version - self._refits

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

    def not_counted_by_hand(self) -> list[CorrectedImage]:
        """Some verified images with time spent on them, whose seconds by hand nobody has counted yet."""
        items = self.project.items if self.project is not None else []
        done = (i for i in items if i.status is Status.VERIFIED and i.seconds > 0 and i.by_hand_s is None)
        return [self._corrected(item) for item in islice(done, MOST_COUNTED)]

    def to_recheck(self) -> list[CorrectedImage]:
        """Images with vouched pixels, all of them or as many spread over all."""
        items = [item for item in self.project.corrected() if not item.problem] if self.project is not None else []
        chosen = items[:: max(1, -(-len(items) // MOST_RECHECKED))]
        return [self._corrected(item) for item in chosen]

    def waiting_request(self) -> tuple[RetrainRequest, str] | None:
        """For `jobs.judge_waiting`: the candidate that waits, where it can be judged now; else None."""
        project, history = self.project, self.checkpoints
        entry = history.waiting() if history is not None else None
        if project is None or entry is None or self.refusal is not None:
            return None
        items = [item for item in project.corrected() if not item.problem]
        if not can_judge(sum(bool(i.held_out) for i in items), sum(i.status is Status.VERIFIED for i in items)):
            return None
        try:
            return replace(self.retrain_request(), number=entry.number), entry.id
        except (LearningError, CheckpointError):
            return None

    def learned(self, result: RetrainResult) -> Change:
        """The end of a retrain: the candidate is live, or is kept as refused or waiting."""
        history = self._need_history()
        before = history.live
        verdict, checkpoint = result.verdict, result.checkpoint.id
        if verdict.is_waiting:
            history.read(before.id if before else None)
            return Change(message=waits(result.number, verdict.reason, checkpoint))
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
        self.refit, self.start_costs = None, StartCosts()
        keep = int(self._setting("learn.kept_checkpoints"))
        folder = self.need_project().folder
        drops = (Write("drop refit", folder.drop_refit),) if self.can_keep_refit else ()
        writes = (self._header_write(), *drops, Write("trim checkpoints", partial(history.trim, keep)))
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
        kept = {
            RENAMED: list(names.renamed),
            FOREIGN: list(names.foreign_labels),
            START_COSTS: self.start_costs.kept(),
        }
        return replace(
            project.folder.header,
            label_map=names.label_map,
            live_checkpoint=live.id if live else None,
            settings={**self.settings.changed("project"), **{name: rows for name, rows in kept.items() if rows}},
        )

    def _kept_refit(self) -> Refit | None:
        """The refit that the project kept, if it lies on what is live."""
        try:
            refit = self.need_project().folder.read_refit()
        except NewerFormatError as error:
            self.can_keep_refit = False
            _log.warning("%s", error)
            return None
        except (CheckpointError, ProjectError) as error:
            _log.warning("%s", error)
            return None
        live = self._need_history().live
        return refit if refit is not None and live is not None and refit.checkpoint == live.id else None

    def _need_history(self) -> CheckpointHistory:
        if self.checkpoints is None:
            raise ProjectError("No folder is open: open one first.")
        return self.checkpoints

    def _corrected(self, item: Item) -> CorrectedImage:
        """Maps as they are in memory now, else read from disk when they are needed."""
        opened, is_verified = self.in_memory(item.key), item.status is Status.VERIFIED
        name, version = self._name_of(item), f"{self._since} {item.digest} {item.edition}"
        if opened is None:
            read = partial(read_corrected, self.load_request(item.key))
            return CorrectedImage(item.key, read, is_verified, name, version)
        document = opened.document
        image, mask, vouch = document.picture.image, document.masked.mask.copy(), document.masked.vouch.copy()
        return CorrectedImage(item.key, lambda: (image, mask, vouch), is_verified, name, version)

    def _name_of(self, item: Item) -> str:
        """Of the photograph as it is now; one whose content is not known yet is another in each open project."""
        return photograph_name(item.key, item.digest or str(self._since))

    def in_memory(self, key: str) -> OpenImage | None:
        """The image, where it is open."""
        return self.open_image if self.open_image and self.open_image.item.key == key else None

    def _setting(self, name: str) -> float:
        value = self.settings.get(name)
        return float(value) if isinstance(value, int | float) else 0.0


def photograph_name(key: str, digest: str) -> str:
    """Under which the features of a photograph are kept: another one where its content is another."""
    return f"{key} {digest}"


def _pairs(kept: object) -> tuple[tuple[str, str], ...]:
    """What a header holds of renamed classes; anything else in its place is left out."""
    rows = kept if isinstance(kept, list | tuple) else ()
    return tuple((str(row[0]), str(row[1])) for row in rows if isinstance(row, list | tuple) and len(row) == 2)
