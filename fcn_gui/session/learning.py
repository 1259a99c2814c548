"""The verbs of a person on checkpoints: what is learned, what goes live, what is judged once more."""

from dataclasses import replace
from functools import partial
from itertools import islice

from fcn_gui.core.errors import CheckpointError, LearningError, ProjectError
from fcn_gui.core.raster import Mask
from fcn_gui.core.setting_rows import RETRAIN_AFTER
from fcn_gui.session.background_learning import Due
from fcn_gui.session.change import Change, Write
from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.session.classes import Classes
from fcn_gui.session.comparison import ComparisonRequest
from fcn_gui.session.editing import OpenImage
from fcn_gui.session.jobs import LEARNING_SETTINGS, RetrainRequest, RetrainResult
from fcn_gui.session.judging import can_judge
from fcn_gui.session.measuring import Stamp, Subject
from fcn_gui.session.messages import Message, back_at, became_live, can_go_back, waits, was_refused
from fcn_gui.session.opening import LoadRequest, Mark, read_corrected, read_first_look
from fcn_gui.session.ports import CorrectedImage
from fcn_gui.session.project import Item, Status
from fcn_gui.session.proposal import StartCosts
from fcn_gui.session.waiting import WaitingImage

MOST_RECHECKED = 200
MOST_COUNTED = 100
"""Images whose seconds by hand are counted at a time."""


