"""Which folder was meant by something dropped on the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData


def dropped_folder(data: QMimeData) -> Path | None:
    """The first folder among what is dragged, or the folder of the first file; None where there is neither."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    folders = [path for path in paths if path.is_dir()]
    if folders:
        return folders[0]
    files = [path.parent for path in paths if path.is_file()]
    return files[0] if files else None
