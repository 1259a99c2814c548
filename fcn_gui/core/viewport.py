"""Where the image lies on the screen: zoom, pan, and the way between image and screen positions.

Positions are (x, y). Screen positions count in logical pixels of the widget, image positions in image pixels with
pixel centres at .5; `screen = offset + image · zoom`.
"""

from dataclasses import dataclass, replace
from math import ceil, floor

from fcn_gui.core.raster import Rect

XY = tuple[float, float]
SMALLEST_ZOOM, LARGEST_ZOOM = 0.01, 64.0
FIT_MARGIN_PX = 16
KEPT_IN_SIGHT_PX = 48  # so much of the image can't be panned out of the widget


@dataclass(frozen=True)
class Viewport:
    """An image of `image_wh` pixels in a widget of `widget_wh` logical pixels, `zoom` screen pixels an image pixel."""

    image_wh: tuple[int, int]
    widget_wh: tuple[int, int]
    zoom: float = 1.0
    offset_xy: XY = (0.0, 0.0)

    def fit(self, margin_px: float = FIT_MARGIN_PX) -> "Viewport":
        """The whole image, centred, with a margin around it where there is room for one; small images are enlarged."""
        room = [max(1.0, side - 2 * margin_px) for side in self.widget_wh]
        zoom = min(room[0] / max(1, self.image_wh[0]), room[1] / max(1, self.image_wh[1]))
        return self._centred(_within(zoom))

    def actual_size(self, around_xy: XY | None = None) -> "Viewport":
        """One image pixel a screen pixel; `around_xy` (screen, the middle by default) stays where it is."""
        return self._zoomed_to(1.0, around_xy or self._middle)

    def zoomed_at(self, factor: float, xy: XY) -> "Viewport":
        """Zoomed by `factor`, with the image point under the screen position `xy` staying there."""
        return self._zoomed_to(_within(self.zoom * factor), xy)

    def _zoomed_to(self, zoom: float, xy: XY) -> "Viewport":
        ratio = zoom / self.zoom
        offset = (xy[0] - (xy[0] - self.offset_xy[0]) * ratio, xy[1] - (xy[1] - self.offset_xy[1]) * ratio)
        return replace(self, zoom=zoom, offset_xy=offset)._in_sight()

    def panned(self, dx: float, dy: float) -> "Viewport":
        """Moved by screen pixels, as far as a part of the image stays in sight."""
        return replace(self, offset_xy=(self.offset_xy[0] + dx, self.offset_xy[1] + dy))._in_sight()

    def resized(self, widget_wh: tuple[int, int]) -> "Viewport":
        """In a widget of another size, with the image point in the middle staying there."""
        dx, dy = (widget_wh[0] - self.widget_wh[0]) / 2, (widget_wh[1] - self.widget_wh[1]) / 2
        return replace(self, widget_wh=widget_wh).panned(dx, dy)

    def centred_on(self, image_xy: XY) -> "Viewport":
        """The same zoom with an image point in the middle."""
        x, y = self.to_screen(image_xy)
        return self.panned(self._middle[0] - x, self._middle[1] - y)

    def to_image(self, xy: XY) -> XY:
        """Image position under a screen position, which may lie outside of the image."""
        return (xy[0] - self.offset_xy[0]) / self.zoom, (xy[1] - self.offset_xy[1]) / self.zoom

    def to_screen(self, xy: XY) -> XY:
        """Screen position of an image position."""
        return self.offset_xy[0] + xy[0] * self.zoom, self.offset_xy[1] + xy[1] * self.zoom

    def visible_rect(self) -> Rect:
        """Image pixels that show in the widget, partly shown ones included."""
        (x0, y0), (x1, y1) = self.to_image((0, 0)), self.to_image((self.widget_wh[0], self.widget_wh[1]))
        shape = (self.image_wh[1], self.image_wh[0])
        return Rect(floor(x0), floor(y0), ceil(x1), ceil(y1)).clipped(shape)

    @property
    def _middle(self) -> XY:
        return self.widget_wh[0] / 2, self.widget_wh[1] / 2

    def _centred(self, zoom: float) -> "Viewport":
        x = (self.widget_wh[0] - self.image_wh[0] * zoom) / 2
        y = (self.widget_wh[1] - self.image_wh[1] * zoom) / 2
        return replace(self, zoom=zoom, offset_xy=(x, y))

    def _in_sight(self) -> "Viewport":
        offset = tuple(
            _kept(at, image * self.zoom, widget)
            for at, image, widget in zip(self.offset_xy, self.image_wh, self.widget_wh, strict=True)
        )
        return replace(self, offset_xy=(offset[0], offset[1]))


def _within(zoom: float) -> float:
    return min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)


def _kept(at: float, shown_px: float, widget_px: float) -> float:
    """An offset at which at least a part of the image (all of it, where it is that small) is in the widget."""
    part = min(KEPT_IN_SIGHT_PX, shown_px, widget_px)
    return min(max(at, part - shown_px), widget_px - part)
