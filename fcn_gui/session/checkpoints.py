"""The checkpoints of a project: which there are, which is live, which one was before, and which weights may go."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.cleanup import RAW, Cleanup
from fcn_gui.core.errors import CheckpointError, SaveError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.refinement import Refinement
from fcn_gui.core.refit import Refit
from fcn_gui.disk.atomic import copy_file
from fcn_gui.disk.checkpoint_file import read_checkpoint_info, write_checkpoint
from fcn_gui.session.class_names import Formerly
from fcn_gui.session.gate import Verdict

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CheckpointEntry:
    """One line of the history. `number` counts from 0, the checkpoint that the project started with."""

    id: str
    number: int
    is_live: bool
    is_refused: bool
    receipt: Mapping[str, object]
    parent: str | None = None
    has_weights: bool = True
    is_waiting: bool = False
    """It was learned, and is judged when there are enough verified images."""


@dataclass(frozen=True)
class LiveModel:
    """Which weights answer for which classes; `version` grows each time that either changes."""

    path: Path
    id: str
    label_map: LabelMap
    version: int
    renamed: tuple[Formerly, ...] = ()
    """Classes that were renamed or merged, oldest first."""
    long_side: int | str | None = None
    """Working long side of the project in pixels, or "native"; None: as the checkpoint's preset has it."""
    cleanup: Cleanup = field(default=RAW, compare=False)
    """How what it says becomes a mask."""
    refine: Refinement = field(default=Refinement.OFF, compare=False)
    """How borders are brought to those of the photograph, in the place of what `cleanup` does there."""
    refit: Refit | None = field(default=None, compare=False)
    """Score layers that answer in the place of the checkpoint's own."""


