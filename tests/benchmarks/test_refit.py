"""From the release of a stroke to the repainted mask, with 20 corrected images cached, against one plain forward pass.

Both are taken in turns in the same run; the ratio of their times is what counts.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.core.settings import Settings
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.disk.samples import copy_samples
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.session import headless
from fcn_gui.session.engine import Engine
from fcn_gui.session.session import Session

IMAGES, STROKES = 20, 15


def photographs(folder: Path) -> Path:
    """So many photographs of 500×375, cut from the samples at another place each time."""
    copy_samples(folder / "samples")
    sources = [read_image(path).image for path in sorted((folder / "samples").glob("*.jpg"))]
    target = folder / "photos"
    target.mkdir()
    rng = np.random.default_rng(0)
    for number in range(IMAGES):
        image = cv2.resize(sources[number % len(sources)], (540, 405), interpolation=cv2.INTER_AREA)
        y, x = rng.integers(0, 30), rng.integers(0, 40)
        cv2.imwrite(str(target / f"{number:02}.png"), image[y : y + 375, x : x + 500, ::-1])
    return target


@pytest.fixture
def work(tmp_path: Path) -> Iterator[tuple[Session, Engine]]:
    """20 images with strokes on them, the last one open."""
    engine = Engine(lambda: TorchSegmenter("cpu"))
    with headless.opened(Session(Settings()), photographs(tmp_path), label_map=voc_label_map()) as session:
        for number in range(IMAGES):
            headless.show(session, f"{number:02}.png", engine)
            session.verify()
            item = session.need_project().item(f"{number:02}.png")
            item.held_out = False
        session.undo()
        headless.refit(session, engine)
        yield session, engine


def release(session: Session, engine: Engine, number: int) -> None:
    """A stroke, and all that is done until its effect is in the mask."""
    label = (0, 10, 15)[number % 3]
    y = 20.5 + 20 * number
    session.apply_stroke(Stroke(Tool.BRUSH, label, ((40.5, y), (200.5, y + 10)), 6.0))
    headless.carry_out(headless.refit(session, engine, is_forced=True))


@pytest.mark.timeout(1200)
def test_release_to_repainted_mask(work: tuple[Session, Engine], capsys: pytest.CaptureFixture[str]) -> None:
    session, engine = work
    assert session.document is not None
    image = session.document.picture.image
    assert image.shape == (375, 500, 3)
    ratios, plain_ms = [], []
    for number in range(STROKES + 2):
        started = time.perf_counter()
        engine.make().predict(image)
        plain = time.perf_counter() - started
        started = time.perf_counter()
        release(session, engine, number)
        ratios.append((time.perf_counter() - started) / plain)
        plain_ms.append(plain * 1000)
    p50, p95 = np.percentile(ratios[2:], [50, 95])
    with capsys.disabled():
        print(f"\nstroke release to repainted mask: p50 {p50:.2f}, p95 {p95:.2f} forward passes", end="")
        print(f" of {np.median(plain_ms):.0f} ms ({IMAGES} images)")
    assert p50 <= 1
    assert p95 <= 2
