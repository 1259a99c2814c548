"""Undo and redo, bounded in steps and in memory.

A step has one or more patches: a brush line across a large photograph is painted in pieces. Of a patch only the pixels
that it changed are kept, compressed.
"""

import zlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.mask import Patch
from fcn_gui.core.raster import Rect

_QUICK = 1  # zlib level: a step is packed on the main thread, while the next stroke begins


@dataclass(frozen=True)
class _Values:
    """`size` bytes, compressed; those that are all equal (most of a stroke is) are kept as one."""

    size: int
    data: bytes

    @classmethod
    def of(cls, values: NDArray[np.uint8]) -> "_Values":
        if values.size and values.min() == values.max():
            return cls(values.size, values[:1].tobytes())
        return cls(values.size, zlib.compress(values.tobytes(), _QUICK))

    def array(self) -> NDArray[np.uint8]:
        if len(self.data) == 1:
            return np.full(self.size, self.data[0], np.uint8)
        return np.frombuffer(zlib.decompress(self.data), np.uint8)


@dataclass(frozen=True)
class _Step:
    """Patches, packed: `changed` is a bit per pixel of each of `rects`, `values` the changed pixels' four arrays.

    `table`, where given, says what each label has become since.
    """

    rects: tuple[Rect, ...]
    changed: tuple[bytes, ...]
    values: tuple[_Values, ...]
    table: bytes | None = None

    @classmethod
    def of(cls, patches: Sequence[Patch]) -> "_Step":
        changed = [patch.changed for patch in patches]
        bits = tuple(zlib.compress(np.packbits(inside).tobytes(), _QUICK) for inside in changed)
        each = [(p.mask_before, p.mask_after, p.vouch_before, p.vouch_after) for p in patches]
        values = (
            np.concatenate([arrays[kind][inside] for arrays, inside in zip(each, changed, strict=True)])
            for kind in range(4)
        )
        return cls(tuple(patch.rect for patch in patches), bits, tuple(map(_Values.of, values)))

    def patches(self) -> list[Patch]:
        """In the order in which they were made; pixels that a patch doesn't change are 0 in it."""
        values, at, found = [kept.array() for kept in self.values], 0, []
        if self.table is not None:
            values[:2] = [np.frombuffer(self.table, np.uint8)[labels] for labels in values[:2]]
        for rect, packed in zip(self.rects, self.changed, strict=True):
            bits = np.frombuffer(zlib.decompress(packed), np.uint8)
            inside = np.unpackbits(bits, count=rect.height * rect.width).astype(bool).reshape(rect.height, rect.width)
            count = int(inside.sum())
            arrays = np.zeros((4, *inside.shape), np.uint8)
            for array, kept in zip(arrays, values, strict=True):
                array[inside] = kept[at : at + count]
            at += count
            found.append(Patch(rect, *arrays))
        return found

    def relabelled(self, table: bytes) -> "_Step":
        return replace(self, table=table if self.table is None else self.table.translate(table))

    @property
    def nbytes(self) -> int:
        return sum(map(len, self.changed)) + sum(len(kept.data) for kept in self.values)


@dataclass
class History:
    """The last steps of one image: at most `max_steps`, in at most `max_bytes` (but always the last one)."""

    max_steps: int = 200
    max_bytes: int = 64 << 20
    _done: deque[_Step] = field(default_factory=deque, repr=False)
    _undone: list[_Step] = field(default_factory=list, repr=False)
    _forgotten: int = 0

    def push(self, *patches: Patch) -> None:
        """Remember a step that was just done, its patches in the order of doing; what had been undone is gone."""
        self._undone.clear()
        self._done.append(_Step.of(patches))
        while len(self._done) > 1 and (len(self._done) > self.max_steps or self.nbytes > self.max_bytes):
            self._done.popleft()
            self._forgotten += 1

    def undo(self) -> tuple[Patch, ...]:
        """The patches to revert, in that order; () where there is no step. Pixels that one doesn't change are 0."""
        if not self._done:
            return ()
        self._undone.append(self._done.pop())
        return tuple(reversed(self._undone[-1].patches()))

    def redo(self) -> tuple[Patch, ...]:
        """The patches to apply again, in that order; () where there is no step."""
        if not self._undone:
            return ()
        self._done.append(self._undone.pop())
        return tuple(self._done[-1].patches())

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
        return History(self.max_steps, self.max_bytes, done, undone, self._forgotten)

    @property
    def nbytes(self) -> int:
        """Memory of the packed steps, those undone included."""
        return sum(step.nbytes for step in (*self._done, *self._undone))
