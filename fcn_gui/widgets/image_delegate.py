"""Paints a row of the image list: thumbnail, name, state; marks of held-out, of a note, of an imported mask."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from fcn_gui.session.project import Item, Status
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.image_rows import ITEM_ROLE, ImageRows, short_name, shows_import
from fcn_gui.widgets.labels import paint_hatching
from fcn_gui.widgets.theme import Height, Radius, Space

Index = QModelIndex | QPersistentModelIndex
THUMB = QSize(60, 40)
STATE_ICONS = {
    Status.NEW: ("circle", "text2"),
    Status.PREDICTED: ("circle-dashed", "text2"),
    Status.CORRECTED: ("circle-dot", "accent"),
    Status.VERIFIED: ("circle-check", "ok"),
    Status.PROBLEM: ("triangle-alert", "err"),
}
"""Shape first, then colour."""


class ImageDelegate(QStyledItemDelegate):
    """All rows are alike in size; a missing thumbnail is asked for once and comes later."""

    def __init__(self, appearance: Appearance, rows: ImageRows, thumbnail: Callable[[str], QImage | None]) -> None:
        super().__init__()
        self._appearance, self._rows, self._thumbnail = appearance, rows, thumbnail
        self.is_compact = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(THUMB.width(), Height.IMAGE_ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item: Item = index.data(ITEM_ROLE)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_ground(painter, rect, state)
        left = rect.left() + (2 if self.is_compact else Space.PANEL + 2)
        thumb = QRect(left, rect.top() + 6, THUMB.width(), THUMB.height())
        self._paint_thumbnail(painter, thumb, item)
        if self.is_compact:
            self._paint_corner_mark(painter, thumb, item)
            if state & QStyle.StateFlag.State_Selected:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self._appearance.theme.color("accent"), 2))
                painter.drawRoundedRect(QRectF(thumb).adjusted(1, 1, -1, -1), Radius.KEY, Radius.KEY)
        else:
            self._paint_words(painter, rect.adjusted(thumb.right() + 11 - rect.left(), 0, -Space.PANEL, 0), item)
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        margin = 0 if self.is_compact else Space.ROW
        ground = QRectF(rect).adjusted(margin, 0, -margin, 0)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(self._appearance.theme.color("soft"))
            painter.drawRoundedRect(ground, Radius.BUTTON, Radius.BUTTON)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(self._appearance.theme.color("hover"))
            painter.drawRoundedRect(ground, Radius.BUTTON, Radius.BUTTON)

    def _paint_thumbnail(self, painter: QPainter, rect: QRect, item: Item) -> None:
        theme = self._appearance.theme
        frame = QPainterPath()
        frame.addRoundedRect(QRectF(rect), Radius.KEY, Radius.KEY)
        image = None if item.problem else self._thumbnail(item.key)
        painter.save()
        painter.setClipPath(frame)
        painter.fillRect(rect, theme.color("field" if item.problem else "raised"))
        if item.problem:
            paint_hatching(painter, rect, theme.color("edge"))
            self._icon(painter, "image-off", "text2", 16, QPointF(rect.center()) - QPointF(7.5, 7.5))
        elif image is not None and not image.isNull():
            painter.drawImage(QRectF(rect), image, cover(image.size(), rect.size()))
        painter.restore()

    def _paint_corner_mark(self, painter: QPainter, thumb: QRect, item: Item) -> None:
        name, token = STATE_ICONS[Status.PROBLEM if item.problem else item.status]
        if item.status is Status.NEW and not item.problem:
            return
        spot = QRectF(thumb.right() - 17, thumb.bottom() - 17, 16, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._appearance.theme.color("panel"))
        painter.drawEllipse(spot)
        self._icon(painter, name, token, 12, spot.topLeft() + QPointF(2, 2))

    def _paint_words(self, painter: QPainter, rect: QRect, item: Item) -> None:
        theme, right = self._appearance.theme, rect.right()
        marks = {"ruler": item.held_out, "tag": item.note, "folder-input": shows_import(item)}
        for name in [name for name, is_so in marks.items() if is_so]:
            self._icon(painter, name, "text2", 13, QPointF(right - 12, rect.top() + 8))
            right -= 17
        if self._rows.is_next(item):
            right = self._paint_tag(painter, self._rows.tr("Next"), right, rect.top() + 7)
        painter.setFont(self._appearance.font("body", 500))
        painter.setPen(theme.color("text"))
        upper = QRect(rect.left(), rect.top() + 8, right - rect.left(), 18)
        painter.drawText(upper, _flags(), _elided(painter, short_name(item.key), upper.width()))
        name, token = STATE_ICONS[Status.PROBLEM if item.problem else item.status]
        self._icon(painter, name, token, 12, QPointF(rect.left(), rect.top() + 29))
        painter.setFont(self._appearance.font("small", tabular=True))
        painter.setPen(theme.color("text2"))
        lower = QRect(rect.left() + 16, rect.top() + 26, rect.width() - 16, 18)
        painter.drawText(lower, _flags(), self._state_words(painter, item, lower.width()))

    def _state_words(self, painter: QPainter, item: Item, width: int) -> str:
        """The state and what there is to it; where there is no room for both the icon alone says the state."""
        text = self._rows.state_text(item)
        after = text.partition(" · ")[2]
        if after and not item.problem and QFontMetrics(painter.font()).horizontalAdvance(text) > width:
            text = after
        return _elided(painter, text, width, False)

    def _paint_tag(self, painter: QPainter, text: str, right: int, top: int) -> int:
        """A word in a soft box that ends at `right`; where the space left of it ends."""
        theme = self._appearance.theme
        painter.setFont(self._appearance.font("small", 500))
        width = QFontMetrics(painter.font()).horizontalAdvance(text) + 2 * Space.ROW
        box = QRectF(right - width, top, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("soft"))
        painter.drawRoundedRect(box, Radius.KEY, Radius.KEY)
        painter.setPen(theme.color("accent"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return int(box.left()) - Space.SMALL

    def _icon(self, painter: QPainter, name: str, token: str, size: int, at: QPointF) -> None:
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(at, self._appearance.pixmap(name, token, size, ratio))


def _flags() -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def _elided(painter: QPainter, text: str, width: int, in_middle: bool = True) -> str:
    mode = Qt.TextElideMode.ElideMiddle if in_middle else Qt.TextElideMode.ElideRight
    return QFontMetrics(painter.font()).elidedText(text, mode, width)


def cover(size: QSize, frame: QSize) -> QRectF:
    """The middle part of an image of `size` that has the proportions of `frame`."""
    scale = min(size.width() / frame.width(), size.height() / frame.height())
    width, height = frame.width() * scale, frame.height() * scale
    return QRectF((size.width() - width) / 2, (size.height() - height) / 2, width, height)
