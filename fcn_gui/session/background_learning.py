"""When the program learns or judges by itself: after the first newly verified image, then after every so many.

A candidate that waits is judged before more is learned, one thing goes on at a time, and what was verified before the
last fine-tune began counts as learned. A fine-tune that was cut off, by a kill or because the folder was closed, has
taken nothing; one that the person cancelled has, so that it does not come back at the next image.
"""

import math
import time
from collections.abc import Callable, Iterable
from enum import StrEnum

from fcn_gui.disk.state_log import StateRow

LEARNED_UNTIL = "learn.until"
"""Where the project's header keeps when the last fine-tune that was not cut off began, in seconds since 1970."""
FIRST_AFTER = 1
"""Newly verified images that the first fine-tune of a project waits for; the setting says how many later ones do."""


class Due(StrEnum):
    """What is to be done by itself now."""

    NOTHING = "nothing"
    JUDGING = "judging"
    LEARNING = "learning"


class BackgroundLearning:
    """What of one project was verified since it was learned, and whether something goes on. Main thread only."""

    def __init__(self, learned_until: object = 0.0) -> None:
        is_time = isinstance(learned_until, int | float) and math.isfinite(learned_until)
        self.learned_until = float(learned_until) if is_time else 0.0  # type: ignore[arg-type]
        """What was verified up to then is learned; 0 where no fine-tune has ended yet."""
        self.under_way = Due.NOTHING
        self._fresh: set[str] = set()
        self._taken: set[str] = set()
        self._began_at = 0.0
        self._is_unwanted = False
        """The person cancelled what went on by itself: nothing more until as many images again are verified."""

    def remember(self, rows: Iterable[StateRow], verified: str) -> None:
        """When a folder is opened: its images with status `verified` that were not learned when it was closed."""
        self._fresh = {row.key for row in rows if row.status == verified and row.verified_at > self.learned_until}

    def verified(self, key: str) -> None:
        """A person said just now that this image is done."""
        self._fresh.add(key)

    def due(self, after: int, can_judge: bool, is_verified: Callable[[str], bool]) -> Due:
        """What to begin now. `after`: how many images a fine-tune waits for, 0 for ever; `can_judge`: one waits.

        `is_verified` says whether an image is still verified.
        """
        if self.under_way is not Due.NOTHING:
            return Due.NOTHING
        wanted = after if self.learned_until else min(after, FIRST_AFTER)
        is_full = wanted > 0 and sum(map(is_verified, self._fresh)) >= wanted
        if self._is_unwanted and not is_full:
            return Due.NOTHING
        if can_judge:
            return Due.JUDGING
        return Due.LEARNING if is_full else Due.NOTHING

    def begin(self, what: Due) -> None:
        """It is begun, by itself or by hand; a fine-tune takes all that is verified so far."""
        self.under_way, self._is_unwanted = what, False
        if what is Due.LEARNING:
            self._taken, self._fresh, self._began_at = self._fresh, set(), time.time()

    def end(self) -> None:
        """It has come to its end, or failed: what a fine-tune took is learned."""
        if self.under_way is Due.LEARNING:
            self.learned_until = self._began_at
        self.under_way, self._taken = Due.NOTHING, set()

    def cancel(self) -> None:
        """The person does not want it: nothing by itself until as many images again are verified."""
        self.learned_until, self._fresh = time.time(), set()
        self.under_way, self._taken = Due.NOTHING, set()
        self._is_unwanted = True

    def cut_off(self) -> None:
        """It ended with nothing done, and not because the person wished so: it is due again."""
        self._fresh |= self._taken
        self.under_way, self._taken = Due.NOTHING, set()
