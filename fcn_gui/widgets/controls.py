"""Small controls that a stylesheet draws badly: slider with its value, switch, segments. Painted from the tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.labels import Combo
from fcn_gui.widgets.theme import Height, Radius, Space

TRACK_PX, KNOB_PX = 3.0, 14.0
SWITCH_W, SWITCH_H = 28.0, 16.0
NAME_WIDTH, VALUE_WIDTH = 78, 46
STEPS = 1000
LEAST_GAP_PX = 5


class ThinSlider(QSlider):
    """A horizontal slider of STEPS steps that jumps to where it is clicked."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._appearance = appearance
        self.setRange(0, STEPS)
        self.setFixedHeight(24)
        self.setSingleStep(STEPS // 50)
        self.setPageStep(STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        appearance.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        left, right = KNOB_PX / 2, self.width() - KNOB_PX / 2
        middle = self.height() / 2
        at = left + (right - left) * self.value() / STEPS
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for start, end, token in ((left, right, "edge"), (left, at, "accent" if self.isEnabled() else "line")):
            painter.setBrush(theme.color(token))
            painter.drawRoundedRect(QRectF(start, middle - TRACK_PX / 2, end - start, TRACK_PX), 1.5, 1.5)
        painter.setPen(QPen(theme.color("ctl"), 1))
        painter.setBrush(theme.color("text" if theme.is_dark else "raised"))
        painter.drawEllipse(QPointF(at, middle), KNOB_PX / 2 - 0.5, KNOB_PX / 2 - 0.5)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._jump(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._jump(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def _jump(self, x: float) -> None:
        share = (x - KNOB_PX / 2) / max(1.0, self.width() - KNOB_PX)
        self.setValue(round(min(max(share, 0.0), 1.0) * STEPS))


class ValueSlider(QWidget):
    """Name, slider, value in words. `moved(value)` when a person moves it; `show_value` moves it without a signal."""

    moved = Signal(float)

    def __init__(
        self,
        appearance: Appearance,
        name: str,
        span: tuple[float, float],
        words: Callable[[float], str],
        curve: float = 1.0,
    ) -> None:
        """`span` least and greatest value; `curve` > 1 gives small values more room."""
        super().__init__()
        self._span, self._words, self._curve = span, words, curve
        self._name = QLabel(name)
        self._name.setProperty("role", "second")
        self._name.setFixedWidth(NAME_WIDTH)
        self.slider = ThinSlider(appearance)
        self.slider.setAccessibleName(name)
        self._value = QLabel()
        self._value.setFixedWidth(VALUE_WIDTH)
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._value.setFont(appearance.font("body", tabular=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
        row.setSpacing(Space.ROW)
        for part in (self._name, self.slider, self._value):
            row.addWidget(part)
        self.setFixedHeight(Height.OPTION)
        self.slider.valueChanged.connect(self._move)

    def show_value(self, value: float) -> None:
        """Show a value that came from elsewhere."""
        least, most = self._span
        share = min(max((value - least) / (most - least), 0.0), 1.0) ** (1 / self._curve)
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(round(share * STEPS))
            self.slider.blockSignals(False)
            self.slider.update()
        self._say(value)

    @property
    def text(self) -> str:
        """The value as it stands there."""
        return self._value.text()

    def _say(self, value: float) -> None:
        self._value.setText(self._words(value))
        self.slider.setAccessibleDescription(self._words(value))

    def _move(self, step: int) -> None:
        least, most = self._span
        value = least + (most - least) * (step / STEPS) ** self._curve
        self._say(value)
        self.moved.emit(value)


class Switch(QAbstractButton):
    """A name and a switch at the right end of its row; `toggled(bool)` as of any button."""

    def __init__(self, appearance: Appearance, name: str) -> None:
        super().__init__()
        self._appearance = appearance
        self.setText(name)
        self.setAccessibleName(name)
        self.setCheckable(True)
        self.setFixedHeight(Height.OPTION)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        appearance.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(160, Height.OPTION)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, on = self._appearance.theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("text2" if self.isEnabled() else "text3"))
        painter.setFont(self._appearance.font("body"))
        inner = self.rect().adjusted(Space.PANEL, 0, -Space.PANEL, 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        track = QRectF(inner.right() + 1 - SWITCH_W, (self.height() - SWITCH_H) / 2, SWITCH_W, SWITCH_H)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("fill" if on else "ctl"))
        painter.drawRoundedRect(track, SWITCH_H / 2, SWITCH_H / 2)
        painter.setBrush(theme.color("on_fill"))
        knob = track.right() - SWITCH_H / 2 if on else track.left() + SWITCH_H / 2
        painter.drawEllipse(QPointF(knob, track.center().y()), SWITCH_H / 2 - 2, SWITCH_H / 2 - 2)
        painter.end()


class Segments(QWidget):
    """One of a few choices side by side; a combo box where the words don't fit. `chosen(id)` by mouse or arrow keys."""

    chosen = Signal(str)

    def __init__(self, appearance: Appearance, options: Sequence[tuple[str, str]], name: str = "") -> None:
        super().__init__()
        self._appearance = appearance
        self._options = list(options)
        self._now = self._options[0][0]
        self._hovered = -1
        self._combo = Combo(appearance, name)
        self._combo.setParent(self)
        self._combo.addItems([text for _, text in options])
        self._combo.activated.connect(lambda index: self._choose(index))
        self._combo.hide()
        self.setFixedHeight(Height.BUTTON)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        appearance.changed.connect(self.update)
        self._describe()

    @property
    def value(self) -> str:
        """Id of the chosen option."""
        return self._now

    def show_value(self, option: str) -> None:
        """Show a choice that came from elsewhere."""
        self._now = option
        self._combo.setCurrentIndex(self._index())
        self._describe()
        self.update()

    def rect_of(self, option: str) -> QRect:
        """Where an option stands, to be clicked."""
        return self._cells()[[name for name, _ in self._options].index(option)].toAlignedRect()

    def _index(self) -> int:
        return [name for name, _ in self._options].index(self._now)

    def _describe(self) -> None:
        self.setAccessibleDescription(self._options[self._index()][1])

    def _widths(self) -> list[float]:
        metrics = QFontMetricsF(self._appearance.font("small", 500))
        return [metrics.horizontalAdvance(text) for _, text in self._options]

    def _cells(self) -> list[QRectF]:
        widths = self._widths()
        spare = (self.width() - 4 - sum(widths)) / len(widths)
        cells, x = [], 2.0
        for width in widths:
            cells.append(QRectF(x, 2, width + spare, self.height() - 4))
            x += width + spare
        return cells

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), Radius.BUTTON, Radius.BUTTON)
        for number, (cell, (name, text)) in enumerate(zip(self._cells(), self._options, strict=True)):
            is_chosen = name == self._now
            if is_chosen:
                painter.setPen(QPen(theme.color("edge"), 1))
                painter.setBrush(theme.color("raised"))
                painter.drawRoundedRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), Radius.KEY, Radius.KEY)
            painter.setPen(theme.color("text" if is_chosen or number == self._hovered else "text2"))
            painter.setFont(self._appearance.font("small", 500 if is_chosen else 400))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        is_narrow = sum(self._widths()) + LEAST_GAP_PX * len(self._options) > self.width()
        self._combo.setGeometry(self.rect())
        self._combo.setVisible(is_narrow)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._at(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self._choose(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose(min(max(self._index() + step, 0), len(self._options) - 1))

    def _at(self, at: QPointF) -> int:
        return next((number for number, cell in enumerate(self._cells()) if cell.contains(at)), -1)

    def _choose(self, number: int) -> None:
        name = self._options[number][0]
        if name != self._now:
            self.show_value(name)
        self.chosen.emit(name)  # the chosen one too: it may stand for something that has no segment of its own
