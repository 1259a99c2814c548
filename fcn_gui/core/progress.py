"""Long work as generators: it yields `Progress`, can be closed between two yields, and returns its result."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """How far a job is: `done` of `total` (0 = not known), words for a person, and numbers for a plot."""

    done: int = 0
    total: int = 0
    text: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def fraction(self) -> float | None:
        """0…1, or None while the total is not known."""
        return min(1.0, self.done / self.total) if self.total > 0 else None


Job = Generator[Progress, None, T]


def retold(job: Job[T], tell: Callable[[Progress], Progress]) -> Job[T]:
    """The same job, whose progress is told in another way; closed with it."""
    try:
        while True:
            yield tell(next(job))
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        job.close()


def run_to_end(job: Job[T]) -> T:
    """The result of a job, its progress thrown away."""
    while True:
        try:
            next(job)
        except StopIteration as stop:
            result: T = stop.value
            return result
