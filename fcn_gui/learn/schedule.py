"""How long a fine-tune learns and at what rates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fcn_gui.learn.refit import Ridge

_LEAST_STEPS, _STEPS_AN_IMAGE, _MOST_STEPS = 48, 8, 120


@dataclass(frozen=True)
class Schedule:
    """Rates are relative to the weights that they move (see `relative_adam`)."""

    steps: int
    batch: int = 4
    micro: int = 1
    """Samples in one forward pass. On a CPU one: the window's requests are answered in between."""
    side_px: int = 257
    trunk_rate: float = 1e-3
    score_rate: float = 3e-3
    warm_steps: int = 6
    memory: float = 0.96
    """Of the running mean of the weights, per step."""
    anchor: float = 0.5
    """Weight of the divergence from the live network, a mean over the pixels that nobody vouched."""
    recall: float = 0.0
    """The same for the bundled photographs, a sample of which is added to each step."""
    views: int = 8
    """Samples an image from which the score rows are solved, at most `most_views` in all."""
    most_views: int = 64
    pixels: int = 1000
    """Of each of these samples."""
    recalled_views: int = 4
    """The same of each photograph."""
    recalled_pixels: int = 125
    iterations: int = 48
    ridge: Ridge = field(default_factory=lambda: Ridge(taught=0.03, new=0.03))
    watch_most: int = 8
    """How many of the watched images are looked at, `watch_times` times."""
    watch_times: int = 4


def schedule_for(images: int, steps: int, knows_photographs: bool) -> Schedule:
    """More corrections, more steps: 56 for one image, 120 for nine and more; `steps` where a number is given.

    A network that knows photographs learned from many of them, so it moves far slower, and is held to what it says of
    some: windmills on 6 images cost the 21 classes of PASCAL VOC 2.2 points of mean IU on 30 others. (Nuclei on 6, with
    nothing to hold it, cost more than 50; held by an earlier schedule, more than 5.)
    """
    plan = Schedule(steps or min(_MOST_STEPS, _LEAST_STEPS + _STEPS_AN_IMAGE * images))
    if not knows_photographs:
        return plan
    ridge = Ridge(taught=10.0, new=0.01, memory=10.0)
    return replace(plan, trunk_rate=1e-5, score_rate=2e-4, recall=4.0, ridge=ridge)
