"""Pictures of the window, to look at and for the README: `python tests/screenshots.py OUT_FOLDER [NAME…]`.

Drives the real window with the real network on a copy of the sample photographs. Each picture is a function; what it
needs it does through actions and mouse events, as a person would.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if "2560" in " ".join(sys.argv):
    os.environ["QT_SCALE_FACTOR"] = "2"

import numpy as np
from PySide6.QtCore import QEventLoop, QPointF, Qt
from PySide6.QtGui import QCursor, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea

from fcn_gui.app import Program, build
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.label_map_text import read_label_map
from fcn_gui.disk.bundled import samples_dir
from fcn_gui.disk.samples import copy_samples
from fcn_gui.disk.user_data import UserData
from fcn_gui.session.inside import FACTS_FILE
from fcn_gui.session.measuring import Scope, Source
from fcn_gui.widgets.inside_page import InsidePage

PATIENCE_S = 300
GAP_PX = 12
STORED_WIDTH_PX, STORED_QUALITY = 440, 82


@dataclass
class Stage:
    """A window on a fresh copy of the samples."""

    program: Program
    folder: Path
    out: Path

    def wait(self, condition: Callable[[], object]) -> None:
        """Let events run until `condition` holds."""
        until = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError("the window did not get there")
            self.program.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.002)

    def settle(self) -> None:
        self.wait(lambda: not self.program.model.is_busy)
        for _ in range(20):
            self.program.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def open(self, name: str | None = None) -> None:
        """The folder, its classes chosen, `name` on the screen with its prediction."""
        model = self.program.model
        model.open_folder(self.folder)
        self.wait(lambda: model.project is not None)
        if model.label_map is None:
            model.choose_label_map(read_label_map(samples_dir() / "labelmap.txt"))
        self.show(name)

    def show(self, name: str | None = None) -> None:
        """Another photograph, with its prediction."""
        model = self.program.model
        self.wait(lambda: model.document is not None)
        if name:
            model.select(name)
            self.wait(lambda: model.document is not None and model.document.key == name)
        self.wait(lambda: model.document is not None and model.document.prediction is not None)
        self.settle()

    def press(self, key: Qt.Key, text: str = "") -> None:
        QTest.keyClick(self.program.window.canvas, key)

    def save(self, name: str) -> None:
        """Grab the window as it is."""
        picture = self.program.window.grab()
        picture.save(str(self.out / f"{name}.png"))


def at(stage: Stage, x: float, y: float) -> QPointF:
    """The point of the canvas where pixel (x, y) of the photograph lies."""
    shown = stage.program.window.canvas.stage
    assert shown is not None
    return QPointF(*shown.viewport.to_screen((x, y)))


def paint(stage: Stage, points: list[tuple[float, float]]) -> None:
    """One drag of the left button along `points`, in pixels of the photograph."""
    canvas = stage.program.window.canvas
    places = [at(stage, x, y).toPoint() for x, y in points]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
        stage.program.app.processEvents()
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[-1])


def correct(stage: Stage, name: str, label: int) -> None:
    """A short stroke in the middle of the largest region of `label`, where the photograph has one."""
    model = stage.program.model
    stage.show(name)
    assert model.document is not None
    rows, cols = np.nonzero(model.document.masked.mask == label)
    if not rows.size:
        height, width = model.document.masked.mask.shape
        rows, cols = np.array([height // 2]), np.array([width // 2])
    middle = len(rows) // 2
    x, y = float(cols[middle]), float(rows[middle])
    stage.program.view.choose_label(label)
    paint(stage, [(x, y), (x + 12, y + 4), (x + 20, y + 10)])


def window(stage: Stage, theme: str, name: str) -> None:
    stage.program.window.set_theme(theme)
    stage.open("horses.jpg")
    correct(stage, "horses.jpg", 13)
    stage.settle()
    stage.save(name)


def retrain(stage: Stage, name: str) -> None:
    """While a fine-tune runs, and then its end."""
    model = stage.program.model
    stage.program.window.set_theme("light")
    stage.open("cow.jpg")
    for photo in ("cow.jpg", "dog.jpg", "sheep.jpg"):
        stage.show(photo)
        stage.program.window.trigger("mask.verify_next")
        stage.settle()
    correct(stage, "duck.jpg", 3)
    stage.program.window.trigger("learn.retrain")
    stage.wait(lambda: len(model.learning.losses) > 12)
    stage.save(name)
    stage.wait(lambda: not model.is_retraining)
    stage.settle()
    stage.save(f"{name}-after")


def completed(stage: Stage, name: str) -> None:
    """One stroke along a dog's body in a class that no checkpoint knows, and what follows: the canvas of both."""
    model, window = stage.program.model, stage.program.window
    window.set_theme("dark")
    model.open_folder(stage.folder)
    stage.wait(lambda: model.project is not None)
    model.choose_label_map(own_label_map(["background", "hound"]))
    stage.show("dog.jpg")
    assert model.document is not None
    stage.program.view.choose_label(1)
    height, width = model.document.shape
    stage.program.view.radius_px = 0.05 * width
    paint(stage, [(width * (0.42 + 0.04 * step), height * (0.45 - 0.01 * step)) for step in range(9)])
    QCursor.setPos(window.geometry().topLeft())
    before = window.canvas.grab()
    stage.settle()
    both = QPixmap(2 * before.width() + GAP_PX, before.height())
    both.fill(Qt.GlobalColor.transparent)
    painter = QPainter(both)
    painter.drawPixmap(0, 0, before)
    painter.drawPixmap(before.width() + GAP_PX, 0, window.canvas.grab())
    painter.end()
    both.save(str(stage.out / f"{name}.png"))


