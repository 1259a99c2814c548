"""The picture of one open image: layers kept at the device's pixels, renewed only where something changed.

`mark` says which image pixels are stale; nothing is computed before a paint event asks for it, so many moves of the
hand between two frames cost one.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from fcn_gui.core.palette import Colors
from fcn_gui.core.raster import Mask, Rect
from fcn_gui.core.viewport import Viewport
from fcn_gui.qt.view_state import ViewState
from fcn_gui.session.comparison import Comparison
from fcn_gui.session.document import Document
from fcn_gui.widgets.borders import BorderLayers
from fcn_gui.widgets.mask_layer import MaskLayer
from fcn_gui.widgets.mask_painter import CASING_PX, MaskStyle
from fcn_gui.widgets.photo_layer import PhotoLayer, Tone
from fcn_gui.widgets.placement import Grid, Placement
from fcn_gui.widgets.region_hover import RegionHover
from fcn_gui.widgets.score_layers import ScoreLayers
from fcn_gui.widgets.shown_mask import LivePaint, ShownMask
from fcn_gui.widgets.tools import Segment

OUTLINE_ROOM_PX = 3 + CASING_PX
"""Logical pixels around a changed region that its outlines can touch, smoothing included."""


class Stage:
    """Layers of `document` as `view` wants them, for one viewport at a time; read-only towards the document."""

    def __init__(self, document: Document, view: ViewState, colors: Colors, viewport: Viewport, ratio: float) -> None:
        self._document = document
        self._view = view
        self._colors = colors
        self._photo = PhotoLayer(document.picture.image)
        self._scores: ScoreLayers | None = None
        self._borders = BorderLayers(document)
        self.comparison: Comparison | None = None
        """What two checkpoints say of this image, once somebody asked."""
        self._mask = MaskLayer()
        self._live: tuple[LivePaint, list[Segment], float] | None = None
        self.viewport, self.placement = viewport, Placement.of(viewport, ratio)
        self.renew_mask()

    # What changed

    def set_viewport(self, viewport: Viewport, ratio: float) -> None:
        """Another zoom, place or screen."""
        self.viewport = viewport
        before, self.placement = self.placement, Placement.of(viewport, ratio)
        self._mask.move(before, self.placement)
        self._sample()

    def set_colors(self, colors: Colors) -> None:
        """Other overlay colours, K×3."""
        self._colors = colors
        self.mark_all()

    def renew_mask(self) -> None:
        """The document's arrays may be others than before."""
        self._sample()
        self.mark_all()

    def renew_prediction(self) -> None:
        """Another prediction stands behind heatmap, uncertainty and eraser."""
        self._scores = None
        self._borders.forget()
        if self._live is None:
            self._sample(keeps_seen=True)

    def mark_all(self) -> None:
        """Everything about the mask is to be drawn again."""
        self._mask.spoil_all(self.placement)
        self._borders.forget_mask()

    def mark(self, rect: Rect) -> QRect:
        """Image pixels `rect` may look different; the logical pixels to repaint, empty where nothing does.

        What shows is compared with what was drawn, so the end of a stroke, which only makes its preview true, costs
        nothing.
        """
        grid = self.placement.grid
        cells = grid.cells_under(self.placement.device_rect(rect))
        if cells.is_empty:
            return QRect()
        labels, vouched = self._shown.window(cells)
        seen_labels, seen_vouched = (seen[cells.slices] for seen in self._seen)
        changed = Rect.around((labels != seen_labels) | (vouched != seen_vouched))
        if changed is None:
            return QRect()
        seen_labels[:], seen_vouched[:] = labels, vouched
        self._borders.forget_mask()
        room_px = OUTLINE_ROOM_PX + self._view.outline_px
        device = self.placement.cells_rect(_moved(changed, cells.x0, cells.y0), room_px)
        self._mask.spoil(device)
        return self._logical(device)

    def _sample(self, keeps_seen: bool = False) -> None:
        """The mask on the present grid, the open stroke over it."""
        masked, grid = self._document.masked, self.placement.grid
        self._shown = ShownMask(masked.mask, masked.vouch, self._document.proposal, grid)
        if self._live is not None:
            paint, segments, radius_px = self._live
            self._shown.begin(paint)
            for start, end in segments:
                self._shown.cover(start, end, radius_px)
        if not keeps_seen:
            labels, vouched = self._shown.window(Rect(0, 0, grid.cols, grid.rows))
            self._seen = (labels.copy(), vouched.copy())

    # The open stroke

    def begin_stroke(self, paint: LivePaint, radius_px: float) -> None:
        """From now on the mask shows what the stroke would do."""
        self._live = (paint, [], radius_px)
        self._shown.begin(paint)

    def extend_stroke(self, segments: list[Segment]) -> QRect:
        """Add pieces of the path; the logical pixels to repaint."""
        if self._live is None:
            return QRect()
        _, known, radius_px = self._live
        dirty = QRect()
        for start, end in segments:
            known.append((start, end))
            self._shown.cover(start, end, radius_px)
            dirty |= self.mark(_reach((start, end), radius_px))
        return dirty

    def end_stroke(self) -> Rect | None:
        """Back to the document's own mask; the image pixels to `mark` when it took the stroke over, or did not."""
        if self._live is None:
            return None
        _, segments, radius_px = self._live
        self._live = None
        self._shown.end()
        return Rect.union_of(_reach(segment, radius_px) for segment in segments)

    # Paint

    def work_ahead(self) -> bool:
        """One short piece of what the next `paint` needs; False where nothing is left to do."""
        placement, tone = self.placement, self._tone()
        if placement.shown.is_empty:
            return False
        if not self._photo.is_drawn(placement, tone):
            self._photo.picture(placement, tone)
        elif self._shows_mask() and not self._mask.is_ready:
            self._mask.work_ahead(self._shown, placement, self._style())
        else:
            return False
        return True

    def paint(self, painter: QPainter, exposed: QRect, accent: QColor, hover: RegionHover | None = None) -> None:
        """Paint the logical rectangle `exposed`, `hover` on top; the painter is in logical pixels."""
        placement = self.placement
        if placement.shown.is_empty:
            return
        painter.save()
        painter.scale(1 / placement.ratio, 1 / placement.ratio)
        dirty = self._device(exposed)
        _blit(painter, self._photo.picture(placement, self._tone()), dirty, placement.shown)
        if not self._view.bare:
            self._paint_overlays(painter, dirty, self._is_heat(), accent)
        if hover is not None:
            hover.paint(painter, placement)
        painter.restore()

    def shown_labels(self) -> Mask:
        """H×W uint8 labels of the mask with the open stroke, at the image's own pixels."""
        document = self._document
        height, width = document.masked.mask.shape
        grid = Grid(0, 0, 1.0, width, height, 0, 0, 1.0, 0)
        shown = ShownMask(document.masked.mask, document.masked.vouch, document.proposal, grid)
        if self._live is not None:
            paint, segments, radius_px = self._live
            shown.begin(paint)
            for start, end in segments:
                shown.cover(start, end, radius_px)
        return shown.window(Rect(0, 0, width, height))[0].copy()

    def _paint_overlays(self, painter: QPainter, dirty: Rect, is_heat: bool, accent: QColor) -> None:
        placement, view = self.placement, self._view
        scores = self._score_layers()
        if is_heat and scores is not None:
            label = view.shown_heatmap_label
            picture = scores.heatmap(placement, label, view.heat_opacity, view.hide_below)
            _blit(painter, picture, dirty, placement.shown)
            self._borders.paint_prediction(painter, placement, label)
        if self._shows_mask():
            picture = self._mask.picture(self._shown, placement, self._style())
            _blit(painter, picture, dirty, Rect(0, 0, *placement.device_wh))
        if view.mode == "difference":
            self._borders.paint_difference(painter, placement, accent)
        elif view.mode == "doubts":
            self._borders.paint_doubts(painter, placement, accent)
        elif view.mode == "comparison" and self.comparison is not None:
            self._borders.paint_comparison(painter, placement, self.comparison, accent)
        amount = view.dots_below if view.mode == "uncertainty" else view.uncertainty
        if amount > 0 and scores is not None and not is_heat:
            scores.paint_dots(painter, placement, dirty, amount)

    def _is_heat(self) -> bool:
        return self._view.mode == "heatmap" and self._document.prediction is not None and not self._view.bare

    def _tone(self) -> Tone:
        view = self._view
        return Tone(view.brightness, view.contrast, view.gamma, self._is_heat() and view.grey_photo)

    def _shows_mask(self) -> bool:
        return not self._view.bare and (not self._is_heat() or self._live is not None)

    def _score_layers(self) -> ScoreLayers | None:
        if self._scores is None and self._document.prediction is not None:
            self._scores = ScoreLayers(self._document.prediction)
        return self._scores

    def _style(self) -> MaskStyle:
        view = self._view
        is_mask = view.mode in ("mask", "heatmap")
        opacity = view.opacity if is_mask else 0.0
        solo = view.hovered_label
        return MaskStyle(self._colors, opacity, view.outline_px, view.hidden, solo)

    def _logical(self, device: Rect) -> QRect:
        ratio = self.placement.ratio
        rect = QRectF(device.x0 / ratio, device.y0 / ratio, device.width / ratio, device.height / ratio)
        return rect.toAlignedRect()

    def _device(self, logical: QRect) -> Rect:
        ratio = self.placement.ratio
        x0, y0 = int(logical.left() * ratio), int(logical.top() * ratio)
        x1, y1 = int((logical.right() + 1) * ratio + 1), int((logical.bottom() + 1) * ratio + 1)
        return Rect(x0, y0, x1, y1)