class Learning(Classes):
    """Corrections to learn from, and the history of what was learned."""

    def verify(self) -> Change:
        """Say that the whole open image is right as it stands; it counts as not learned yet."""
        change = super().verify()
        if self.open_image is not None and change.history:
            self.background.verified(self.open_image.item.key)
        return change

    def due(self) -> Due:
        """What is to be judged or learned by itself now."""
        project = self.project
        if project is None or project.label_map is None or self.refusal is not None:
            return Due.NOTHING

        def is_verified(key: str) -> bool:
            return key in project and project.item(key).status is Status.VERIFIED

        after = int(self._setting(RETRAIN_AFTER))
        return self.background.due(after, self.waiting_request() is not None, is_verified)

    def undecided(self) -> list[LoadRequest]:
        """Corrected images whose side of the split is open: masks that came with a VOC folder."""
        project = self.need_project()
        return [self.load_request(item.key) for item in project.corrected() if item.held_out is None]

    def load_request(self, key: str) -> LoadRequest:
        """What `opening.load` needs to read an image. Raises KeyError for one that is not listed."""
        project, unsaved = self.need_project(), self.unsaved.get(key)
        waiting = unsaved.maps if isinstance(unsaved, WaitingImage) else None
        return LoadRequest(project.folder, key, project.item(key).digest, project.foreign, waiting)

    def decide_sides(self, marks: list[Mark]) -> Change:
        """Put images on their side of the split, by content."""
        project = self.need_project()
        for mark in marks:
            item = project.item(mark.key)
            item.digest, item.phash = mark.digest, mark.perceptual_hash
            project.decide_side(item)
        return Change(keys=tuple(mark.key for mark in marks))

    def retrain_request(self, seed: int = 0) -> RetrainRequest:
        """All corrections as they are now. Raises LearningError without any, CheckpointError."""
        project, live, history = self.need_project(), self.live, self.checkpoints
        if live is None or history is None:
            raise LearningError("This folder has no classes yet: choose them first.")
        items = [item for item in project.corrected() if not item.problem]
        if not any(not item.held_out for item in items):
            raise LearningError("There is nothing to learn from: correct or verify an image first.")
        return RetrainRequest(
            live,
            [self._corrected(item) for item in items if not item.held_out],
            [self._corrected(item) for item in items if item.held_out],
            project.folder.checkpoints_dir,
            history.next_number(),
            seed,
            int(self._setting("learn.steps")),
            {name: float(self._setting(name)) for name in LEARNING_SETTINGS},
        )

    def not_counted_by_hand(self) -> list[CorrectedImage]:
        """Some verified images with time spent on them, whose seconds by hand nobody has counted yet."""
        items = self.project.items if self.project is not None else []
        done = (i for i in items if i.status is Status.VERIFIED and i.seconds > 0 and i.by_hand_s is None)
        return [self._corrected(item) for item in islice(done, MOST_COUNTED)]

    def to_recheck(self) -> list[CorrectedImage]:
        """Images with vouched pixels, all of them or as many spread over all."""
        items = [item for item in self.project.corrected() if not item.problem] if self.project is not None else []
        chosen = items[:: max(1, -(-len(items) // MOST_RECHECKED))]
        return [self._corrected(item) for item in chosen]

    def to_measure(self) -> list[Subject]:
        """Held-out and verified images, as they are now."""
        stamps = self.measure_stamps()
        found = []
        for item in self._to_measure():
            opened = self.in_memory(item.key)
            first = opened.document.first_look if opened is not None else None
            read = partial(read_first_look, self.load_request(item.key))
            look = read if first is None else partial(_kept, first)
            found.append(Subject(self._corrected(item), bool(item.held_out), look, stamps[item.key]))
        return found

    def measure_stamps(self) -> dict[str, Stamp]:
        """Who would answer for which state of these images: another stamp where it is to be measured anew."""
        return {
            item.key: (self.version, f"{self._version_of(item, item.edition)} {item.status} {item.held_out}")
            for item in self._to_measure()
        }

    def _to_measure(self) -> list[Item]:
        items = self.project.corrected() if self.project is not None else []
        return [i for i in items if not i.problem and (i.held_out or i.status is Status.VERIFIED)]

    def waiting_request(self) -> tuple[RetrainRequest, str] | None:
        """For `jobs.judge_waiting`: the candidate that waits, where it can be judged now; else None."""
        project, history = self.project, self.checkpoints
        entry = history.waiting() if history is not None else None
        if project is None or entry is None or self.refusal is not None:
            return None
        items = [item for item in project.corrected() if not item.problem]
        if not can_judge(sum(bool(i.held_out) for i in items), sum(i.status is Status.VERIFIED for i in items)):
            return None
        try:
            return replace(self.retrain_request(), number=entry.number), entry.id
        except (LearningError, CheckpointError):
            return None

    def comparison_request(self, before: str, after: str) -> ComparisonRequest:
        """For `comparison.compare_checkpoints`, on the open image. Raises CheckpointError, ProjectError."""
        history, live, opened = self._need_history(), self.live, self.open_image
        if live is None or opened is None:
            raise ProjectError("No photo is open: open one to compare checkpoints on it.")
        entries = history.entry(before), history.entry(after)
        paths = history.path(before), history.path(after)
        return ComparisonRequest(live, self._corrected(opened.item), entries, paths)

    def learned(self, result: RetrainResult, is_automatic: bool = False) -> Change:
        """The end of a retrain: the candidate is live, or is kept as refused or waiting.

        Of one that began by itself and did not go live, only the receipt tells.
        """
        history = self._need_history()
        self.background.end()
        before = history.live
        verdict, checkpoint = result.verdict, result.checkpoint.id
        if verdict.is_waiting:
            history.read(before.id if before else None)
            return self._kept(waits(result.number, verdict.reason, checkpoint), is_automatic)
        if not verdict.accepted:
            history.read(before.id if before else None)
            number = before.number if before else 0
            return self._kept(was_refused(result.number, verdict.reason, number, checkpoint), is_automatic)
        change = self._go_live(checkpoint)
        told = became_live(result.number, verdict.live, verdict.candidate, verdict.on, checkpoint)
        return replace(change, message=can_go_back(told) if is_automatic else told)

    def learning_failed(self) -> Change:
        """A retrain ended without a candidate; its images are not tried again by themselves."""
        self.background.end()
        return self._kept(None, True)

    def learning_cancelled(self) -> Change:
        """The person cancelled a retrain: none by itself until as many images again are verified."""
        self.background.cancel()
        return self._kept(None, True)

    def make_live(self, checkpoint: str) -> Change:
        """Put one of the history live by hand; predictions come back with it. Raises CheckpointError."""
        if (refused := self.refusal) is not None:
            return Change(message=refused)
        history = self._need_history()
        before, entry = history.live, history.entry(checkpoint)
        history.path(checkpoint)  # refuses one whose weights are gone
        change = self._go_live(checkpoint)
        return replace(change, message=back_at(entry.number, before.id if before else checkpoint))

    def rollback(self) -> Change:
        """Back to the checkpoint before the live one. Raises CheckpointError when there is none."""
        return self.make_live(self.before_live())

    def before_live(self) -> str:
        """The id of the checkpoint before the live one. Raises CheckpointError when there is none."""
        previous = self._need_history().previous()
        if previous is None:
            raise CheckpointError("There is no checkpoint before this one.")
        return previous.id

    @property
    def checkpoint_entries(self) -> list[CheckpointEntry]:
        """The history, oldest first."""
        return self.checkpoints.entries if self.checkpoints else []

    def _go_live(self, checkpoint: str) -> Change:
        history = self._need_history()
        history.read(checkpoint)
        self._version += 1
        self.refit, self.start_costs = None, StartCosts()
        keep = int(self._setting("learn.kept_checkpoints"))
        folder = self.need_project().folder
        drops = (Write("drop refit", folder.drop_refit),) if self.can_keep_refit else ()
        writes = (self._header_write(), *drops, Write("trim checkpoints", partial(history.trim, keep)))
        return Change(predictions=True, writes=writes)

    def _kept(self, told: Message | None, is_quiet: bool) -> Change:
        """The live checkpoint stays; the project remembers what was learned."""
        writes = () if self.refusal is not None else (self._header_write(),)
        return Change(message=None if is_quiet else told, writes=writes)

    def _corrected(self, item: Item) -> CorrectedImage:
        """Maps as they are in memory now, else read from disk when they are needed."""
        opened, is_verified = self.in_memory(item.key), item.status is Status.VERIFIED
        name, version = self._name_of(item), self._version_of(item, item.edition)
        if opened is None:
            read = partial(read_corrected, self.load_request(item.key))
            return CorrectedImage(item.key, read, is_verified, name, version, item.digest)
        document = opened.document
        image, mask, vouch = document.picture.image, document.masked.mask.copy(), document.masked.vouch.copy()
        return CorrectedImage(item.key, lambda: (image, mask, vouch), is_verified, name, version, item.digest)

    def _version_of(self, item: Item, edition: int) -> str:
        """Of what is said of an image: another one after every change."""
        return f"{self._since} {item.digest} {edition}"

    def _name_of(self, item: Item) -> str:
        """Of the photograph as it is now; one whose content is not known yet is another in each open project."""
        return photograph_name(item.key, item.digest or str(self._since))

    def in_memory(self, key: str) -> OpenImage | None:
        """The image, where it is open."""
        return self.open_image if self.open_image and self.open_image.item.key == key else None


def _kept(first_look: Mask) -> Mask:
    return first_look


def photograph_name(key: str, digest: str) -> str:
    """Under which the features of a photograph are kept: another one where its content is another."""
    return f"{key} {digest}"