def heatmap(stage: Stage, name: str) -> None:
    stage.program.window.set_theme("dark")
    stage.open("dog.jpg")
    stage.program.view.choose_label(12)
    stage.program.window.trigger("view.heatmap")
    QTest.mouseMove(stage.program.window.canvas, at(stage, 300, 250).toPoint())
    stage.program.window.trigger("help.actions")
    QTest.keyClicks(stage.program.app.focusWidget(), "re")
    stage.settle()
    stage.save(name)


def sized(stage: Stage, width: int, height: int, name: str) -> None:
    stage.program.window.resize(width, height)
    window(stage, "light", name)


def removing(stage: Stage, name: str) -> None:
    """The question before a class goes."""
    window(stage, "dark", name)
    stage.program.view.choose_label(13)
    stage.program.window.trigger("class.remove")
    QTest.keyClicks(stage.program.app.focusWidget(), "o")
    stage.settle()
    stage.save(name)
    QTest.keyClick(stage.program.app.focusWidget(), Qt.Key.Key_Return)
    stage.wait(lambda: stage.program.model.label_map and "horse" not in stage.program.model.label_map.names)
    stage.settle()
    stage.save(f"{name}-after")


def empty(stage: Stage, name: str) -> None:
    for photo in stage.folder.iterdir():
        photo.unlink()
    model = stage.program.model
    model.open_folder(stage.folder)
    stage.wait(lambda: model.project is not None)
    stage.settle()
    stage.save(name)


def error(stage: Stage, name: str) -> None:
    broken = stage.folder / "astronaut.jpg"
    broken.write_bytes(broken.read_bytes()[:3000])
    model = stage.program.model
    model.open_folder(stage.folder)
    stage.wait(lambda: model.project is not None)
    model.choose_label_map(read_label_map(samples_dir() / "labelmap.txt"))
    stage.settle()
    model.select("astronaut.jpg")
    stage.settle()
    stage.save(name)


def measured(stage: Stage, theme: str, name: str, size: tuple[int, int] = (1440, 900)) -> None:
    """The sample with its true masks, measured; the cell of the largest confusion, and an image of it."""
    window, model = stage.program.window, stage.program.model
    window.resize(*size)
    window.set_theme(theme)
    stage.folder = as_voc(stage.folder / "voc")
    stage.open()
    assert model.project is not None
    for item in list(model.project.items)[:8]:
        stage.show(item.key)
    window.trigger("view.measures")
    stage.settle()
    stage.save(name)
    panel = window.interior.bench.measures
    confusion = model.measurements.bands(Scope.VERIFIED, Source.NOW).sum(0)
    np.fill_diagonal(confusion, 0)
    truth, said = (int(v) for v in np.unravel_index(int(confusion.argmax()), confusion.shape))
    cell = panel.matrix.rect_of((truth, said)).center().toPoint()
    QTest.mouseClick(panel.matrix, Qt.MouseButton.LeftButton, pos=cell)
    first = panel.feeding.visualRect(panel.feeding.model().index(0, 0)).center()
    QTest.mouseClick(panel.feeding.viewport(), Qt.MouseButton.LeftButton, pos=first)
    stage.settle()
    stage.save(f"{name}-cell")


def as_voc(folder: Path) -> Path:
    """The sample photographs with their true masks as a VOC folder, whose masks open as accepted."""
    for part in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
        (folder / part).mkdir(parents=True)
    ids = []
    for photo in sorted((samples_dir() / "photos").glob("*.jpg")):
        mask = samples_dir() / "masks" / f"{photo.stem}.png"
        if mask.exists():
            ids.append(photo.stem)
            shutil.copy(mask, folder / "SegmentationClass")
            shutil.copy(photo, folder / "JPEGImages")
    (folder / "ImageSets/Segmentation/trainval.txt").write_text("\n".join(ids))
    shutil.copy(samples_dir() / "labelmap.txt", folder)
    return folder


