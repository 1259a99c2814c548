"""A look at the images of a folder in idle time, for `where_next`: predict what is left, see what is verified."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Image
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.engine import Engine
from fcn_gui.session.where_next import Glance, look_at

_log = logging.getLogger(__name__)
MOST_IMAGES = 200
"""In one survey, spread evenly over those that are left."""


@dataclass(frozen=True)
class Sight:
    """One image to look at; `is_verified`: only at the picture."""

    key: str
    read: Callable[[], Image]
    is_verified: bool


def survey(
    engine: Engine, live: LiveModel, sights: Sequence[Sight], deliver: Callable[[str, Glance], None]
) -> Job[int]:
    """`deliver(key, glance)` for each image that can be read. How many it were."""
    done = 0
    for number, sight in enumerate(sights):
        yield Progress(number, len(sights), f"Where next: {sight.key}")
        try:
            image = sight.read()
        except FcnGuiError as error:
            _log.info("survey leaves out %s: %s", sight.key, error)
            continue
        yield Progress(number, len(sights), f"Where next: {sight.key}")
        prediction = None if sight.is_verified else engine.ready(live).predict(image)
        deliver(sight.key, look_at(image, prediction))
        done += 1
    return done


def spread(sights: Sequence[Sight], most: int = MOST_IMAGES) -> list[Sight]:
    """All, or `most` of them evenly spread."""
    if len(sights) <= most:
        return list(sights)
    return [sights[number * len(sights) // most] for number in range(most)]
