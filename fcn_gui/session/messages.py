"""What a person is told: one sentence of what happened, then what to do. Texts stand here, so that they sound alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

MOST_REASONS = 3
"""Of what was refused, so many reasons are told."""
MessageKind = Literal["info", "ok", "warn", "error"]
Action = tuple[str, str | Callable[[], object]]
"""Words on the button, and an action's id, a model verb with its argument (`learn.receipt:<id>`), or what to call."""


@dataclass(frozen=True)
class Message:
    """A line for the bar over the canvas."""

    kind: MessageKind
    text: str
    actions: tuple[Action, ...] = ()


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 stroke`, `14 strokes`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def reopened(strokes: int, images: int) -> Message:
    """After a crash: how much the journal brought back."""
    verb = "is" if strokes == 1 else "are"
    return Message(
        "warn",
        f"Reopened after a crash: {counted(strokes, 'stroke')} on {counted(images, 'image')} {verb} back.",
    )


def read_only(who: str, since: str) -> Message:
    """Somebody else has the project, since an ISO date and time."""
    holder = f"a window of {who}" if who else "another window"
    when = f" since {_when(since)}" if since else ""
    return Message("warn", f"This folder is open in {holder}{when}, so this one is read-only.")


def _when(since: str) -> str:
    """The time on the clock here, with the day where that is another; what is no date as it is."""
    try:
        at = datetime.fromisoformat(since).astimezone()
    except ValueError:
        return since
    return f"{at:%H:%M}" if at.date() == datetime.now().date() else f"{at:%Y-%m-%d %H:%M}"


def cant_be_opened(reason: str, has_unknown_class: bool) -> Message:
    """An image or its mask can't be read; a mask with a class too many can be mended here."""
    actions: tuple[Action, ...] = (("Add a class", "class.add"),) if has_unknown_class else ()
    return Message("error", reason, actions)


def not_saved(reason: str, is_kept_elsewhere: bool = False) -> Message:
    """A save failed; the work stays in memory and, where that could be done, in the user's data folder."""
    where = "in memory and in your data folder" if is_kept_elsewhere else "in memory"
    return Message("error", f"{reason} Your strokes are {where}; they are saved again when it can be.", _SAVE_AGAIN)


_SAVE_AGAIN: tuple[Action, ...] = (("Save again", "file.save"),)


def refused_in_read_only() -> Message:
    return Message("warn", "This project is read-only here: nothing was changed.")


def busy_with_classes() -> Message:
    return Message(
        "info",
        "The masks are being rewritten for the new list of classes: wait a moment, or cancel it.",
        (("Cancel", "learn.cancel"),),
    )


def rewritten(what: str, masks: int, undo_to: int) -> Message:
    """Classes were removed, merged or moved, in all masks."""
    return Message(
        "ok",
        f"{what} {counted(masks, 'mask')} rewritten.",
        (("Undo", f"class.undo_rewrite:{undo_to}"),),
    )


def rewrite_undone(masks: int) -> Message:
    """And that was taken back."""
    return Message("ok", f"The classes are what they were before, in {counted(masks, 'mask')}.")


def without_classes() -> Message:
    return Message("info", "Choose the classes of this folder first: the 21 of VOC, or your own.")


def became_live(number: int, live: float | None, candidate: float | None, on: str, checkpoint: str) -> Message:
    """The gate let a candidate through; `on` says what it was judged on."""
    figures = "" if live is None or candidate is None else f": mean IU {live:.3f} → {candidate:.3f} on {on}"
    return Message(
        "ok",
        f"Checkpoint {number} is live{figures}. Your strokes stay.",
        (("Show difference", "view.difference"), ("Open receipt", f"learn.receipt:{checkpoint}")),
    )


def can_go_back(told: Message) -> Message:
    """Of something that went live by itself: how to have the one before again."""
    return replace(told, actions=(("Go back", "learn.rollback"), *told.actions))


def was_refused(number: int, reason: str, live_number: int, checkpoint: str) -> Message:
    """The gate kept the live checkpoint."""
    return Message(
        "warn",
        f"Checkpoint {number} was refused: {reason} Checkpoint {live_number} stays.",
        (("Open receipt", f"learn.receipt:{checkpoint}"),),
    )


def waits(number: int, reason: str, checkpoint: str) -> Message:
    """A candidate can't be judged yet."""
    return Message("info", f"Checkpoint {number} waits: {reason}", (("Open receipt", f"learn.receipt:{checkpoint}"),))


def back_at(number: int, undo_to: str) -> Message:
    """A rollback or a choice from the history."""
    return Message("ok", f"Back at checkpoint {number}, with its predictions.", (("Undo", f"learn.live:{undo_to}"),))


def compared(before: int, after: int, changed: float) -> Message:
    """Two checkpoints on the open image; `changed` share of its pixels, 0…1."""
    return Message("info", f"Checkpoint {before} → {after}: {100 * changed:.1f} % of the pixels are something else.")


HARDLY_KNOWN = "Starts blank, for the network hardly knows this photo: repaint to see what it says"
PAYS_NOTHING = "Starts blank, for predictions saved nothing lately: repaint to see this one"
KEEPS_IMPORT = "Imported mask: repaint to see what the network says"


def no_start(reason: str, instead: str) -> Message:
    """The checkpoint that the person chose for new folders can't be used any more."""
    return Message("warn", f"{reason} This folder starts with {instead}.")


def changed_outside(name: str, what: str) -> Message:
    """An image was replaced or deleted behind the program's back; its mask is kept."""
    return Message("warn", f"{name} {what} outside this program. Its mask is kept.")


def masks_imported(imported: int, verified: int, refused: Sequence[tuple[str, str]]) -> Message:
    """What of a folder of masks became proposals; `refused` holds (file, reason), of which the first ones are told."""
    parts = [f"{counted(imported, 'mask')} imported as proposal{'s' if imported != 1 else ''}"]
    if verified:
        parts.append(f"{counted(verified, 'verified image')} left as {'it is' if verified == 1 else 'they are'}")
    if refused:
        reasons = " ".join(reason for _, reason in refused[:MOST_REASONS])
        more = len(refused) - MOST_REASONS
        parts.append(f"{len(refused)} refused: {reasons}{f' And {more} more, see the log.' if more > 0 else ''}")
    return Message("warn" if refused else "ok", "; ".join(parts).rstrip(".") + ".")


def no_mask_fits(source: str) -> Message:
    """A folder holds masks, and none of them is of a photograph of this project."""
    return Message("warn", f"No photo here has a mask in {source}: a mask is named like its photo, a.png for a.jpg.")


def exported(images: str, target: str, left_out: int, only_verified: bool) -> Message:
    """What an export wrote and left."""
    rest = ""
    if left_out:
        rest = f"; {left_out} left out, not verified" if only_verified else f"; {left_out} left out, see the report"
    return Message("ok", f"Exported {images} to {target}{rest}.", (("Open folder", f"file.reveal:{target}"),))
