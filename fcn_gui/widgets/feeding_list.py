"""The images that feed one cell of the confusion matrix, those with most pixels first; choosing one opens it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.image_delegate import cover
from fcn_gui.widgets.image_rows import short_name
from fcn_gui.widgets.theme import Radius, Space

Index = QModelIndex | QPersistentModelIndex
THUMB, ROW_PX = QSize(48, 32), 40
KEY_ROLE, WORDS_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class FeedingList(QListView):
    """`wanted(key)` on a click, on Return and as the arrow keys go from row to row."""

    wanted = Signal(str)

    def __init__(self, appearance: Appearance, thumbnail: Callable[[str], QImage | None]) -> None:
        super().__init__()
        self._rows = QStandardItemModel(self)
        self.setModel(self._rows)
        self.setItemDelegate(FeedingDelegate(appearance, thumbnail, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(self.tr("Images of this cell"))
        self.clicked.connect(lambda index: self.wanted.emit(index.data(KEY_ROLE)))
        appearance.changed.connect(self.viewport().update)

    def show_images(self, images: Sequence[tuple[str, int]], total: int) -> None:
        """Keys and pixels, in this order; `total` is what they make up."""
        chosen = self.currentIndex().data(KEY_ROLE)
        self._rows.clear()
        for key, pixels in images:
            item = QStandardItem(short_name(key))
            item.setData(key, KEY_ROLE)
            words = self.tr("{px} px, {share}")
            item.setToolTip(self.tr("{name}: so many pixels, and how much of this cell they are").format(name=key))
            item.setData(words.format(px=f"{pixels:,}", share=f"{100 * pixels / max(1, total):.0f} %"), WORDS_ROLE)
            item.setAccessibleText(f"{key}, {item.data(WORDS_ROLE)}")
            self._rows.appendRow(item)
            if key == chosen:
                self.mark(key)

    def mark(self, key: str) -> None:
        """Show an image as the chosen one."""
        for row in range(self._rows.rowCount()):
            index = self._rows.index(row, 0)
            if index.data(KEY_ROLE) == key:
                self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    @property
    def keys(self) -> list[str]:
        """What is listed."""
        return [str(self._rows.index(row, 0).data(KEY_ROLE)) for row in range(self._rows.rowCount())]

    def repaint_thumbnails(self) -> None:
        """A thumbnail came."""
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.currentIndex().row()
        if event.key() not in OPEN_KEYS:
            super().keyPressEvent(event)
        index = self.currentIndex()
        if index.isValid() and (event.key() in OPEN_KEYS or index.row() != before):
            self.wanted.emit(index.data(KEY_ROLE))

    def event(self, event: QEvent) -> bool:
        """Return opens the image here; elsewhere it verifies."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in OPEN_KEYS:
            event.accept()
            return True
        return super().event(event)


class FeedingDelegate(QStyledItemDelegate):
    """Thumbnail, name, pixels."""

    def __init__(self, appearance: Appearance, thumbnail: Callable[[str], QImage | None], parent: QListView) -> None:
        super().__init__(parent)
        self._appearance, self._thumbnail = appearance, thumbnail

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rect, state = self._appearance.theme, QRect(option.rect), option.state
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        token = "soft" if state & QStyle.StateFlag.State_Selected else ""
        token = token or ("hover" if state & QStyle.StateFlag.State_MouseOver else "")
        if token:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(token))
            painter.drawRoundedRect(QRectF(rect), Radius.BUTTON, Radius.BUTTON)
        thumb = QRect(rect.left() + Space.TIGHT, rect.top() + 4, THUMB.width(), THUMB.height())
        self._paint_thumbnail(painter, thumb, str(index.data(KEY_ROLE)))
        words = QRect(thumb.right() + Space.ROW, rect.top() + 3, rect.right() - thumb.right() - 2 * Space.ROW, 18)
        self._paint_line(painter, words, str(index.data()), "text", self._appearance.font("body", 500))
        small = self._appearance.font("small", tabular=True)
        self._paint_line(painter, words.translated(0, 16), str(index.data(WORDS_ROLE)), "text2", small)
        painter.restore()

    def _paint_thumbnail(self, painter: QPainter, rect: QRect, key: str) -> None:
        image, frame = self._thumbnail(key), QPainterPath()
        frame.addRoundedRect(QRectF(rect), Radius.KEY, Radius.KEY)
        painter.save()
        painter.setClipPath(frame)
        painter.fillRect(rect, self._appearance.theme.color("raised"))
        if image is not None and not image.isNull():
            painter.drawImage(QRectF(rect), image, cover(image.size(), rect.size()))
        painter.restore()

    def _paint_line(self, painter: QPainter, rect: QRect, text: str, token: str, font: QFont) -> None:
        painter.setFont(font)
        painter.setPen(self._appearance.theme.color(token))
        shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
