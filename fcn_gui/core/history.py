"""Undo and redo, bounded in steps and in memory.

A step has one or more patches: a brush line across a large photograph is painted in tiles. They are kept as runs.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from fcn_gui.core.mask import Patch
from fcn_gui.core.raster import Rect
from fcn_gui.core.runs import Runs


@dataclass(frozen=True)
class _Kept:
    """A patch with all of it as runs."""

    rect: Rect
    changed: Runs
    before: tuple[Runs, Runs]
    after: tuple[Runs, Runs]

    @classmethod
    def of(cls, patch: Patch) -> "_Kept":
        before, after = (patch.mask_before, patch.vouch_before), (patch.mask_after, patch.vouch_after)
        return cls(patch.rect, Runs.of(patch.changed), before, after)

    def patch(self, table: bytes | None) -> Patch:
        """With each label become `table[label]`, where one is given."""
        changed, (before, after) = self.changed.array().view(bool), (self.before[0], self.after[0])
        if table is not None:
            before, after = before.mapped(table), after.mapped(table)
        return Patch(self.rect, changed, before, after, self.before[1], self.after[1])

    @property
    def nbytes(self) -> int:
        different = {id(runs): runs for runs in (self.changed, *self.before, *self.after)}
        return sum(runs.nbytes for runs in different.values())


@dataclass(frozen=True)
class _Step:
    """`kept` patches in the order in which they were made, and their memory.

    `table`, where given, says what each label has become since: the runs are translated when they are asked for, since
    the histories of thousands of images change at once while a person waits, and share the runs with those of before.
    """

    kept: tuple[_Kept, ...]
    nbytes: int
    table: bytes | None = None

    @classmethod
    def of(cls, patches: Sequence[Patch]) -> "_Step":
        kept = tuple(map(_Kept.of, patches))
        return cls(kept, sum(each.nbytes for each in kept))

    def patches(self) -> tuple[Patch, ...]:
        return tuple(kept.patch(self.table) for kept in self.kept)

    def relabelled(self, table: bytes) -> "_Step":
        return replace(self, table=table if self.table is None else self.table.translate(table))


@dataclass
class History:
    """The last steps of one image: at most `max_steps`, in at most `max_bytes` (but always the last one)."""

    max_steps: int = 200
    max_bytes: int = 64 << 20
    nbytes: int = 0
    """Memory of the steps, those undone included."""
    _done: deque[_Step] = field(default_factory=deque, repr=False)
    _undone: list[_Step] = field(default_factory=list, repr=False)
    _forgotten: int = 0

    def push(self, *patches: Patch) -> None:
        """Remember a step that was just done, its patches in the order of doing; what had been undone is gone."""
        self.nbytes -= sum(step.nbytes for step in self._undone)
        self._undone.clear()
        self._done.append(_Step.of(patches))
        self.nbytes += self._done[-1].nbytes
        while len(self._done) > 1 and (len(self._done) > self.max_steps or self.nbytes > self.max_bytes):
            self.nbytes -= self._done.popleft().nbytes
            self._forgotten += 1

    def undo(self) -> tuple[Patch, ...]:
        """The patches to revert, in that order; () where there is no step."""
        if not self._done:
            return ()
        self._undone.append(self._done.pop())
        return self._undone[-1].patches()[::-1]

    def redo(self) -> tuple[Patch, ...]:
        """The patches to apply again, in that order; () where there is no step."""
        if not self._undone:
            return ()
        self._done.append(self._undone.pop())
        return self._done[-1].patches()

    @property
    def newest(self) -> Callable[[], tuple[Patch, ...]] | None:
        """Gives the patches of the newest step, on any thread: to unpack those of a large photograph takes time."""
        return self._done[-1].patches if self._done else None

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def depth(self) -> int:
        """How many steps are done and not undone, those forgotten included."""
        return self._forgotten + len(self._done)

    def relabelled(self, table: bytes) -> "History":
        """The same steps where each label has become `table[label]`, 256 of them; this one stays as it is."""
        done = deque(step.relabelled(table) for step in self._done)
        undone = [step.relabelled(table) for step in self._undone]
        return History(self.max_steps, self.max_bytes, self.nbytes, done, undone, self._forgotten)
