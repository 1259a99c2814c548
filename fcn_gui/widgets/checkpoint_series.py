"""What the curve of the learning panel shows: mean IU and seconds by checkpoint, as their receipts have them."""

from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.session.outlook import held_out_curve
from fcn_gui.session.receipt import receipt_facts
from fcn_gui.widgets.curve import Series


def checkpoint_series(entries: list[CheckpointEntry]) -> list[Series]:
    """Mean IU by checkpoint number as the receipts have it: those that went live joined, refused as crosses."""
    live: list[tuple[float, float]] = []
    refused: list[tuple[float, float]] = []
    band: list[tuple[float, float, float]] = []
    before = {entry.number: receipt_facts(entry.receipt).live for entry in entries}
    for point in held_out_curve(entries):
        was = before[point.number]
        if not live and was is not None:
            at = float(max(0, point.number - 1))
            live.append((at, was))
            band.append((at, was, was))
        if point.is_refused:
            refused.append((float(point.number), point.mean_iu))
            continue
        live.append((float(point.number), point.mean_iu))
        if point.low is not None and point.high is not None:
            band.append((float(point.number), point.low, point.high))
    return [
        Series("seconds per image", seconds_points(entries), "text2", own_scale=True),
        Series("mean IU", tuple(live), "accent", mark="dot", says_last=True, band=tuple(band)),
        Series("refused", tuple(refused), "text2", is_joined=False, mark="cross"),
    ]


def seconds_points(entries: list[CheckpointEntry]) -> tuple[tuple[float, float], ...]:
    """(number, seconds to correct one image) of those that went live and of the one before the first."""
    points: list[tuple[float, float]] = []
    for entry in entries:
        facts = receipt_facts(entry.receipt)
        if facts.seconds_candidate is None or entry.is_refused or entry.is_waiting:
            continue
        if not points and facts.seconds_live is not None:
            points.append((float(max(0, entry.number - 1)), facts.seconds_live))
        points.append((float(entry.number), facts.seconds_candidate))
    return tuple(points)
