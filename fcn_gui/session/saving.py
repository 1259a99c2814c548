"""From memory to disk: a snapshot made on the main thread, written on another, and the journal that bridges a kill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fcn_gui.core.errors import FcnGuiError, SaveError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.mask import VouchedMask
from fcn_gui.core.raster import UNVOUCHED, Mask, Vouch
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.state_log import StateRow
from fcn_gui.session.document import Document, Step
from fcn_gui.session.packing import pack_bits, pack_pixels, unpack_pixels
from fcn_gui.session.project import Item, Status, state_row
from fcn_gui.session.stroke_log import StrokeLog


@dataclass(frozen=True)
class Snapshot:
    """All that a save writes, copied when it was asked for. `edition` says which state of the document it is."""

    key: str
    mask: Mask
    vouch: Vouch
    first_look: Mask | None
    row: StateRow
    label_map: LabelMap
    journaled: int
    edition: int


def snapshot(document: Document, row: StateRow, label_map: LabelMap, journaled: int) -> Snapshot:
    """Copies; the first look only as long as it isn't on disk."""
    first_look = None if document.first_look_is_saved else document.first_look
    masked = document.masked
    return Snapshot(
        document.key, masked.mask.copy(), masked.vouch.copy(), first_look, row, label_map, journaled, document.edition
    )


class SavedElsewhereError(SaveError):
    """The project's place could not be written to; the work is in the user's data folder and comes back from there."""


def save(folder: ProjectFolder, shot: Snapshot, log: StrokeLog) -> None:
    """Write it; strokes leave the journal only after everything was renamed into place.

    Where that can't be done the same is written to the user's data folder: SavedElsewhereError, or SaveError when
    that can't be done either.
    """
    try:
        _write(folder, shot)
    except SaveError as error:
        try:
            _write(folder.in_user_data(), shot)
        except SaveError:
            raise error from None  # the one that says what to do
        raise SavedElsewhereError(str(error)) from error
    log.drop_through(shot.journaled)


def _write(folder: ProjectFolder, shot: Snapshot) -> None:
    """Mask before vouch map: a kill between them leaves strokes in the journal, which set both again."""
    if shot.first_look is not None:
        folder.write_first_look(shot.key, shot.first_look, shot.label_map)
    folder.write_mask(shot.key, shot.mask, shot.label_map)
    folder.write_vouch(shot.key, shot.vouch)
    folder.append_state(shot.row)


def stroke_entry(document: Document, step: Step, item: Item) -> dict[str, Any]:
    """A journal line: what the pixels that `step` touched are now, and the side of the split."""
    masked = document.masked
    touched = [(patch.rect, patch.changed) for patch in step]
    row = state_row(item)
    about = {"key": row.key, "held_out": row.held_out, "digest": row.digest, "phash": row.phash}
    return {**about, "shape": list(document.shape), **pack_pixels(masked.mask, masked.vouch, touched)}


def packed_raised(document: Document) -> str | None:
    """What verify raised, for `state.jsonl`."""
    return None if document.raised is None or not document.is_verified else pack_bits(document.raised)


def row_after_crash(before: StateRow, entries: Sequence[Mapping[str, Any]], vouch: Vouch, used: int) -> StateRow:
    """The state of an image whose strokes came back from the journal."""
    held_out, digest, phash = (entries[-1].get(name) for name in ("held_out", "digest", "phash"))
    was_verified = before.status == Status.VERIFIED and bool(vouch.all())
    return replace(
        before,
        status=Status.VERIFIED.value if was_verified else Status.CORRECTED.value,
        held_out=held_out if before.held_out is None and isinstance(held_out, bool) else before.held_out,
        digest=digest if not before.digest and isinstance(digest, str) else before.digest,
        phash=phash if not before.phash and isinstance(phash, str) else before.phash,
        strokes=before.strokes + used,
    )


def follow_again(folder: ProjectFolder, key: str, labels: Mask, label_map: LabelMap) -> int:
    """Second look at an image not in memory: unvouched pixels show `labels`. How many changed.

    Raises SaveError, MaskError.
    """
    mask, vouch = folder.read_mask(key, labels.shape), folder.read_vouch(key, labels.shape)
    if mask is None or vouch is None:
        return 0
    count, is_changed = follow_labels(VouchedMask(mask, vouch), labels)
    if is_changed:
        folder.write_mask(key, mask, label_map)
    return count


def follow_labels(masked: VouchedMask, labels: Mask) -> tuple[int, bool]:
    """Unvouched pixels show `labels` (H×W); how many showed something else before, and whether any changed."""
    count = int(np.count_nonzero((masked.mask != labels) & (masked.vouch == UNVOUCHED)))
    return count, masked.follow(labels) is not None


def replay(folder: ProjectFolder, key: str, entries: Sequence[Mapping[str, Any]]) -> tuple[Mask, Vouch, int] | None:
    """Mask and vouch map of `key` with the strokes of the journal on them, and how many of them could be used.

    None where no entry fits. Without a saved mask the unvouched pixels are class 0 until the next prediction.
    """
    if not entries:
        return None
    shape = _shape(entries[-1])
    mask, vouch = folder.read_mask(key), folder.read_vouch(key)
    if mask is None and shape is None:
        return None
    mask = np.zeros(shape or (1, 1), np.uint8) if mask is None else mask
    vouch = np.full(mask.shape, UNVOUCHED, np.uint8) if vouch is None else vouch
    used = 0
    for entry in entries:
        try:
            unpack_pixels(entry, mask, vouch)
            used += 1
        except FcnGuiError:
            continue  # one damaged line must not take the others with it; the number told says how many are back
    return (mask, vouch, used) if used else None


def _shape(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    match entry.get("shape"):
        case [int(height), int(width)] if height > 0 and width > 0:
            return height, width
    return None
