"""What the labels of the open project mean, which weights answer for them, and what its header says of both."""

import logging
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fcn_gui.core.cleanup import BLANK, RAW, Cleanup
from fcn_gui.core.errors import CheckpointError, LabelMapError, NewerFormatError, ProjectError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.palette import Color
from fcn_gui.core.refinement import Refinement
from fcn_gui.core.refit import Refit
from fcn_gui.core.setting_rows import WORKING_SIZE
from fcn_gui.core.settings import Settings
from fcn_gui.disk.checkpoint_file import read_checkpoint_info
from fcn_gui.disk.project_header import ProjectHeader
from fcn_gui.session.activity import ActivityClock
from fcn_gui.session.background_learning import LEARNED_UNTIL, BackgroundLearning
from fcn_gui.session.change import NOTHING, Change, Write
from fcn_gui.session.checkpoints import CheckpointHistory, LiveModel
from fcn_gui.session.class_names import Formerly, from_json, known_names, to_json
from fcn_gui.session.editing import Editing
from fcn_gui.session.messages import Message
from fcn_gui.session.opening import FOREIGN, foreign_labels
from fcn_gui.session.proposal import START_COSTS, StartCosts
from fcn_gui.session.refining import REFINE
from fcn_gui.session.start_checkpoint import StartCheckpoint
from fcn_gui.session.working_size import wanted_long_side

_log = logging.getLogger(__name__)
RENAMED = "names.renamed"
"""Where the project's header keeps which class was called what before, and which went into another."""


@dataclass(frozen=True)
class Names:
    """What labels mean: the classes, those that were `renamed` or merged, oldest first, and `foreign_labels`.

    `foreign_labels`: what each label of the masks that came with a VOC folder has become; () as they came.
    """

    label_map: LabelMap | None
    renamed: tuple[Formerly, ...] = ()
    foreign_labels: tuple[int, ...] = ()


class Classes(Editing):
    """The verbs of a person on classes; who answers for them."""

    def __init__(self, settings: Settings, clock: ActivityClock, start_checkpoint: Path | None = None) -> None:
        super().__init__(clock)
        self.settings = settings
        self.start = StartCheckpoint(settings, start_checkpoint)
        self.checkpoints: CheckpointHistory | None = None
        self.refit: Refit | None = None
        """The newest refit over the live checkpoint."""
        self.can_keep_refit = True
        """False where the project holds the refit of a newer program, which is never rewritten."""
        self._version = self._since = self._refits = 0
        self._renamed: tuple[Formerly, ...] = ()
        self._foreign_labels: tuple[int, ...] = ()
        self._size_setting: object = settings.get(WORKING_SIZE), settings.long_side
        self._side_of: tuple[object, int | str | None] | None = None
        self._refine = self._wanted_refinement
        self.start_costs = StartCosts()
        """Of completed strokes in this project, since it was opened."""
        self.background = BackgroundLearning()
        self.settings_wait = False
        """They were changed while masks were rewritten, and are kept at its end: its header says those of before."""

    def adopt_checkpoints(self) -> Message | None:
        """Read the history of the project that was just opened; what to tell of the checkpoint that it starts with."""
        folder = self.need_project().folder
        own = dict(folder.header.settings)
        self._renamed = from_json(own.pop(RENAMED, ()))
        own.pop(FOREIGN, None)
        self.start_costs = StartCosts(own.pop(START_COSTS, ()))
        self.background = BackgroundLearning(own.pop(LEARNED_UNTIL, 0.0))
        self._foreign_labels = foreign_labels(folder.header)
        self.settings.open_project(own)
        start, message = self.start.of_folder(folder.header.live_checkpoint)
        self._size_setting = self.settings.get(WORKING_SIZE), self.settings.long_side
        self._side_of, self._refine = None, self._wanted_refinement
        self.checkpoints = CheckpointHistory(folder.checkpoints_dir, start)
        self.checkpoints.read(folder.header.live_checkpoint)
        self._version += 1
        self._since = self._version
        self.can_keep_refit = True
        self.refit = self._kept_refit()
        return message

    def need_label_map(self) -> LabelMap:
        """The classes of the open project. Raises LabelMapError before they are chosen."""
        label_map = self.need_project().label_map
        if label_map is None:
            raise LabelMapError("This folder has no classes yet: choose the 21 VOC classes or your own.")
        return label_map

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
        self._renamed = (*self._renamed, Formerly(after.names[label], before.names[label]))
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
        """Write the settings of scope `project` into the project; another working size means other predictions.

        Another refinement means other masks of the same predictions.
        """
        self.settings_wait = self.project is not None and self.is_rewriting
        if self.project is None or self.settings_wait:
            return NOTHING
        size_setting = self.settings.get(WORKING_SIZE), self.settings.long_side
        is_other_size = self._size_setting != size_setting
        is_other_way = self._refine != self._wanted_refinement
        self._size_setting, self._refine = size_setting, self._wanted_refinement
        if is_other_size:
            self._side_of = None
        self._version += is_other_size or is_other_way
        writes = () if self.is_read_only else (self._header_write(),)
        return Change(predictions=is_other_size, proposals=is_other_way, writes=writes)

    def refine(self, way: Refinement) -> Change:
        """Bring borders of what is predicted to those of the photographs in this `way` from now on."""
        self.settings.set(REFINE, way.value)
        return self.keep_settings()

    @property
    def refinement(self) -> Refinement:
        """How borders are brought to those of the photographs."""
        return self._refine

    @property
    def _wanted_refinement(self) -> Refinement:
        return Refinement(self.settings.get(REFINE))

    @property
    def live(self) -> LiveModel | None:
        """Which weights answer for which classes; None until a label map is chosen. Raises CheckpointError."""
        project, history = self.project, self.checkpoints
        if project is None or history is None or project.label_map is None:
            return None
        entry = history.live
        checkpoint = entry.id if entry else ""
        refit = self.refit if self.makes_first_looks(self.refit) else None
        path = history.path(checkpoint)
        size = self._long_side(path, project.label_map)
        cleanup = self._cleanup(refit is not None)
        known = checkpoint, project.label_map, self._version, self._renamed
        return LiveModel(path, *known, size, cleanup, self._refine, refit)

    def _long_side(self, path: Path, label_map: LabelMap) -> int | str | None:
        """The working long side; the description of a checkpoint is read once for all that ask in turn."""
        asked = path, label_map, self._renamed
        if self._side_of is None or self._side_of[0] != asked:
            info = read_checkpoint_info(path)
            known = replace(info, label_map=known_names(info.label_map, self._renamed, label_map)[0])
            self._side_of = asked, wanted_long_side(self.settings, known, label_map)
        return self._side_of[1]

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
            RENAMED: to_json(names.renamed),
            FOREIGN: list(names.foreign_labels),
            START_COSTS: self.start_costs.kept(),
            LEARNED_UNTIL: self.background.learned_until,
        }
        return replace(
            project.folder.header,
            label_map=names.label_map,
            live_checkpoint=live.id if live else None,
            settings={**self.settings.changed("project"), **{name: what for name, what in kept.items() if what}},
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

    def _setting(self, name: str) -> float:
        value = self.settings.get(name)
        return float(value) if isinstance(value, int | float) else 0.0
