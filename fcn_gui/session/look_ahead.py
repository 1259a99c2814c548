"""A small store of images that are opened or predicted before somebody asks for them."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

V = TypeVar("V")


class LookAhead(Generic[V]):
    """The newest values by key, bounded by number and by bytes; the oldest go first."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._held: OrderedDict[str, tuple[V, int]] = OrderedDict()

    def put(self, key: str, value: V, nbytes: int) -> None:
        """Keep `value` of `nbytes`, in place of an older one of that key."""
        self._held.pop(key, None)
        self._held[key] = value, nbytes
        while len(self._held) > self._most or (len(self._held) > 1 and self.nbytes > self._most_bytes):
            self._held.popitem(last=False)

    def get(self, key: str) -> V | None:
        """The value of `key`, which stays."""
        held = self._held.get(key)
        return held[0] if held else None

    def drop(self, key: str) -> None:
        """Forget one."""
        self._held.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        self._held.clear()

    @property
    def nbytes(self) -> int:
        """Memory of what is held."""
        return sum(nbytes for _, nbytes in self._held.values())

    def __contains__(self, key: object) -> bool:
        return key in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)
