"""The one segmenter: made when first needed, on the thread that uses it, and always loaded with what was asked for."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.refit import Refit
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.class_names import checkpoint_by_names, refit_by_names
from fcn_gui.session.ports import Segmenter

SegmenterFactory = Callable[[], Segmenter]

_log = logging.getLogger(__name__)


class Engine:
    """Lives on the network thread. Every request names its `LiveModel`, so none is answered by other weights."""

    def __init__(self, factory: SegmenterFactory) -> None:
        self._factory = factory
        self._segmenter: Segmenter | None = None
        self._loaded: LiveModel | None = None
        self._worn: Refit | None = None
        self.device_text = ""
        """Device and precision in words, as of the last work; any thread may read it."""

    def make(self) -> Segmenter:
        """The segmenter, made on first use (torch is imported here). Raises what the factory raises."""
        if self._segmenter is None:
            self._segmenter = self._factory()
        return self._segmenter

    def ready(self, live: LiveModel) -> Segmenter:
        """The segmenter with `live` loaded, its refit on it. Raises CheckpointError; what was loaded before stays."""
        if self._loaded is None or _what(self._loaded) != _what(live):
            self.make().load(known_as(read_checkpoint(live.path), live), live.label_map)
            self._worn = None
            self.look()
        self._loaded = live
        self.put_on(live.refit)
        return self.make()

    def put_on(self, refit: Refit | None) -> None:
        """Answer with a refit from now on, until the next request is made ready; one that does not fit is left out."""
        if refit is self._worn or self._loaded is None:
            return
        self._worn = refit
        try:
            self.make().put_on(None if refit is None else refit_known_as(refit, self._loaded))
        except CheckpointError as error:
            _log.warning("the refit is left out: %s", error)
            self.make().put_on(None)

    def try_file(self, path: Path) -> Checkpoint:
        """Load a file for the classes that it has itself, to see that it can be used; the next request loads anew.

        Raises CheckpointError with the reason.
        """
        checkpoint = read_checkpoint(path)
        self._loaded = None
        self.make().load(checkpoint, checkpoint.label_map)
        return checkpoint

    def look(self) -> None:
        """Ask where the work runs: a device may run out of memory and another take over."""
        description = self.make().describe()
        self.device_text = ", ".join(filter(None, (description.device, description.precision)))


def known_as(checkpoint: Checkpoint, live: LiveModel) -> Checkpoint:
    """The checkpoint as the project has it: its classes by the names of now, and its own working size.

    Neither a rename nor a merge may cost what the network knows.
    """
    preset = checkpoint.preset
    if live.long_side is not None:
        # What is learned in the project is learned at this side, and is not to be looked at with another afterwards.
        preset = {name: value for name, value in preset.items() if name != "project_side"} | {
            "long_side": live.long_side
        }
    return replace(checkpoint_by_names(checkpoint, live.renamed, live.label_map), preset=preset)


def refit_known_as(refit: Refit, live: LiveModel) -> Refit:
    """The refit with its classes by the names of now."""
    return refit_by_names(refit, live.renamed, live.label_map)


def _what(live: LiveModel) -> tuple[object, ...]:
    return live.path, live.id, live.label_map, live.renamed, live.long_side