def skips(stage: Stage, theme: str, name: str) -> None:
    """The open image stride by stride, in each of the four ways."""
    window = stage.program.window
    window.set_theme(theme)
    stage.open("horses.jpg")
    stage.program.view.choose_label(13)
    window.trigger("view.skips")
    panel = window.interior.bench.skips
    stage.wait(lambda: stage.program.model.skips is not None)
    for mode in ("labels", "changed", "heat", "added"):
        QTest.mouseClick(panel.modes, Qt.MouseButton.LeftButton, pos=panel.modes.rect_of(mode).center())
        stage.settle()
        stage.save(f"{name}-{mode}")


def inside(stage: Stage, theme: str, name: str, photo: str = "horses.jpg", label: int = 13) -> None:
    """The page FCN inside at 1280×800, its top and its end."""
    window = stage.program.window
    window.resize(1280, 800)
    window.set_theme(theme)
    open_inside(stage, photo, label)
    for part, place in (("top", 0), ("end", 100_000)):
        window.sheets.inside.findChild(QScrollArea).verticalScrollBar().setValue(place)
        stage.settle()
        stage.save(f"{name}-{part}")


def inside_example(stage: Stage, name: str) -> None:
    """The same page where no photograph is open, in a small window."""
    stage.program.window.resize(1024, 700)
    stage.program.window.trigger("help.inside")
    stage.settle()
    stage.save(name)


def open_inside(stage: Stage, photo: str, label: int) -> InsidePage:
    stage.open(photo)
    stage.program.view.choose_label(label)
    stage.program.window.trigger("help.inside")
    page = stage.program.window.sheets.inside
    stage.wait(lambda: page.is_live)
    stage.settle()
    return page


def inside_pictures(stage: Stage, _name: str) -> None:
    """What is stored in `resources/inside`: the pictures of that page, made smaller, and what it tells of them."""
    page = open_inside(stage, "horses.jpg", 13)
    assert page.facts is not None
    for name, picture in page.pictures.items():
        small = picture.image.scaledToWidth(
            min(STORED_WIDTH_PX, picture.image.width()), Qt.TransformationMode.SmoothTransformation
        )
        small.save(str(stage.out / f"{name}.jpg"), quality=STORED_QUALITY)  # type: ignore[call-overload]
    (stage.out / FACTS_FILE).write_text(json.dumps(asdict(page.facts), indent=1) + "\n", "utf-8")


PICTURES: dict[str, Callable[[Stage, str], None]] = {
    "welcome-light": lambda stage, name: stage.save(name),
    "window-dark": lambda stage, name: window(stage, "dark", name),
    "window-light": lambda stage, name: window(stage, "light", name),
    "window-1280x800": lambda stage, name: sized(stage, 1280, 800, name),
    "window-1024x700": lambda stage, name: sized(stage, 1024, 700, name),
    "window-2560x1440-at-2": lambda stage, name: sized(stage, 1280, 720, name),
    "heatmap-dark": heatmap,
    "completed-dark": completed,
    "removing-dark": removing,
    "retrain-light": retrain,
    "measures-dark": lambda stage, name: measured(stage, "dark", name),
    "measures-light": lambda stage, name: measured(stage, "light", name),
    "measures-1024x700": lambda stage, name: measured(stage, "dark", name, (1024, 700)),
    "skips-dark": lambda stage, name: skips(stage, "dark", name),
    "skips-light": lambda stage, name: skips(stage, "light", name),
    "inside-dark": lambda stage, name: inside(stage, "dark", name),
    "inside-light": lambda stage, name: inside(stage, "light", name),
    "inside-1024x700": inside_example,
    "inside-pictures": inside_pictures,
    "empty-folder": empty,
    "error": error,
}


def main(out: Path, names: list[str]) -> None:
    """Make the pictures `names` (all but the one at scale 2, which needs a process of its own) in `out`."""
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    for name in names or [n for n in PICTURES if "2560" not in n]:
        with tempfile.TemporaryDirectory() as place:
            home = Path(place)
            copy_samples(home / "sample")
            program = build(app, UserData(home / "config", home / "data", home / "log"))
            program.settings.set("view.motion", "off")
            program.window.sheets.settings.changed.emit("view.motion")  # as the settings say it: from now on
            program.settings.set("learn.retrain_after", 0)
            program.window.show()
            QCursor.setPos(program.window.geometry().center())
            program.model.warm_up()
            stage = Stage(program, home / "sample", out)
            stage.settle()
            PICTURES[name](stage, name)
            program.window.close()
            print(out / f"{name}.png", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
