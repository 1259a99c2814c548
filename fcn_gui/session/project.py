"""The folder as a list: which images there are, in which order, how far each is, and why one can't be used."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.split import Split
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.state_log import StateRow
from fcn_gui.disk.voc import VocFolder


class Status(StrEnum):
    """How far an image is."""

    NEW = "new"
    PREDICTED = "predicted"
    CORRECTED = "corrected"
    VERIFIED = "verified"
    PROBLEM = "problem"


@dataclass
class Item:
    """One image of the project. `size` (bytes), `mtime` and `digest` are those of the file when it was last read."""

    key: str
    status: Status = Status.NEW
    held_out: bool | None = None
    """Side of the split; None until the first pixel is vouched."""
    note: str = ""
    problem: str = ""
    """Why it can't be used, or what to look at; empty when all is well."""
    strokes: int = 0
    seconds: float = 0.0
    size: int = 0
    mtime: float = 0.0
    digest: str = ""
    phash: int | None = None
    """Perceptual hash of the picture."""
    edition: int = 0
    """Another, larger number after every change of what is vouched, while the program runs."""
    notes: tuple[str, ...] = ()
    """What had to be done to read the picture, in words; known while the program runs."""
    raised: str | None = field(default=None, repr=False)
    """Pixels that verify raised from 0, packed; unverify takes them back."""

    verified_at: float = 0.0
    """When it was verified last, seconds since 1970; 0 where that is not known."""
    is_imported: bool = False
    """Its unvouched pixels show a mask from elsewhere, until a person asks to repaint."""
    by_hand_s: float | None = None
    """What painting its mask by hand would have cost, once that was counted."""
    doubted_px: int = 0
    """Vouched pixels that the network that went live last says are something else; known while the program runs."""
    changed_px: int = 0
    """Unvouched pixels that the last second look changed; known while the program runs."""
    gain: float | None = None
    """What correcting it would help, as `where_next` counted it; None while that is not known."""
    behind: Status = Status.NEW
    """What it was before it became a problem, and is again when the file is back."""

    @property
    def saved_status(self) -> Status:
        """What the folder remembers: a problem passes, what a person said of the image stays."""
        return self.behind if self.status is Status.PROBLEM else self.status

    def mark_problem(self, reason: str) -> None:
        """It can't be used now, and why."""
        self.behind, self.status, self.problem = self.saved_status, Status.PROBLEM, reason

    @property
    def is_corrected(self) -> bool:
        """A person vouched for pixels of it."""
        return self.status in (Status.CORRECTED, Status.VERIFIED)


Order = Callable[[Item], object]


