"""When an action can be used, and the reason when it can't: pure functions of what is known now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP as NOOP


@dataclass(frozen=True)
class Facts:
    """What decides whether an action is enabled."""

    has_project: bool = False
    is_read_only: bool = False
    images: int = 0
    has_document: bool = False
    is_verified: bool = False
    has_prediction: bool = False
    has_first_look: bool = False
    has_comparison: bool = False
    can_undo: bool = False
    can_redo: bool = False
    has_vouched_images: bool = False
    is_retraining: bool = False
    can_pause: bool = False
    has_job: bool = False
    has_earlier_checkpoint: bool = False
    classes: int = 0
    label: int = 0
    has_sample: bool = False


Reason = Callable[[Facts], str]
"""Why an action can't be used now; empty when it can."""


def always(facts: Facts) -> str:
    """No condition."""
    return ""


def project(facts: Facts) -> str:
    """A folder is open."""
    return "" if facts.has_project else str(NOOP("actions", "no folder is open"))


def writable(facts: Facts) -> str:
    """A folder is open and this window may write to it."""
    return project(facts) or (str(NOOP("actions", "this window is read-only")) if facts.is_read_only else "")


def images(facts: Facts) -> str:
    """The folder holds photos."""
    return project(facts) or ("" if facts.images else str(NOOP("actions", "no photo in this folder")))


def importable(facts: Facts) -> str:
    """There are photos that masks may be imported onto, and classes for their labels."""
    return writable(facts) or images(facts) or ("" if facts.classes else str(NOOP("actions", "no class yet")))


def document(facts: Facts) -> str:
    """A photo is on the canvas."""
    return project(facts) or ("" if facts.has_document else str(NOOP("actions", "no photo is open")))


def editable(facts: Facts) -> str:
    """A photo is on the canvas and its mask may be changed."""
    return writable(facts) or document(facts)


def paintable(facts: Facts) -> str:
    """Editable, and there is a class to paint with."""
    return editable(facts) or ("" if facts.classes else str(NOOP("actions", "no class yet")))


def prediction(facts: Facts) -> str:
    """The open photo has a prediction."""
    return document(facts) or ("" if facts.has_prediction else str(NOOP("actions", "no prediction yet")))


def first_look(facts: Facts) -> str:
    """The open photo's first look is kept."""
    return document(facts) or ("" if facts.has_first_look else str(NOOP("actions", "no first look yet")))


def comparison(facts: Facts) -> str:
    """Two checkpoints were compared on the open photo."""
    reason = str(NOOP("actions", "compare two checkpoints in a receipt first"))
    return document(facts) or ("" if facts.has_comparison else reason)


def undoable(facts: Facts) -> str:
    """There is a step to take back."""
    return editable(facts) or ("" if facts.can_undo else str(NOOP("actions", "nothing to undo")))


def redoable(facts: Facts) -> str:
    """There is a step to take again."""
    return editable(facts) or ("" if facts.can_redo else str(NOOP("actions", "nothing to redo")))


def verified(facts: Facts) -> str:
    """The open photo is verified."""
    return editable(facts) or ("" if facts.is_verified else str(NOOP("actions", "this photo is not verified")))


def repaintable(facts: Facts) -> str:
    """The open photo can follow a new prediction."""
    return editable(facts) or prediction(facts)


def retrainable(facts: Facts) -> str:
    """There is something to learn from, and nothing learns already."""
    if reason := writable(facts):
        return reason
    if facts.is_retraining:
        return str(NOOP("actions", "a fine-tune is running"))
    return "" if facts.has_vouched_images else str(NOOP("actions", "correct or verify a photo first"))


def measurable(facts: Facts) -> str:
    """There is something to measure on."""
    reason = str(NOOP("actions", "correct or verify a photo first"))
    return project(facts) or ("" if facts.has_vouched_images else reason)


def cancellable(facts: Facts) -> str:
    """Something that can be cancelled is running."""
    return "" if facts.has_job else str(NOOP("actions", "nothing is running"))


def pausable(facts: Facts) -> str:
    """A fine-tune runs or is paused."""
    return "" if facts.can_pause else str(NOOP("actions", "no fine-tune is running"))


def rollbackable(facts: Facts) -> str:
    """There is a checkpoint to go back to."""
    reason = str(NOOP("actions", "no earlier checkpoint"))
    return writable(facts) or ("" if facts.has_earlier_checkpoint else reason)


def own_class(facts: Facts) -> str:
    """The class in hand is one of the label map, not void."""
    reason = str(NOOP("actions", "void is no class"))
    return writable(facts) or ("" if facts.label < facts.classes else reason)


def movable_class(facts: Facts) -> str:
    """The class in hand can be removed, merged or moved."""
    return own_class(facts) or ("" if facts.label else str(NOOP("actions", "class 0 stays where it is")))


def class_up(facts: Facts) -> str:
    """There is a place above the class in hand."""
    return movable_class(facts) or ("" if facts.label > 1 else str(NOOP("actions", "it is the first already")))


def class_down(facts: Facts) -> str:
    """There is a place below the class in hand."""
    is_last = facts.label == facts.classes - 1
    return movable_class(facts) or (str(NOOP("actions", "it is the last already")) if is_last else "")


def fillable(facts: Facts) -> str:
    """A photo is open and the class in hand may have holes."""
    return paintable(facts) or own_class(facts)


def sample(facts: Facts) -> str:
    """The sample photos are installed."""
    return "" if facts.has_sample else str(NOOP("actions", "the sample photos are not installed"))


def where_next(facts: Facts) -> str:
    """There are images to choose from."""
    return images(facts)


def uncertain_region(facts: Facts) -> str:
    """The open photo has a prediction to be uncertain of."""
    return prediction(facts)


def class_number(number: int) -> Reason:
    """The label map has a class of this index."""

    def reason(facts: Facts) -> str:
        return editable(facts) or ("" if number < facts.classes else str(NOOP("actions", "no class has this number")))

    return reason