class CheckpointHistory:
    """The folder of checkpoints of one project. Only `add`, `adopt_start` and `trim` write."""

    def __init__(self, folder: Path, start: Path) -> None:
        self._folder = folder
        self._start = start
        self._entries: dict[str, CheckpointEntry] = {}
        self._start_id: str | None = None

    def read(self, live: str | None) -> list[CheckpointEntry]:
        """All entries, oldest first, those that can't be read left out and logged. `live` None: the start is live."""
        found: dict[str, CheckpointEntry] = {}
        for path in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
            entry = self._entry(path)
            if entry is not None:
                found[entry.id] = entry
        for path in sorted(self._folder.glob("*.safetensors")) if self._folder.is_dir() else ():
            if path.stem not in found and (entry := self._entry_of_weights(path)) is not None:
                found[entry.id] = entry
        start = self._start_info()
        if start is not None and self._began_with(start.id, found, live):
            self._start_id = start.id
            found[start.id] = CheckpointEntry(start.id, 0, False, False, {}, None)
        live = live or self._start_id
        ordered = sorted(found.values(), key=lambda e: (e.number, e.id))
        newest = ordered[-1].number if ordered else 0
        self._entries = {
            e.id: replace(e, is_live=e.id == live, is_waiting=e.is_waiting and e.number == newest) for e in ordered
        }
        return list(self._entries.values())

    @property
    def entries(self) -> list[CheckpointEntry]:
        """As read last."""
        return list(self._entries.values())

    def entry(self, checkpoint: str) -> CheckpointEntry:
        """Raises CheckpointError for one that the project does not have."""
        try:
            return self._entries[checkpoint]
        except KeyError:
            raise CheckpointError(f"The project has no checkpoint {checkpoint}: choose one of its history.") from None

    @property
    def live(self) -> CheckpointEntry | None:
        """The live one."""
        return next((e for e in self._entries.values() if e.is_live), None)

    def path(self, checkpoint: str | None) -> Path:
        """Where the weights lie; the start's for None. Raises CheckpointError when only the receipt is left."""
        own = self._folder / f"{checkpoint}.safetensors"
        if checkpoint and own.is_file():
            return own
        if checkpoint in (None, "", self._start_id) or not checkpoint:
            return self._start
        raise CheckpointError(
            f"The weights of checkpoint {checkpoint} are no longer in {self._folder}: choose another one."
        )

    def previous(self) -> CheckpointEntry | None:
        """What a rollback goes to: the parent of the live one, with weights."""
        live = self.live
        at = self._entries.get(live.parent) if live is not None and live.parent else None
        while at is not None and not self._has_weights(at.id):
            at = self._entries.get(at.parent) if at.parent else None
        return at

    def adopt_start(self) -> str:
        """Copy the start into the project, the first time it is used. Its id. Raises SaveError, CheckpointError."""
        info = read_checkpoint_info(self._start)
        target = self._folder / f"{info.id}.safetensors"
        if not target.exists():
            copy_file(self._start, target)
        self._start_id = info.id
        return info.id

    def waiting(self) -> CheckpointEntry | None:
        """The newest candidate, where it waits to be judged and its weights are there."""
        newest = max(self._entries.values(), key=lambda e: (e.number, not e.is_waiting), default=None)
        return newest if newest is not None and newest.is_waiting and newest.has_weights else None

    def next_number(self) -> int:
        """The number of the next candidate."""
        return 1 + max((e.number for e in self._entries.values()), default=0)

    def trim(self, keep: int) -> None:
        """Remove weights but those of the live one, its parents and the newest `keep`; receipts stay."""
        safe = {e.id for e in self.entries[-keep:]} | self._line(self.live)
        for entry in self.entries:
            if entry.id not in safe:
                try:
                    (self._folder / f"{entry.id}.safetensors").unlink(missing_ok=True)
                except OSError as error:
                    raise SaveError(f"Old weights in {self._folder} can't be removed: {error.strerror}.") from error

    def _began_with(self, start: str, found: Mapping[str, CheckpointEntry], live: str | None) -> bool:
        """Whether the project's line begins at `start`: a folder that began with another checkpoint has its own."""
        at = found.get(live) if live else None
        line: set[str] = set()
        while at is not None and at.id not in line:
            line.add(at.id)
            at = found.get(at.parent) if at.parent else None
        beginning = {found[each].parent for each in line} | line
        return not line or start in beginning or start in found

    def _line(self, entry: CheckpointEntry | None) -> set[str]:
        found: set[str] = set()
        while entry is not None and entry.id not in found:
            found.add(entry.id)
            entry = self._entries.get(entry.parent) if entry.parent else None
        return found

    def _has_weights(self, checkpoint: str) -> bool:
        return checkpoint == self._start_id or (self._folder / f"{checkpoint}.safetensors").is_file()

    def _start_info(self) -> Checkpoint | None:
        try:
            return read_checkpoint_info(self._start)
        except CheckpointError as error:
            _log.warning("%s", error)
            return None

    def _entry(self, path: Path) -> CheckpointEntry | None:
        try:
            kept = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            _log.warning("%s can't be read as a receipt: %s", path, error)
            return None
        receipt = kept.get("receipt") if isinstance(kept, dict) else None
        if not isinstance(receipt, dict):
            return None
        return _entry_of(path.stem, {"parent": kept.get("parent"), **receipt}, self._has_weights(path.stem))

    def _entry_of_weights(self, path: Path) -> CheckpointEntry | None:
        try:
            info = read_checkpoint_info(path)
        except CheckpointError as error:
            _log.warning("%s", error)
            return None
        return _entry_of(path.stem, {**(info.receipt or {}), "parent": info.parent}, True)


def write_candidate(folder: Path, candidate: Checkpoint, parent: str, number: int, verdict: Verdict) -> Checkpoint:
    """Write a judged candidate once, with its receipt; the checkpoint as written. Raises SaveError."""
    receipt = {**verdict.receipt(), "number": number}
    judged = replace(candidate, parent=parent, receipt=receipt, id="")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(f"{folder} can't be made: {error.strerror}. Free some space and retrain.") from error
    return replace(judged, id=write_checkpoint(folder, judged))


def drop_waiting(folder: Path, checkpoint: str) -> None:
    """Forget a candidate that waited, once it was written anew with its receipt. Raises SaveError."""
    try:
        for suffix in ("json", "safetensors"):
            (folder / f"{checkpoint}.{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise SaveError(f"What waited in {folder} can't be removed: {error.strerror}.") from error


def steps_of(receipt: Mapping[str, object] | None) -> int:
    """How many steps a candidate learned for, by its receipt; 0 where it does not say."""
    steps = (receipt or {}).get("steps")
    return steps if isinstance(steps, int) and not isinstance(steps, bool) and steps > 0 else 0


def _entry_of(checkpoint: str, receipt: Mapping[str, object], has_weights: bool) -> CheckpointEntry:
    number, parent = receipt.get("number"), receipt.get("parent")
    return CheckpointEntry(
        checkpoint,
        number if isinstance(number, int) else 0,
        False,
        receipt.get("accepted") is False and receipt.get("waiting") is not True,
        receipt,
        parent if isinstance(parent, str) else None,
        has_weights,
        receipt.get("waiting") is True,
    )
