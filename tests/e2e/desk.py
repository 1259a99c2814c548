"""A person at the real window: opens folders, paints with the mouse, reads what is said. The network goes by colour."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from fcn_gui.app import Program, build
from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import LabelMap
from fcn_gui.disk.user_data import UserData
from fcn_gui.session.document import Document
from fcn_gui.session.engine import SegmenterFactory
from fcn_gui.session.messages import Message
from fcn_gui.session.project import Item
from fcn_gui.widgets.main_window import MainWindow
from tests.fakes.segmenter import FakeSegmenter, colour_checkpoint

WAIT_MS = 60_000
"""How long a condition may take to hold on the busiest machine."""
LEFT = Qt.MouseButton.LeftButton


class ByColour(FakeSegmenter):
    """Takes the bundled checkpoint as one that knows nothing but the colours of the label map."""

    @staticmethod
    def _adapted(checkpoint: Checkpoint, label_map: LabelMap) -> Checkpoint:
        if checkpoint.trunk == "colour":
            return FakeSegmenter._adapted(checkpoint, label_map)
        return replace(colour_checkpoint(label_map), id=checkpoint.id)


@dataclass
class Desk:
    """One window with its own user data in `home`; `close` ends it as a person does, `open` takes a folder."""

    qtbot: QtBot
    home: Path
    factory: SegmenterFactory = ByColour
    told: list[Message] = field(default_factory=list)
    is_closed: bool = False

    def __post_init__(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.user_data = UserData(self.home / "config", self.home / "data", self.home / "log")
        self.program: Program = build(app, self.user_data, self.factory)
        self.model.message_posted.connect(self.told.append)
        self.window.show()
        self.qtbot.waitExposed(self.window)
        self.window.activateWindow()

    @property
    def window(self) -> MainWindow:
        return self.program.window

    @property
    def model(self):  # type: ignore[no-untyped-def]
        return self.program.model

    @property
    def document(self) -> Document:
        assert self.model.document is not None, self.texts()
        return self.model.document

    def item(self, key: str) -> Item:
        """The project's item of `key`."""
        assert self.model.project is not None
        return self.model.project.item(key)

    def open(self, folder: Path, names: str = "cow\ntree", project_dir: Path | None = None) -> "Desk":
        """Open a folder; where it asks for its classes, type `names`. Waits until nothing is to be done any more."""
        if project_dir is None:
            self.window.folders.open(folder)
        else:
            self.model.open_folder(folder, project_dir)
        self.rest()
        if self.window.label_map_bar.isVisible():
            self.type_classes(names)
            self.rest()
        return self

    def type_classes(self, names: str) -> None:
        """Type classes of one's own into the bar that asks for them."""
        bar = self.window.label_map_bar
        QTest.mouseClick(bar.own, LEFT)
        bar.names.setPlainText("")
        for name in names.split("\n"):
            QTest.keyClicks(bar.names, name)
            QTest.keyClick(bar.names, Qt.Key.Key_Return)
        QTest.mouseClick(bar.use, LEFT)

    def rest(self) -> None:
        """Wait until nothing runs and nothing waits to be written."""
        self.until(lambda: not self.model.is_busy)

    def until(self, holds: Callable[[], bool]) -> None:
        """Let the window work until something holds."""
        self.qtbot.waitUntil(holds, timeout=WAIT_MS)

    def show(self, key: str) -> Document:
        """Bring an image on the screen."""
        self.model.select(key)
        self.rest()
        assert self.document.key == key, self.texts()
        return self.document

    def paint(self, *points: tuple[float, float], label: int = 1, radius_px: float = 2.0) -> None:
        """Drag the brush over points of the image, in image pixels, with the mouse."""
        self.program.view.choose_label(label)
        self.program.view.radius_px = radius_px
        canvas = self.window.canvas
        assert canvas.stage is not None
        path = [QPointF(*canvas.stage.viewport.to_screen(point)) for point in points]
        self._mouse(QEvent.Type.MouseButtonPress, path[0], LEFT)
        for at in path[1:]:
            self._mouse(QEvent.Type.MouseMove, at, LEFT)
        self._mouse(QEvent.Type.MouseButtonRelease, path[-1], Qt.MouseButton.NoButton)

    def _mouse(self, kind: QEvent.Type, at: QPointF, held: Qt.MouseButton) -> None:
        canvas = self.window.canvas
        button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else LEFT
        event = QMouseEvent(kind, at, canvas.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(canvas, event)

    def texts(self) -> str:
        """All that was said so far, newest last."""
        return " | ".join(message.text for message in self.told)

    def bar_error(self) -> str:
        """What the bar that asks for classes says against an answer."""
        labels = self.window.label_map_bar.findChildren(QLabel)
        return " ".join(label.text() for label in labels if label.property("role") == "error" and label.isVisible())

    def row(self, key: str) -> str:
        """What the list says of an image: its state and its tooltip."""
        rows = self.window.images.rows
        index = rows.index_of(key)
        return "\n".join(str(rows.data(index, role)) for role in (Qt.ItemDataRole.AccessibleTextRole, 3))

    def close(self) -> None:
        """Close the window as a person does: all is saved."""
        if not self.is_closed:
            self.is_closed = True
            self.window.close()
            self.model.shutdown()
            # Windows that were left behind would be styled anew with each window that follows.
            self.window.deleteLater()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def again(self) -> "Desk":
        """Close, and a new window with the same user data."""
        self.close()
        return Desk(self.qtbot, self.home, self.factory)
