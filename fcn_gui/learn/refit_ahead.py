"""A refit that is begun before it is asked for: while a person looks once more, what a verify would teach is solved."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.refit import Refit
from fcn_gui.learn.refit_samples import ImageSamples
from fcn_gui.learn.refit_solver import Solved


@dataclass(frozen=True)
class Found:
    """`refit` None: nothing can be told apart yet. `solved` and `samples` (of the open image) are what stays of it."""

    refit: Refit | None
    solved: Solved | None = None
    samples: ImageSamples | None = None


class RefitAhead:
    """The work of one refit, which whoever asks for it goes on with from where it stands."""

    def __init__(self, asked: Hashable, last: Solved | None, job: Job[Found]) -> None:
        """`asked` is all that the refit is made of, but for `last`, from which it goes on."""
        self._asked, self._last, self._job = asked, last, job
        self._found: Found | None = None
        self._is_dropped = False

    def is_of(self, asked: Hashable, last: Solved | None) -> bool:
        """Whether a refit asked for now would be the same."""
        return not self._is_dropped and self._asked == asked and self._last is last

    def run(self) -> Job[Found]:
        """To its end; nothing where it was dropped. Closing this leaves the work where it stands."""
        while self._found is None and not self._is_dropped:
            try:
                progress: Progress = next(self._job)
            except StopIteration as stop:
                self._found = stop.value
                break
            except BaseException:
                self.close()
                raise
            yield progress
        return self._found or Found(None)

    def close(self) -> None:
        """Drop it."""
        self._is_dropped = True
        self._job.close()
