"""Outlines over the canvas: where the network calls a class another one, until something is done in the image."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.measuring import Places
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.canvas import Canvas

LINE_PX, CASING_PX = 2, 4


class ConfusionMarks(QWidget):
    """Lies over the canvas and takes no mouse; goes when the image or its mask changes, and with `clear`."""

    def __init__(self, model: SessionModel, canvas: Canvas, appearance: Appearance) -> None:
        super().__init__(canvas)
        self._model, self._canvas, self._appearance = model, canvas, appearance
        self._key = ""
        self._places: Places | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        canvas.installEventFilter(self)
        canvas.zoomed.connect(lambda _: self.update())
        for signal in (model.document_opened, model.document_closed):
            signal.connect(self._follow)
        # The mask says something else: what was outlined may not be so any more.
        model.mask_changed.connect(self.clear)

    def show_places(self, places: Places) -> None:
        """Outline these, and bring the largest to the middle."""
        document = self._model.document
        if document is not None:
            self._key, self._places = document.key, places
            self.setGeometry(self._canvas.rect())
            self.show()
            self._canvas.show_rect(places.largest)

    @property
    def places(self) -> Places | None:
        """What is outlined."""
        return self._places

    def clear(self, _: object = None) -> None:
        """Outline nothing any more."""
        self._key, self._places = "", None
        self.hide()

    def _follow(self) -> None:
        document = self._model.document
        if document is None or document.key != self._key:
            self.clear()

    def paintEvent(self, event: QPaintEvent) -> None:
        stage = self._canvas.stage
        if stage is None or self._places is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        viewport = stage.viewport
        lines = [
            QPolygonF([QPointF(*viewport.to_screen((float(x), float(y)))) for x, y in points])
            for points in self._places.outlines
        ]
        casing = QColor(0, 0, 0, 140)
        for pen in (QPen(casing, CASING_PX), QPen(self._appearance.theme.color("accent"), LINE_PX)):
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            for line in lines:
                painter.drawPolygon(line)
        painter.end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As large as the canvas."""
        if watched is self._canvas and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        return False
