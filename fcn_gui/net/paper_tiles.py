"""How the paper's trunk takes a large image in tiles, so that what is joined equals one pass.

Tiles begin at multiples of 32 px, in step with all pools of the canvas. pool3 and pool4 are joined first; what comes
after them, conv5 and the fully connected layers, then goes over the joined pool4 in parts of its own.
"""

from __future__ import annotations

from fcn_gui.net.lattice import Tile, spans
from fcn_gui.net.paper_lattice import PAD, POOL3_CROP, POOL4_CROP, UNSEEN, PaperLattice, canvas, halved

LEAST_CORE_PX = 512
"""A tile's own side: below, it is little but halo."""
_HALO_PX = 64
"""A cell of pool4 sees up to 45 px beyond its tile."""
_DEPTHS = (2, 2, 3, 3)
_CROPS = {"score_fr": 0, "score_pool4": POOL4_CROP, "score_pool3": POOL3_CROP + UNSEEN}


def least_tile_px() -> int:
    """Pixels of the smallest tile that is worth looking at."""
    return (LEAST_CORE_PX + 2 * _HALO_PX) ** 2


def windows(low: int, high: int) -> tuple[slice, slice]:
    """Which cells of pool3 and of pool4 see pixels low … high − 1 of the image; `low` is a multiple of 16."""
    first, last = low + PAD - 1, high + PAD - 1
    found = []
    for depth in _DEPTHS:
        first, last = (first - depth) // 2, -(-(last + depth) // 2)
        found.append(slice(first, last))
    return found[2], found[3]


def tiles(side: int, most_side: int) -> list[Tile]:
    """Of the first four blocks: pool4 on its canvas (for `score_fr`), pool4 and pool3 as their taps have them."""
    core = max(LEAST_CORE_PX, (most_side - 2 * _HALO_PX) // 32 * 32)
    return [_tile(side, seen, own) for seen, own in spans(-(-side // 32), core // 32, _HALO_PX // 32)]


def parts(side: int, most_side: int) -> list[Tile]:
    """Of conv5, fc6 and fc7: a unit begins at two cells of pool4, fc6 sees seven, three 3×3 convolutions two more."""
    cells, units = halved(canvas(side), 4), PaperLattice().shape((side, side), 32)[0]
    found = []
    for _, own in spans(units, max(LEAST_CORE_PX, most_side // 32 * 32) // 32, 0):
        low = max(0, 2 * own.start - 4)
        seen = slice(low, min(cells, 2 * (own.stop + 6) + 4))
        found.append(Tile(seen, {"score_fr": own}, {"score_fr": _moved(own, -(low // 2))}))
    return found


def _tile(side: int, seen: slice, own: slice) -> Tile:
    """A tile that sees and owns these blocks of 32 px of an axis; the outer ones have what the image does beyond it."""
    low, high = 32 * seen.start, min(side, 32 * seen.stop)
    (whole3, whole4), (here3, here4) = windows(0, side), windows(low, high)
    pool3, pool4 = (
        slice(
            per_block * own.start + before if own.start else whole.start,
            per_block * own.stop + before if 32 * own.stop < side else whole.stop,
        )
        for per_block, before, whole in ((4, 12, whole3), (2, 6, whole4))
    )
    rows3, rows4 = (PaperLattice().shape((side, side), stride)[0] for stride in (8, 16))
    mine = {
        "score_fr": pool4,
        "score_pool4": _clipped(pool4, _CROPS["score_pool4"], rows4),
        "score_pool3": _clipped(pool3, _CROPS["score_pool3"], rows3),
    }
    starts = {"score_fr": here4.start, "score_pool4": here4.start, "score_pool3": here3.start}
    return Tile(
        slice(low, high),
        {name: _moved(cells, -_CROPS[name]) for name, cells in mine.items()},
        {name: _moved(cells, -starts[name]) for name, cells in mine.items()},
    )


def _clipped(part: slice, first: int, length: int) -> slice:
    low = min(max(part.start, first), first + length)
    return slice(low, max(low, min(part.stop, first + length)))


def _moved(part: slice, by: int) -> slice:
    return slice(part.start + by, part.stop + by)
