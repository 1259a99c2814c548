"""What an unvouched pixel shows where a person wants borders refined; else what the cheapest clean-up says."""

from dataclasses import replace

from fcn_gui.core.cleanup import starts_blank, without_crumbs
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job
from fcn_gui.core.raster import Image, Mask
from fcn_gui.core.refinement import Refinement
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.ports import Segmenter
from fcn_gui.session.proposal import USUAL, proposed, quick

REFINE = "learn.refine"
"""The setting."""


def proposed_by(
    segmenter: Segmenter, prediction: Prediction, image: Image, live: LiveModel, vouched: Mask | None = None
) -> Job[Prediction]:
    """The prediction with the mask that it starts. `vouched` H×W: labels that are known to be right, 255 elsewhere.

    A mask that is to start blank stays so: there the network is of no use, and its borders are not either.
    """
    if live.refine is Refinement.OFF or starts_blank(prediction.scores, live.cleanup):
        return proposed(prediction, image, live.cleanup)
    looks = (yield from segmenter.look_again(prediction, image)) if live.refine is Refinement.LOOKS else prediction
    labels = segmenter.refine(looks, image, live.refine, vouched)
    most_px = round(max(USUAL.least_share, live.cleanup.least_share) * labels.size) - 1
    return replace(prediction, cleaned=without_crumbs(labels, most_px) if most_px > 0 else labels)


def quickly(live: LiveModel) -> LiveModel:
    """`live` for what is shown after each stroke: there a person waits for it."""
    way = Refinement.CRF if live.refine is Refinement.LOOKS else live.refine
    return replace(live, cleanup=quick(live.cleanup), refine=way)
