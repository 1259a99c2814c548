"""A person who is wrong about a fifth of the images: does the gate let anything live that is worse on true masks?

Nuclei: of every fifth image the mask of another one is said to be right, which the refit, the fine-tunes and, where
such an image is held out, the gate itself take at its word. Fine-tunes begin when they are due by themselves.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.dataset import Dataset
from fcn_gui.session import headless
from fcn_gui.session.background_learning import Due
from fcn_gui.session.jobs import RetrainResult
from fcn_gui.session.simulate_folder import Scene
from tests.benchmarks.claims_desk import Desk, confusion_on, desk_over, mean_iu, part, say, spread

IMAGES, EVERY = 15, 5


@dataclass(frozen=True)
class Judged:
    """What was live and what should take its place, by true masks of held-out images and of a list apart."""

    verified: int
    accepted: bool
    held_out: tuple[float, float]
    apart: tuple[float, float]
    reason: str

    @property
    def hurts(self) -> bool:
        """Worse on the held-out images; on the list apart while there are none."""
        before, after = self.apart if np.isnan(self.held_out[0]) else self.held_out
        return after < before

    def __str__(self) -> str:
        change = "{:.3f} → {:.3f}".format
        word = "accepted" if self.accepted else "refused"
        return (
            f"after {self.verified}: {word}; true masks of held-out images {change(*self.held_out)}, "
            f"of val {change(*self.apart)}; the gate: {self.reason}"
        )


def shuffled(scenes: list[Scene], first: int) -> list[Scene]:
    """Every fifth image from `first` on with the mask of the next such one, brought to its size."""
    wrong = list(range(first, len(scenes), EVERY))
    found = list(scenes)
    for here, there in zip(wrong, [*wrong[1:], wrong[0]], strict=True):
        size = scenes[here].truth.shape[::-1]
        mask = cv2.resize(scenes[there].truth, size, interpolation=cv2.INTER_NEAREST_EXACT)
        found[here] = replace(scenes[here], truth=np.asarray(mask, np.uint8))
    return found


def of_held_out(desk: Desk, dataset: Dataset, scenes: list[Scene]) -> Dataset:
    """The held-out images with what is true of them, whatever was said."""
    project = desk.session.need_project()
    pairs = zip(scenes, dataset.items, strict=True)
    return replace(dataset, items=[item for scene, item in pairs if project.item(scene.key).held_out])


def learned(desk: Desk) -> RetrainResult | None:
    """What is due by itself now, to its end; None where nothing is, or it has to wait for more images."""
    due = desk.session.due()
    if due is Due.NOTHING:
        return None
    learn = headless.judge_waiting if due is Due.JUDGING else headless.retrain
    result = run_to_end(learn(desk.session, desk.engine))
    return None if result is None or result.verdict.is_waiting else result


def worse_apart(judged: list[Judged]) -> list[Judged]:
    """Those that are worse on the list apart."""
    return [each for each in judged if each.apart[1] < each.apart[0]]


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("first", [2, 0], ids=["images 3, 8, 13", "images 1, 6, 11"])
def test_what_hurts_is_refused(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], first: int) -> None:
    """With the first image wrong the first fine-tune learns from nothing else."""
    dataset, apart = spread(part(shared, "nuclei", "train"), IMAGES), part(shared, "nuclei", "val")
    judged: list[Judged] = []
    with desk_over(dataset, dataset.label_map, tmp_path) as (desk, scenes):
        for number, scene in enumerate(shuffled(scenes, first), 1):
            say(desk, scene)
            before = desk.seen()
            while (result := learned(desk)) is not None:
                sides = before, desk.as_here(result.checkpoint)
                held_out = of_held_out(desk, dataset, scenes)
                figures = [tuple(mean_iu(confusion_on(side, each), 2) for side in sides) for each in (held_out, apart)]
                judged.append(Judged(number, result.verdict.accepted, *figures, result.verdict.reason))
                before = desk.seen()
                with capsys.disabled():
                    print(f"\n{judged[-1]}", end="")
    assert judged
    with capsys.disabled():
        for where, worse in (
            ("held-out images", [each for each in judged if each.hurts]),
            ("val", worse_apart(judged)),
        ):
            of_worse = sum(not each.accepted for each in worse)
            print(f"\n{len(judged)} fine-tunes, {len(worse)} worse on {where}, of which {of_worse} refused", end="")
    assert not any(each.accepted for each in judged if each.hurts)
