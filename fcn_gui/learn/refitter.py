"""The refits of one live checkpoint: what is known of its corrected images, and the rows that the last refit found."""

from __future__ import annotations

import logging
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.refit import Refit
from fcn_gui.learn.anchor import knows_photographs
from fcn_gui.learn.refit_ahead import Found, RefitAhead
from fcn_gui.learn.refit_samples import ImageSamples, SampleStore, draw
from fcn_gui.learn.refit_solver import (
    PAINTING,
    PAINTING_PASSES,
    THOROUGH,
    THOROUGH_PASSES,
    Solved,
    solutions,
)
from fcn_gui.learn.replay import READ_A_STROKE, Look, Replay, is_needed
from fcn_gui.learn.samples import Corrected, WeightSettings
from fcn_gui.learn.score_rows import ScoreRows
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import Preset

_log = logging.getLogger(__name__)


class Versioned(Corrected, Protocol):
    """A corrected image; `version` changes with every change of what is vouched, `name` with the photograph.

    `digest` is that of the photograph's file, "" where it is not known.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def digest(self) -> str: ...


class Request(Protocol):
    """See `session/ports.RefitRequest`."""

    @property
    def images(self) -> Sequence[Versioned]: ...
    @property
    def open_key(self) -> str: ...
    @property
    def is_kept(self) -> bool: ...
    @property
    def is_thorough(self) -> bool: ...
    @property
    def start(self) -> Refit | None: ...
    @property
    def is_ahead(self) -> bool: ...
    @property
    def goes_on(self) -> bool: ...
    @property
    def settings(self) -> Mapping[str, float]: ...
    @property
    def apart(self) -> Collection[str]: ...


@dataclass(frozen=True)
class Once:
    """A refit on `images` alone, to its end, of which nothing stays."""

    images: Sequence[Versioned]
    settings: Mapping[str, float]
    open_key: str = ""
    is_kept: bool = False
    is_thorough: bool = True
    is_ahead: bool = False
    start: Refit | None = None
    goes_on: bool = False
    apart: Collection[str] = ()


class Refitter:
    """Solves refits over `checkpoint`, one after the other; an interrupted one loses nothing but its last turn."""

    def __init__(self, checkpoint: Checkpoint, network: FCN) -> None:
        """`network` has the weights of `checkpoint` and is not changed."""
        self._checkpoint, self._network = checkpoint, network
        self._start = ScoreRows.of(network)
        self._is_known = knows_photographs(checkpoint.label_map, self._start.taught)
        self._last: Solved | None = None
        self._settings = WeightSettings()
        self._store = self._empty_store()
        self._ahead: RefitAhead | None = None
        self._replay = Replay(network, Preset.from_json(checkpoint.preset))

    @property
    def is_known(self) -> bool:
        """The checkpoint knows photographs: what it was taught holds its rows."""
        return self._is_known

    def go_on_from(self, rows: ScoreRows) -> None:
        """Rows that were found before, in another run of the program; those of a refit of this one are newer."""
        self._last = self._last or Solved(rows)

    def refit(self, request: Request, look: Look) -> Job[Refit | None]:
        """The rows solved on the vouched pixels of all images; None while nothing can be told apart.

        A class is only an answer where it was taught or is vouched, so without class 0, which unvouched pixels show,
        everything would be one of the others. An image that can't be read is left out.
        """
        ahead, self._ahead = self._ahead, None
        asked = _all_of(request)
        if ahead is not None and ahead.is_of(asked, self._last):
            return (yield from self._go_on_with(ahead, request))
        if ahead is not None:
            ahead.close()
        if request.is_ahead:
            self._ahead = RefitAhead(asked, self._last, self._refit_ahead(request, look))
            return (yield from self._ahead.run()).refit
        try:
            return (yield from self._found(request, look)).refit
        finally:
            if not request.is_kept:
                self._store.put_back(request.open_key, None)

    def _go_on_with(self, ahead: RefitAhead, request: Request) -> Job[Refit | None]:
        """What was begun ahead, to its end; asked for in earnest it is as if it had begun now."""
        if request.is_ahead:
            self._ahead = ahead
            return (yield from ahead.run()).refit
        try:
            found = yield from ahead.run()
        finally:
            ahead.close()
        if _stays(request):
            self._last = found.solved or self._last
            self._store.put_back(request.open_key, found.samples)
            self._store.keep_only([image.key for image in request.images])
        return found.refit

    def _refit_ahead(self, request: Request, look: Look) -> Job[Found]:
        """Nothing of it stays here: the next stroke goes on from where the last one ended."""
        store, key = self._store, request.open_key
        before = store.samples(key)
        try:
            found = yield from self._found(request, look)
            return replace(found, samples=store.samples(key))
        finally:
            store.put_back(key, before)

    def _found(self, request: Request, look: Look) -> Job[Found]:
        settings = WeightSettings.of(request.settings)
        if settings != self._settings:
            self._settings, self._store = settings, self._empty_store()
        yield from self._read(request, look)
        samples = self._store.of([image.key for image in request.images], request.is_thorough)
        if not self._can_answer(samples):
            return Found(None)
        replayed = yield from self._replayed(request, samples, look)
        return (yield from self._solve(request, samples, replayed))

    def _read(self, request: Request, look: Look) -> Job[None]:
        keys = [image.key for image in request.images]
        share = self._store.share(len(keys), request.is_thorough)
        for number, image in enumerate(request.images):
            if image.version and self._store.version(image.key) == image.version:
                continue
            try:
                pixels, mask, vouch = image.read()
                vouched = draw(mask, vouch, self._network.classes, self._settings, share)
            except (FcnGuiError, ValueError) as error:
                _log.warning("the refit leaves out %s: %s", image.key, error)
                self._store.put_back(image.key, None)
                continue
            features = look(image.name, pixels) if len(vouched.pixels) else None
            if features is None:
                self._store.put_back(image.key, None)
            else:
                self._store.put(image.key, image.version, vouched, features)
            yield Progress(number, len(keys), f"Looking at {image.key}")
        if _stays(request):
            self._store.keep_only(keys)

    def _can_answer(self, samples: Sequence[ImageSamples]) -> bool:
        active = self._start.taught | self._vouched(samples)
        return bool(samples) and bool(active[0]) and int(active.sum()) > 1

    def _replayed(self, request: Request, samples: Sequence[ImageSamples], look: Look) -> Job[Tensor | None]:
        """What is read on the bundled photographs, but for those of the project; None where it is not needed."""
        if not self._is_known or not is_needed(self._checkpoint.label_map, self._vouched(samples)):
            return None
        yield from self._replay.read(look, None if request.is_thorough else READ_A_STROKE)
        own = {*request.apart, *(image.digest for image in request.images)}
        return self._replay.pixels(own, request.is_thorough)

    def _solve(self, request: Request, samples: Sequence[ImageSamples], replayed: Tensor | None) -> Job[Found]:
        hold, passes = (THOROUGH, THOROUGH_PASSES) if request.is_thorough else (PAINTING, PAINTING_PASSES)
        last, found = self._last if request.goes_on else None, Solved(self._start)
        hold = hold if self._is_known else hold.free()
        for found in solutions(samples, self._start, last, hold, passes, replayed):
            if _stays(request):
                self._last = found
            yield Progress(text="Refitting")
        vouched = self._vouched(samples)
        new = vouched & ~self._start.taught
        introduced = new & ~self._vouched([each for each in samples if each.key != request.open_key])
        tensors = found.rows.tensors(self._network)
        which = _labels(introduced), _labels(new), _labels(vouched)
        return Found(Refit(self._checkpoint.id, self._checkpoint.label_map, tensors, *which), found)

    def _vouched(self, samples: Sequence[ImageSamples]) -> Tensor:
        found = torch.zeros(self._network.classes, dtype=torch.bool)
        for each in samples:
            found |= torch.from_numpy(each.vouched.mass > 0)
        return found

    def _empty_store(self) -> SampleStore:
        return SampleStore(self._network, Preset.from_json(self._checkpoint.preset))


def _stays(request: Request) -> bool:
    """Later refits go on from where this one ended."""
    return request.is_kept and request.goes_on and not request.is_ahead


def _all_of(request: Request) -> Hashable:
    """What a refit is made of, but for where it goes on from; equal to nothing where a state of an image is unknown."""
    images = tuple((image.key, image.version or object()) for image in request.images)
    how = request.open_key, request.is_kept, request.is_thorough, request.goes_on
    return images, how, tuple(sorted(request.settings.items())), frozenset(request.apart)


def _labels(which: Tensor) -> tuple[int, ...]:
    return tuple(int(label) for label in which.nonzero()[:, 0])
