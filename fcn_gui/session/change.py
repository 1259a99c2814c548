"""What a verb did, for whoever shows it and for whoever writes it down."""

from collections.abc import Callable
from dataclasses import dataclass

from fcn_gui.core.raster import Rect
from fcn_gui.session.messages import Message


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Write:
    """Something for the disk. `run` is called off the main thread, in order; `done` on the main thread if it went well.

    `run` may raise SaveError; what it would have written is still in memory then.
    """

    kind: str
    run: Callable[[], object]
    done: Callable[[], None] = _nothing


@dataclass(frozen=True)
class Change:
    """`rect` of the open mask, `keys` of items whose state changed, `history` that undo or redo may differ now."""

    rect: Rect | None = None
    keys: tuple[str, ...] = ()
    label_map: bool = False
    history: bool = False
    predictions: bool = False
    """Another network answers from now on, or for other classes."""
    refit: bool = False
    """Other score layers answer from now on: what was predicted ahead is to be predicted anew."""
    proposals: bool = False
    """The same network answers, but masks are made of it in another way."""
    said: str = ""
    """A line for the status bar."""
    message: Message | None = None
    writes: tuple[Write, ...] = ()


NOTHING = Change()
