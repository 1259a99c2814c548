"""Small pictures for the list: the photo with its mask over it, made on a thread of their own, newest wish first."""

from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.image_io import read_small
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.palette import overlay_colors
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import VOID, Image, Mask
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.thumbnails import ThumbnailCache, file_stamp
from fcn_gui.qt.images import to_qimage
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session.session import Session

LONG_SIDE_PX = 160
MOST = 400
"""In memory, 60 KB each; the others are read from the cache on disk when they are seen again."""
MOST_WAITING = 60
TINT = 0.45


class ThumbnailLoader(QObject):
    """Thumbnails by key, bounded in number; one that isn't there is made and told by `ready`."""

    ready = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = Runner("thumbnails")
        self._made: OrderedDict[str, QImage | None] = OrderedDict()
        self._waiting: OrderedDict[str, None] = OrderedDict()
        self._task: Task | None = None

    def get(self, key: str) -> QImage | None:
        """The picture, or None while it is made (or can't be)."""
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        self._want(key)
        return None

    def renew(self, key: str) -> None:
        """The mask of `key` changed on disk."""
        if key in self._made:
            self._want(key)

    def renew_all(self) -> None:
        """All masks changed on disk."""
        for key in list(self._made):
            self._want(key)

    def forget(self) -> None:
        """Another folder."""
        self._made.clear()
        self._waiting.clear()
        self._task = None

    def close(self) -> None:
        """End the thread."""
        self.forget()
        self._runner.close()

    def _want(self, key: str) -> None:
        self._waiting[key] = None
        self._waiting.move_to_end(key)
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popitem(last=False)  # scrolled away long ago; asked for again when it is seen
        self._next()

    def _next(self) -> None:
        project = self._session.project
        if self._task is not None or not self._waiting or project is None:
            return
        key, _ = self._waiting.popitem()
        job = make_thumbnail(project.folder, key, project.label_map, self._session.is_read_only)
        task = self._task = Task("thumbnail", job)
        task.finished.connect(lambda image: self._done(task, key, image))
        task.failed.connect(lambda _: self._done(task, key, None))
        self._runner.submit(task)

    def _done(self, task: Task, key: str, image: object) -> None:
        if self._task is not task:
            return
        self._task = None
        self._made[key] = image if isinstance(image, QImage) else None
        self._made.move_to_end(key)
        while len(self._made) > MOST:
            self._made.popitem(last=False)
        self.ready.emit(key)
        self._next()


def make_thumbnail(
    folder: ProjectFolder, key: str, label_map: LabelMap | None, is_read_only: bool = False
) -> Job[QImage]:
    """At most 160 px on its long side, the saved mask over it at 45 %. Raises ImageError, ProjectError."""
    yield Progress(text=key)
    photo = _small_photo(folder, key, is_read_only)
    try:
        mask = folder.read_mask(key) if label_map is not None else None
    except FcnGuiError:
        mask = None  # the list says what is wrong with it; the photo can still be seen
    return to_qimage(photo if mask is None or label_map is None else _tinted(photo, mask, label_map))


def _small_photo(folder: ProjectFolder, key: str, is_read_only: bool) -> Image:
    path: Path = folder.image_path(key)
    cache, stamp = ThumbnailCache(folder.cache_dir / "thumbnails"), file_stamp(path)
    kept = cache.read(key, stamp)
    if kept is not None:
        return kept
    photo = read_small(path, LONG_SIDE_PX)
    if not is_read_only and folder.dir.is_dir():
        cache.write(key, stamp, photo)
    return photo


def _tinted(photo: Image, mask: Mask, label_map: LabelMap) -> Image:
    height, width = photo.shape[:2]
    small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST)
    table = np.zeros((256, 3), np.float32)
    table[: len(label_map)] = overlay_colors(label_map)
    table[VOID] = 236
    part = np.where(small == 0, 0.0, TINT).astype(np.float32)[..., None]
    tinted: Image = (photo * (1 - part) + table[small] * part).astype(np.uint8)
    return tinted
