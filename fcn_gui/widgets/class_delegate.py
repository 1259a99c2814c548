"""Paints a row of the class list and says which part of it lies under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from fcn_gui.core.raster import VOID
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.class_rows import ROW_ROLE, ClassRow
from fcn_gui.widgets.labels import CAP_HEIGHT, paint_cap
from fcn_gui.widgets.theme import Height, Radius, Space

Index = QModelIndex | QPersistentModelIndex
TARGET = 24
SWATCH = 14
ICON = 15


class ClassDelegate(QStyledItemDelegate):
    """Key cap, swatch, name, lock, share, heatmap flame, eye."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.is_compact = False
        self.pointed: tuple[int, str] | None = None
        """Row and part under the mouse."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, Height.CLASS_ROW)

    def part_at(self, rect: QRect, x: int) -> str:
        """`swatch`, `flame`, `eye` or `row`, for a point of the row that fills `rect`."""
        right = rect.right() - Space.ROW - 2
        if x > right - TARGET:
            return "eye"
        if x > right - 2 * TARGET:
            return "flame"
        return "swatch" if 38 <= x - rect.left() < 62 else "row"

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: ClassRow = index.data(ROW_ROLE)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, state)
        middle = rect.top() + rect.height() / 2
        if row.key:
            cap = QRectF(rect.left() + 13, middle - CAP_HEIGHT / 2 - 1, 20, CAP_HEIGHT + 2)
            paint_cap(painter, self._appearance, cap, row.key)
        swatch = QRectF(rect.left() + 43, middle - SWATCH / 2, SWATCH, SWATCH)
        paint_class_swatch(painter, self._appearance, swatch, row.label, QColor(*row.color))
        self._paint_words(painter, rect, row)
        self._paint_buttons(painter, rect, row, index.row())
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """The field for a new name."""
        editor = super().createEditor(parent, option, index)
        editor.setAccessibleName(self.tr("Name of the class"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        """Over the name only."""
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(60, 1, -2 * TARGET - Space.ROW - 4, -1))

    def _paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        token = "soft" if state & QStyle.StateFlag.State_Selected else ""
        token = token or ("hover" if state & QStyle.StateFlag.State_MouseOver else "")
        if token:
            painter.setBrush(self._appearance.theme.color(token))
            painter.drawRoundedRect(QRectF(rect).adjusted(Space.ROW, 0, -Space.ROW, 0), Radius.BUTTON, Radius.BUTTON)

    def _paint_words(self, painter: QPainter, rect: QRect, row: ClassRow) -> None:
        theme = self._appearance.theme
        right = rect.right() - Space.ROW - 2 - 2 * TARGET - Space.SMALL
        has_share = row.share is not None and row.share > 0 and not self.is_compact
        if has_share:
            painter.setFont(self._appearance.font("small", tabular=True))
            painter.setPen(theme.color("text2"))
            painter.drawText(
                QRectF(right - 52, rect.top(), 52, rect.height()),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                f"{100 * (row.share or 0):.1f} %",
            )
        room = right - (54 if has_share else 0) - rect.left() - 66 - (18 if row.is_locked else 0)
        painter.setFont(self._appearance.font("body"))
        painter.setPen(theme.color("text"))
        metrics = QFontMetrics(painter.font())
        name = metrics.elidedText(row.name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRectF(rect.left() + 66, rect.top(), room, rect.height()), Qt.AlignmentFlag.AlignVCenter, name)
        if row.is_locked:
            at = QPointF(rect.left() + 66 + metrics.horizontalAdvance(name) + 6, rect.center().y() - 5.5)
            self._icon(painter, "lock", "text2", 12, at)

    def _paint_buttons(self, painter: QPainter, rect: QRect, row: ClassRow, number: int) -> None:
        right = rect.right() - Space.ROW - 2
        eye = ("eye-off", "text") if row.is_hidden else ("eye", "ctl")
        flame = ("flame", "accent" if row.has_heatmap else "ctl")
        for part, (name, token), left in (
            ("eye", eye, right - TARGET),
            ("flame", flame, right - 2 * TARGET),
        ):
            if part == "flame" and row.label == VOID:
                continue
            spot = QRectF(left, rect.center().y() - TARGET / 2 + 0.5, TARGET, TARGET)
            is_pointed = self.pointed == (number, part)
            if is_pointed:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._appearance.theme.color("hover"))
                painter.drawRoundedRect(spot, Radius.KEY, Radius.KEY)
            inset = (TARGET - ICON) / 2
            token = "text" if is_pointed and token == "ctl" else token
            self._icon(painter, name, token, ICON, spot.topLeft() + QPointF(inset, inset))

    def _icon(self, painter: QPainter, name: str, token: str, size: int, at: QPointF) -> None:
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(at, self._appearance.pixmap(name, token, size, ratio))


def paint_class_swatch(painter: QPainter, appearance: Appearance, rect: QRectF, label: int, color: QColor) -> None:
    """A class's colour; background is an outline, for it is not filled on the photo either; void is hatched."""
    if label == VOID:
        paint_void_swatch(painter, rect)
    elif label == 0:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(appearance.theme.color("ctl"), 1.5))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 3, 3)
    else:
        paint_swatch(painter, rect, color)


def paint_swatch(painter: QPainter, rect: QRectF, color: QColor) -> None:
    """A small rounded square in a class's colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(rect, 3, 3)


def paint_void_swatch(painter: QPainter, rect: QRectF) -> None:
    """Void is hatched, not a colour alone: pale lines on dark."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#2A2B22"))
    painter.drawRoundedRect(rect, 3, 3)
    painter.setClipRect(rect)
    painter.setPen(QPen(QColor("#ECECD6"), 1.6))
    for offset in range(-int(rect.height()), int(rect.width()), 5):
        start = QPointF(rect.left() + offset, rect.bottom())
        painter.drawLine(start, start + QPointF(rect.height(), -rect.height()))
    painter.restore()
