"""Classes of the real network merged in a project: what it knew of both stays, on photographs seen and unseen."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.label_map import VOC_NAMES, voc_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import CORRECTED, Mask
from fcn_gui.core.settings import Settings
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.disk.bundled import model_path, samples_dir
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.session import headless
from fcn_gui.session.engine import Engine
from fcn_gui.session.session import Session

pytestmark = pytest.mark.timeout(300)

COW, HORSE, SHEEP = (VOC_NAMES.index(name) for name in ("cow", "horse", "sheep"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    for name in ("horses.jpg", "cow.jpg", "sheep.jpg"):
        shutil.copy(samples_dir() / "photos" / name, tmp_path / "photos")
    return tmp_path / "photos"


def mask_of(session: Session, engine: Engine, key: str) -> Mask:
    headless.show(session, key, engine)
    assert session.document is not None
    return session.document.masked.mask.copy()


def alike(found: Mask, wanted: Mask, label: int) -> float:
    """Overlap over union of a class."""
    return float(((found == label) & (wanted == label)).sum() / ((found == label) | (wanted == label)).sum())


def test_what_was_a_horse_is_a_cow_after_the_merge_and_a_horse_again_when_it_is_taken_back(
    folder: Path, segmenter: Callable[[], TorchSegmenter]
) -> None:
    engine = Engine(segmenter)
    settings = Settings()
    settings.set("learn.start", "prediction")
    start = model_path("voc21-light")
    with headless.opened(Session(settings, start), folder, label_map=voc_label_map()) as session:
        before = {key: mask_of(session, engine, key) for key in ("cow.jpg", "horses.jpg")}
        assert (before["horses.jpg"] == HORSE).sum() > 10_000
        session.apply_stroke(Stroke(Tool.BRUSH, SHEEP, ((20.5, 20.5), (60.5, 20.5)), 6.0))
        assert session.document is not None
        corrected = session.document.masked.vouch == CORRECTED
        request = session.remove_class(HORSE, COW)
        change = request.change
        run_to_end(headless.rewrite(session, request))
        at_once = session.document.masked.mask.copy()
        assert np.array_equal(at_once[~corrected], change.of(before["horses.jpg"])[~corrected])
        for key in ("sheep.jpg", "cow.jpg", "horses.jpg"):
            now = mask_of(session, engine, key)
            if key in before:
                assert alike(now, change.of(before[key]), COW) > 0.75, key
                assert (now == change.of(before[key])).mean() > 0.92, key
        assert (now[corrected] == change.label(SHEEP)).all()
    with headless.opened(Session(Settings(), start), folder) as session:
        assert alike(mask_of(session, engine, "horses.jpg"), change.of(before["horses.jpg"]), COW) > 0.75
        headless.carry_out(session.add_class("horse"))
        again = session.need_label_map().index("horse")
        headless.show(session, "cow.jpg", engine)
        now = mask_of(session, engine, "horses.jpg")
        assert alike(np.where(now == again, HORSE, 0), before["horses.jpg"], HORSE) > 0.9, "a class of its own again"


def test_taken_back_everything_is_predicted_as_before(folder: Path, segmenter: Callable[[], TorchSegmenter]) -> None:
    engine = Engine(segmenter)
    with headless.opened(Session(Settings(), model_path("voc21-light")), folder, label_map=voc_label_map()) as session:
        before = mask_of(session, engine, "horses.jpg")
        run_to_end(headless.rewrite(session, session.remove_class(HORSE, COW)))
        mask_of(session, engine, "horses.jpg")
        run_to_end(headless.rewrite(session, session.undo_rewrite()))
        headless.show(session, "cow.jpg", engine)
        assert np.array_equal(mask_of(session, engine, "horses.jpg"), before)


@pytest.fixture
def segmenter() -> Callable[[], TorchSegmenter]:
    return lambda: TorchSegmenter("cpu", measured=False)
