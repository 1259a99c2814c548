"""The verbs of the refit: what is asked for after a stroke, and what its answer changes.

The newest refit is an overlay on the live checkpoint. It makes the first looks of other images once it has shown, on
images that it had not learned, that this costs fewer seconds; without any such image yet, where there are classes that
the checkpoint alone does not know.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from fcn_gui.core.refit import Refit
from fcn_gui.core.surroundings import Boldness
from fcn_gui.session.change import NOTHING, Change, Write
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.importing import Importing
from fcn_gui.session.jobs import LEARNING_SETTINGS
from fcn_gui.session.messages import counted
from fcn_gui.session.ports import CorrectedImage, RefitRequest
from fcn_gui.session.project import Item
from fcn_gui.session.proposal import CostRequest, Costs
from fcn_gui.session.refit_judging import JudgeRequest
from fcn_gui.session.repainting import AheadRequest, Extent, RepaintRequest, RepaintResult

MOST_IMAGES = 60
"""A refit learns from the images that were corrected last."""
REST_S = 0.3
"""After the last answer, before a verify is looked forward to: who makes one dab after the other is not there yet."""
MOST_AHEAD_PX = 4_000_000
"""A refit of a larger image begins when it is asked for: each of its steps would keep the next stroke waiting."""
JUDGED_BY = 8
"""How many finished images say whether the refit makes first looks."""


class Refitting(Importing):
    """The newest refit of the open project."""

    _asked = 0
    _written: Refit | None = None

    def repaint_request(self, is_forced: bool = False) -> RepaintRequest | None:
        """A snapshot for `repainting.repaint`; None while there is nothing to learn from, or no image is open."""
        opened, live = self.open_image, self.live
        if opened is None or live is None or self.project is None or self.refusal is not None:
            return None
        item, document = opened.item, opened.document
        corrected, is_finished = self._corrected(item), document.is_verified
        images = self._learned_from(item, item.edition, corrected if item.is_corrected else None)
        if not images:
            return None
        self._asked += 1
        is_kept = not (item.is_corrected and item.held_out)
        learn = self._learn(images, item, is_kept=is_kept, is_thorough=is_finished)
        extent = self._extent(is_forced)
        stroke = None if is_finished else document.take_newest_stroke()
        return RepaintRequest(
            live,
            learn,
            corrected,
            extent,
            self._asked,
            item.edition,
            is_finished,
            is_forced,
            stroke,
            boldness=self._boldness(extent),
            held=None if document.untouched is None else document.untouched.scores,
        )

    def ahead_request(self) -> AheadRequest | None:
        """The refit that a verify of the open image would ask for now, to be solved while the person looks.

        None where nothing would be learned from it, or where it is too large to be looked at by the way.
        """
        opened, live = self.open_image, self.live
        if opened is None or live is None or self.project is None or self.refusal is not None:
            return None
        item, document = opened.item, opened.document
        is_small = document.masked.mask.size <= MOST_AHEAD_PX
        if document.is_verified or not is_small or self.project.expected_side(item):
            return None
        edition, image, (mask, vouch) = self._reserve(opened), document.picture.image, document.masked.verified()
        name, version = self._name_of(item), self._version_of(item, edition)
        verified = CorrectedImage(item.key, lambda: (image, mask, vouch), True, name, version, item.digest)
        learn = self._learn(self._learned_from(item, edition, verified), item, is_kept=True, is_thorough=True)
        return AheadRequest(live, replace(learn, is_ahead=True))

    def _learned_from(self, item: Item, edition: int, opened: CorrectedImage | None) -> list[CorrectedImage]:
        """What a refit learns from, newest first: of the open image `item` what is said at `edition`, if anything."""
        corrected = self.need_project().corrected()
        found = [each for each in corrected if each is not item and each.held_out is False and not each.problem]
        found += [item] if opened is not None else []
        found.sort(key=lambda each: edition if each is item else each.edition, reverse=True)
        return [
            opened if opened is not None and each is item else self._corrected(each) for each in found[:MOST_IMAGES]
        ]

    def _learn(self, images: Sequence[CorrectedImage], item: Item, *, is_kept: bool, is_thorough: bool) -> RefitRequest:
        return RefitRequest(
            images,
            item.key,
            is_kept=is_kept,
            is_thorough=is_thorough,
            start=self.refit,
            settings={name: float(self._setting(name)) for name in LEARNING_SETTINGS},
            apart=frozenset(each.digest for each in self.need_project().corrected() if each.held_out),
        )

    def repainted(self, request: RepaintRequest, result: RepaintResult) -> Change:
        """The answer to `request`; nothing happens when it is stale. Only unvouched pixels change."""
        if request.number != self._asked or self.is_rewriting or not self._is_over_the_live(request.live):
            return NOTHING
        change = self._adopt(request, result)
        opened = self.open_image
        if result.prediction is None or opened is None or opened.item.key != request.opened.key:
            return change
        if opened.item.edition != request.edition:
            return change
        document = opened.document
        if request.newest is not None:
            document.foreseen = result.foreseen
        before = document.masked.mask.copy() if result.labels is not None else None
        completed = result.completed
        if completed is not None:
            document.completions.add(document.history.depth, completed, document.proposal)
        rect = document.repaint(result.prediction, result.labels, result.is_whole)
        said = ""
        if before is not None:
            pixels = int((before != document.masked.mask).sum())
            what = "Completed the stroke by" if completed is not None else "Repainted"
            said = f"{what} {counted(pixels, 'pixel')}" if pixels else "Nothing to repaint"
        # Of an imported mask nothing is repainted but what a person asks for.
        dropped = self._drop_import(opened.item) if result.labels is not None else NOTHING
        writes = (*change.writes, *dropped.writes)
        return replace(change, rect=rect, keys=(request.opened.key,), said=said, writes=writes)

    def judge_request(self) -> JudgeRequest | None:
        """The open image judges the refit of before its first stroke, once, when it is verified; None where it can't.

        It is asked for apart from `repaint_request`: the next stroke makes that one stale, and this one not.
        """
        opened, live = self.open_image, self.live
        if opened is None or live is None or not opened.document.is_verified or self.refusal is not None:
            return None
        refit, opened.document.refit_before = opened.document.refit_before, None
        if refit is None or refit.checkpoint != live.id:
            return None
        return JudgeRequest(live, refit, self._corrected(opened.item))

    def refit_judged(self, request: JudgeRequest, seconds: tuple[float, float]) -> Change:
        """The answer to a `judge_request` of this project; it says something of every refit over that checkpoint."""
        if self.refit is None or self.refit.checkpoint != request.refit.checkpoint or self.refusal is not None:
            return NOTHING
        before = self.makes_first_looks(self.refit)
        self.refit = replace(self.refit, judged=(*self.refit.judged, seconds)[-JUDGED_BY:])
        is_other = before != self.makes_first_looks(self.refit)
        self._version += is_other
        self._refits += is_other
        return Change(refit=is_other, writes=self.keep_refit())

    def cost_request(self) -> CostRequest | None:
        """What each way of starting the mask of the open image would have cost; None where nobody can say.

        It is verified, and what was predicted of it before anything was vouched there is known.
        """
        document = self.document
        if document is None or not document.is_verified or document.untouched is None or self.refusal is not None:
            return None
        first, document.untouched = document.untouched, None
        mask, vouch = document.masked.mask.copy(), document.masked.vouch.copy()
        live = self.live if self.settings.get("learn.complete_strokes") else None
        name, is_of_refit = self._name_of(self.need_project().item(document.key)), document.is_untouched_refit
        costs = self.start_costs
        return CostRequest(
            document.picture.image,
            mask,
            vouch,
            first,
            is_of_refit,
            name,
            live,
            boldness=costs.boldness(),
            way=costs.way(is_of_refit),
            least_share=costs.least_share(),
        )

    def start_costed(self, request: CostRequest, costs: Costs) -> Change:
        """The answer to a `cost_request` of this project."""
        self.start_costs.add(costs, request.is_of_refit)
        return NOTHING if self.refusal is not None else Change(writes=(self._header_write(),))

    def keep_refit(self) -> tuple[Write, ...]:
        """A write of the newest refit, where it is not on disk."""
        refit = self.refit
        if refit is None or refit is self._written or not self.can_keep_refit:
            return ()
        if self.is_read_only or self.project is None:
            return ()
        folder = self.project.folder

        def done() -> None:
            self._written = refit

        return (Write("refit", partial(folder.save_refit, refit), done),)

    def _adopt(self, request: RepaintRequest, result: RepaintResult) -> Change:
        """Make a refit the newest one, if it is to be kept."""
        before = self.live
        if result.refit is not None and request.learn.is_kept:
            self.refit = replace(result.refit, judged=self.refit.judged if self.refit is not None else ())
        if self.open_image is not None and not self.open_image.item.is_corrected:
            self.open_image.document.refit_before = self.refit  # it came after that image did
        return replace(self._is_other_since(before), writes=self.keep_refit() if request.is_finished else ())

    def _is_other_since(self, before: LiveModel | None) -> Change:
        """Whether other score layers make first looks now than did in `before`."""
        after = self.live
        if before is None or after is None or before.refit is after.refit:
            return NOTHING
        self._version += 1
        self._refits += 1
        return Change(refit=True)

    def _extent(self, is_forced: bool) -> Extent:
        wanted = self.settings.get("learn.repaint")
        is_imported = self.open_image is not None and self.open_image.item.is_imported
        if is_forced or (wanted == "always" and not is_imported):
            return Extent.EVERYTHING
        if wanted == "never" or is_imported:
            return Extent.NOTHING
        return Extent.WHERE_IT_SAVES

    def _boldness(self, extent: Extent) -> Boldness:
        completes = self.settings.get("learn.complete_strokes") and extent is Extent.WHERE_IT_SAVES
        return self.start_costs.boldness() if completes else Boldness.NEVER

    def _is_over_the_live(self, asked: LiveModel) -> bool:
        live = self.live
        return live is not None and _network(live) == _network(asked)


def _network(live: LiveModel) -> tuple[object, ...]:
    return live.path, live.id, live.label_map, live.long_side