def _moved(rect: Rect, dx: int, dy: int) -> Rect:
    return Rect(rect.x0 + dx, rect.y0 + dy, rect.x1 + dx, rect.y1 + dy)


def _reach(segment: Segment, radius_px: float) -> Rect:
    """Image pixels that a piece of a stroke can touch."""
    (ax, ay), (bx, by) = segment
    return Rect(
        int(min(ax, bx) - radius_px) - 1,
        int(min(ay, by) - radius_px) - 1,
        int(max(ax, bx) + radius_px) + 2,
        int(max(ay, by) + radius_px) + 2,
    )


def _blit(painter: QPainter, picture: QImage, dirty: Rect, place: Rect) -> None:
    """Draw the part of `picture`, which lies at `place`, that is inside `dirty`; all in device pixels."""
    x0, y0 = max(dirty.x0, place.x0), max(dirty.y0, place.y0)
    x1, y1 = min(dirty.x1, place.x0 + picture.width()), min(dirty.y1, place.y0 + picture.height())
    if picture.isNull() or x0 >= x1 or y0 >= y1:
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    source = QRect(x0 - place.x0, y0 - place.y0, x1 - x0, y1 - y0)
    painter.drawImage(QRect(x0, y0, x1 - x0, y1 - y0), picture, source, Qt.ImageConversionFlag.AutoColor)
