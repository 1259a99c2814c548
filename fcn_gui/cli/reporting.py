"""How long work is shown: a bar on a terminal, plain lines elsewhere, nothing but one JSON object with `--json`."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from fcn_gui.core.progress import Job, Progress

T = TypeVar("T")
SECONDS_BETWEEN_LINES = 5.0

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")


def follow(job: Job[T], label: str, quiet: bool = False) -> T:
    """The result of `job`, its progress shown on standard error (not at all when `quiet`)."""
    if quiet:
        return _run(job, lambda progress: None)
    if sys.stderr.isatty():
        return _with_bar(job, label)
    return _run(job, _Lines(label))


def show(result: Mapping[str, Any], text: str, as_json: bool) -> None:
    """Print the result: JSON with `as_json`, else the words for a person."""
    click.echo(json.dumps(result, ensure_ascii=False, allow_nan=False) if as_json else text)


def _run(job: Job[T], tell: Callable[[Progress], None]) -> T:
    try:
        while True:
            try:
                tell(next(job))
            except StopIteration as stop:
                result: T = stop.value
                return result
    finally:
        job.close()


class _Lines:
    """Plain lines, not more often than a person or a log wants them."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._last = -SECONDS_BETWEEN_LINES

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last < SECONDS_BETWEEN_LINES:
            return
        self._last = now
        of = f" {progress.done}/{progress.total}" if progress.total else ""
        click.echo(f"{self._label}{of} {_words(progress)}".rstrip(), err=True)


def _with_bar(job: Job[T], label: str) -> T:
    with click.progressbar(length=1000, label=label, file=sys.stderr, item_show_func=_shown) as bar:

        def tell(progress: Progress) -> None:
            step = int((progress.fraction or 0.0) * 1000) - bar.pos
            bar.update(max(0, step), _words(progress))

        return _run(job, tell)


def _shown(words: Any) -> str | None:
    return words or None


def _words(progress: Progress) -> str:
    numbers = " ".join(f"{name} {value:.4g}" for name, value in progress.numbers.items())
    return " ".join(part for part in (progress.text, numbers) if part)
