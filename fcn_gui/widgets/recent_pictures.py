"""The small pictures of a recent folder, as text among its facts (PNG in base64), and read again."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageWriter

PICTURE_PX = (134, 112)
PICTURES = 2


def pictures_of(facts: Mapping[str, Any]) -> list[QImage]:
    """The small pictures, read with care: they come from a file."""
    names = facts.get("pictures")
    images = []
    for text in names[:PICTURES] if isinstance(names, list) else []:
        image = QImage.fromData(QByteArray.fromBase64(str(text).encode("ascii", "ignore")))
        if not image.isNull():
            images.append(image)
    return images


def picture_text(image: QImage | None) -> str:
    """The picture made small, as text; empty for none."""
    if image is None or image.isNull():
        return ""
    small = image.scaled(
        *PICTURE_PX, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(small)
    return base64.b64encode(bytes(buffer.data().data())).decode("ascii")
