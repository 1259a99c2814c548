"""Which images are held out: a sticky fifth, decided when an image gets its first vouched pixel.

An image is held out if a hash of the project's seed and its digest is in the lowest fifth. The first image never is;
if none of the first four is, the next is. Near-duplicates, found by content, go where the first of them went; a group
larger than a fifth of the project (a clip) is cut into runs of frames that are most alike. A side never changes.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from fcn_gui.core.raster import Image, check_image

HELD_OUT_PART = 5  # one in
NEVER_AMONG_FIRST = 4
SMALLEST_RUN = 2  # two alike stay together even where they are more than a fifth
# Of 262 000 pairs of different photographs (COCO, VOC, BSDS) the least distance was 90 of 255 bits; the same picture
# smaller, recompressed or darker is within 6, cut by 3 % at two sides within 64 (95 of 100).
ALIKE_BITS = 72
_SIDE, _FREQUENCIES = 64, 16


def perceptual_hash(image: Image) -> int:
    """255 bits of what a picture looks like: signs of its lowest frequencies (DCT of 64×64 grey, 16×16, without mean).

    Different bits, `(a ^ b).bit_count()`, say how different two pictures are.
    """
    check_image(image)
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    small = np.asarray(cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float32)
    low = np.asarray(cv2.dct(small))[:_FREQUENCIES, :_FREQUENCIES].ravel()[1:]
    bits = np.packbits(low > np.median(low))
    return int.from_bytes(bits.tobytes(), "big")


@dataclass(frozen=True)
class SplitRow:
    """A decided image: its side, its perceptual hash (None where not known) and the number of its run of alike ones."""

    key: str
    digest: str
    held_out: bool
    phash: int | None = None
    run: int = 0

    def to_json(self) -> dict[str, Any]:
        """Ready for JSON; the hash as hex."""
        phash = None if self.phash is None else f"{self.phash:x}"
        return {"key": self.key, "digest": self.digest, "held_out": self.held_out, "phash": phash, "run": self.run}

    @classmethod
    def from_json(cls, data: Any) -> "SplitRow":
        """What `to_json` gave; ValueError for anything else."""
        try:
            phash = None if data["phash"] is None else int(data["phash"], 16)
            return cls(str(data["key"]), str(data["digest"]), bool(data["held_out"]), phash, int(data["run"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{data!r} is no row of a split") from error


class Split:
    """The sides of all images decided so far, in the order in which they were; `rows` are those of before."""

    def __init__(self, seed: int, rows: Iterable[SplitRow] = ()) -> None:
        self.seed = seed
        self._rows: dict[str, SplitRow] = {row.key: row for row in rows}

    @property
    def rows(self) -> tuple[SplitRow, ...]:
        """All decided images, first decided first."""
        return tuple(self._rows.values())

    def side(self, key: str) -> bool | None:
        """Whether an image is held out; None while that is not decided."""
        row = self._rows.get(key)
        return None if row is None else row.held_out

    def decide(self, key: str, digest: str, phash: int | None, images: int = 0) -> bool:
        """Whether the image is held out; a side once given stays, whatever is asked later.

        `digest` is that of its file, `phash` its perceptual hash, `images` how many the project has (0: groups are
        never cut).
        """
        return self._rows.setdefault(key, self._row(key, digest, phash, images)).held_out

    def expected(self, key: str, digest: str, phash: int | None, images: int = 0) -> bool:
        """What `decide` would say now; nothing is decided by it."""
        return self._row(key, digest, phash, images).held_out

    def _row(self, key: str, digest: str, phash: int | None, images: int) -> SplitRow:
        known = self._rows.get(key)
        if known is not None:
            return known
        alike = self._most_alike(digest, phash)
        if alike is not None and (alike.digest == digest or self._has_room(alike.run, images)):
            return SplitRow(key, digest, alike.held_out, phash, alike.run)
        return SplitRow(key, digest, self._draw(digest), phash, self._next_run())

    def remember(self, key: str, digest: str, held_out: bool, phash: int | None = None) -> None:
        """Take a side that was decided elsewhere (an earlier sitting, the lists of a VOC folder); a known one stays."""
        if key not in self._rows:
            alike = self._most_alike(digest, phash)
            run = alike.run if alike is not None and alike.held_out == held_out else self._next_run()
            self._rows[key] = SplitRow(key, digest, held_out, phash, run)

    def across_sides(self) -> list[tuple[str, str]]:
        """Pairs of alike images on different sides (learned, held-out): cut clips, or found alike only later."""
        learned = [row for row in self.rows if not row.held_out]
        held_out = [row for row in self.rows if row.held_out]
        return [(one.key, other.key) for one in learned for other in held_out if _are_alike(one, other)]

    def _most_alike(self, digest: str, phash: int | None) -> SplitRow | None:
        wanted = SplitRow("", digest, False, phash)
        alike = [row for row in self.rows if _are_alike(wanted, row)]
        return min(alike, key=lambda row: (row.digest != digest, _distance(wanted, row)), default=None)

    def _has_room(self, run: int, images: int) -> bool:
        most = max(SMALLEST_RUN, images // HELD_OUT_PART) if images else len(self._rows) + 1
        return sum(row.run == run for row in self.rows) < most

    def _next_run(self) -> int:
        return 1 + max((row.run for row in self.rows), default=-1)

    def _draw(self, digest: str) -> bool:
        if not self._rows:
            return False
        if len(self._rows) >= NEVER_AMONG_FIRST and not any(row.held_out for row in self.rows):
            return True
        drawn = hashlib.sha256(f"{self.seed}:{digest}".encode()).digest()
        return int.from_bytes(drawn[:8], "big") < 2**64 // HELD_OUT_PART


def _distance(one: SplitRow, other: SplitRow) -> int:
    """Different bits; 0 for the same file, more than any where a hash is not known."""
    if one.digest and one.digest == other.digest:
        return 0
    if one.phash is None or other.phash is None:
        return 256
    return (one.phash ^ other.phash).bit_count()


def _are_alike(one: SplitRow, other: SplitRow) -> bool:
    return _distance(one, other) <= ALIKE_BITS