class Project:
    """The images of one open folder, in the order in which they were found."""

    def __init__(
        self,
        folder: ProjectFolder,
        rows: Mapping[str, StateRow],
        split: Split,
        foreign: VocFolder | None = None,
    ) -> None:
        self.folder = folder
        self.items: list[Item] = []
        self.label_map: LabelMap | None = folder.header.label_map
        self.split = split
        self.foreign = foreign
        """The VOC folder that this is too: where an image has no mask of ours, it opens with that one accepted."""
        self._index: dict[str, int] = {}
        self._rows = dict(rows)

    def add(self, keys: Iterable[str]) -> tuple[int, int]:
        """Append images as they are found; known ones keep their state. (First index, count) of the new items."""
        first = len(self.items)
        for key in keys:
            if key not in self._index:
                self._index[key] = len(self.items)
                self.items.append(self._item(key))
        return first, len(self.items) - first

    def forget_missing(self) -> list[Item]:
        """After the scan: images with a state of ours that are no longer in the folder, as problem items."""
        gone = [key for key, row in self._rows.items() if key not in self._index and row.strokes]
        first, count = self.add(gone)
        for item in self.items[first : first + count]:
            item.mark_problem("is no longer in the folder; its mask is kept")
        return self.items[first : first + count]

    def item(self, key: str) -> Item:
        """Raises KeyError for an image that is not listed."""
        return self.items[self._index[key]]

    def __contains__(self, key: object) -> bool:
        return key in self._index

    def index(self, key: str) -> int:
        """Place in the list; KeyError as `item`."""
        return self._index[key]

    def neighbour(self, key: str | None, step: int) -> str | None:
        """The key `step` places on among the usable images; None at the end of the list."""
        at = self._index[key] if key in self._index else (-1 if step > 0 else len(self.items))
        while 0 <= at + step < len(self.items):
            at += step
            if not self.items[at].problem:
                return self.items[at].key
        return None

    def ahead(self, key: str | None, count: int) -> list[str]:
        """The next `count` usable keys after `key`, nearest first."""
        found: list[str] = []
        at = key
        while len(found) < count and (at := self.neighbour(at, 1)) is not None:
            found.append(at)
        return found

    def next_unverified(self, key: str | None) -> str | None:
        """The next usable image after `key` that is not verified, from the start again at the end; None without any."""
        at = self._index.get(key, -1) if key is not None else -1
        for item in (*self.items[at + 1 :], *self.items[: max(at, 0)]):
            if item.status is not Status.VERIFIED and not item.problem:
                return item.key
        return None

    def corrected(self) -> list[Item]:
        """Images with vouched pixels, in the order of the list."""
        return [item for item in self.items if item.is_corrected]

    def to_look_at_again(self) -> list[Item]:
        """Images seen before whose unvouched pixels another network may change."""
        seen = (Status.PREDICTED, Status.CORRECTED)
        return [i for i in self.items if i.status in seen and not i.problem and not i.is_imported]

    def shown(
        self, *, name: str = "", statuses: frozenset[Status] = frozenset(), by: Order | None = None
    ) -> list[Item]:
        """Items whose key has `name` in it, in any case, and whose status is one of `statuses` (all if empty)."""
        wanted = name.casefold()
        found = [i for i in self.items if wanted in i.key.casefold() and (not statuses or i.status in statuses)]
        return sorted(found, key=by) if by else found  # type: ignore[arg-type]

    def decide_side(self, item: Item) -> None:
        """On which side of the split an image is, by its content; a side once given stays."""
        if item.held_out is None:
            item.held_out = self.split.decide(item.key, item.digest, item.phash, len(self.items))

    def expected_side(self, item: Item) -> bool:
        """Whether an image is held out, or would be if somebody vouched for a pixel of it now."""
        if item.held_out is not None:
            return item.held_out
        return self.split.expected(item.key, item.digest, item.phash, len(self.items))

    def _foreign_item(self, key: str) -> Item:
        if self.foreign is None or self.foreign.mask_path(key) is None:
            return Item(key)
        return Item(key, Status.VERIFIED, self.foreign.held_out(key))

    def _item(self, key: str) -> Item:
        row = self._rows.get(key)
        if row is None:
            return self._foreign_item(key)
        return Item(
            key,
            _status(row.status),
            row.held_out,
            row.note,
            strokes=row.strokes,
            seconds=row.seconds,
            verified_at=row.verified_at,
            size=row.size,
            mtime=row.mtime,
            digest=row.digest,
            phash=hash_of(row.phash),
            raised=row.raised,
            is_imported=row.is_imported,
        )


def state_row(item: Item) -> StateRow:
    """The item as a line of `state.jsonl`."""
    return StateRow(
        key=item.key,
        status=item.saved_status.value,
        held_out=item.held_out,
        size=item.size,
        mtime=item.mtime,
        digest=item.digest,
        seconds=item.seconds,
        verified_at=item.verified_at,
        strokes=item.strokes,
        note=item.note,
        raised=item.raised,
        phash="" if item.phash is None else f"{item.phash:x}",
        is_imported=item.is_imported,
    )


def hash_of(text: str) -> int | None:
    """A perceptual hash as a state row keeps it; None for one that isn't known."""
    try:
        return int(text, 16) if text else None
    except ValueError:
        return None


def _status(text: str) -> Status:
    try:
        status = Status(text)
    except ValueError:
        return Status.NEW
    # A problem is of the file as it is now: it is found again when the image is read.
    return Status.NEW if status is Status.PROBLEM else status
