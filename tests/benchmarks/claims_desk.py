"""Projects over real data for the claims about learning: images whose truth is known, said through a real session."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.metrics import Confusion, Measures, confusion_matrix
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID, Mask, Rect
from fcn_gui.core.settings import Settings
from fcn_gui.core.stroke import Coverage
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.disk.dataset import Dataset, DatasetItem, read_dataset, read_truth
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.net.checkpoint import adapted
from fcn_gui.net.predict import Predictor
from fcn_gui.session import headless
from fcn_gui.session.engine import Engine, known_as, refit_known_as
from fcn_gui.session.session import Session
from fcn_gui.session.simulate_folder import Scene, lay_out, new_project

START = model_path("voc21-light")


@dataclass(frozen=True)
class Desk:
    """An open project over `photos`, with the engine that answers in it."""

    session: Session
    engine: Engine
    photos: Path

    def seen(self) -> Checkpoint:
        """The live checkpoint with the newest refit over it, as the project looks with it: working size and names."""
        live = self.session.live
        assert live is not None
        checkpoint = known_as(read_checkpoint(live.path), live)
        refit = self.session.refit
        return checkpoint if refit is None else refit_known_as(refit, live).on(checkpoint)

    def as_here(self, checkpoint: Checkpoint) -> Checkpoint:
        """A checkpoint as the project would look with it."""
        live = self.session.live
        assert live is not None
        return adapted(known_as(checkpoint, live), live.label_map)


def torch_engine() -> Engine:
    """On the CPU in float32, so that nothing turns with what a machine finds fastest."""
    return Engine(lambda: TorchSegmenter("cpu", measured=False))


@contextmanager
def desk_over(dataset: Dataset, label_map: LabelMap, scratch: Path) -> Iterator[tuple[Desk, list[Scene]]]:
    """A new project over the images of `dataset`, none of which is looked at yet, and their truths."""
    photos = scratch / "photos"
    photos.mkdir(parents=True)
    scenes = run_to_end(lay_out(dataset, photos))
    place = new_project(scratch / "project", 0)
    with headless.opened(Session(Settings(), START), photos, place, label_map) as session:
        yield Desk(session, torch_engine(), photos), scenes


def spread(dataset: Dataset, count: int) -> Dataset:
    """`count` images, evenly over the list."""
    chosen: list[DatasetItem] = [dataset.items[len(dataset.items) * n // count] for n in range(count)]
    return replace(dataset, items=chosen)


def say(desk: Desk, scene: Scene) -> None:
    """Open an image, paint what is wrong by its truth class after class, verify; refits as in the window."""
    session, engine = desk.session, desk.engine
    headless.show(session, scene.key, engine)
    assert session.document is not None
    while True:
        shown = session.document.masked.mask
        wrong = (shown != scene.truth) & (scene.truth != VOID)
        if not wrong.any():
            break
        label = int(np.bincount(scene.truth[wrong]).argmax())
        headless.carry_out(session.paint_pixels(_covering(wrong & (scene.truth == label)), label))
        headless.refit(session, engine)
    headless.carry_out(session.verify())
    headless.refit(session, engine)
    headless.judge_start(session, engine)
    headless.judge_refit(session, engine)


def renamed(scene: Scene, to: Sequence[int]) -> Scene:
    """The scene with label n of its truth called `to[n]`."""
    names = np.arange(256, dtype=np.uint8)
    names[: len(to)] = to
    return replace(scene, truth=names[scene.truth])


def confusion_on(checkpoint: Checkpoint, dataset: Dataset, to: Sequence[int] = ()) -> Confusion:
    """K×K over all images, in the classes of `checkpoint`, any of which may win a pixel.

    Label n of the truth is its class `to[n]`, or n.
    """
    predictor, classes = Predictor.of(checkpoint, "cpu", measured=False), len(checkpoint.label_map)
    found = np.zeros((classes, classes), np.int64)
    names = np.arange(256, dtype=np.uint8)
    names[: len(to)] = to
    for item in dataset.items:
        image = read_image(item.image_path).image
        truth = names[read_truth(item, dataset.label_map, image.shape)]
        found += confusion_matrix(truth, predictor.predict(image).labels, classes)
    return found


def mean_iu(confusion: Confusion, classes: int) -> float:
    """Over the first `classes` that are in the truth; a pixel that another one took is wrong. nan without any pixel."""
    if not confusion.any():
        return float("nan")
    return float(np.nanmean(Measures.from_confusion(confusion).iu[:classes]))


def part(shared: Path, name: str, split: str) -> Dataset:
    """One of the real data sets."""
    return read_dataset(shared / "data" / name, split)


def _covering(inside: Mask) -> Coverage:
    rect = Rect.around(inside)
    assert rect is not None
    return Coverage(rect, inside[rect.slices])
