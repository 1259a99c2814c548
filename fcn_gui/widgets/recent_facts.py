"""What the welcome page will say of a folder, taken while it is open: figures and two small pictures, as plain JSON."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageWriter

from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.project import Status

PICTURE_PX = (134, 112)
LOOKED_AT = 12


def recent_facts(model: SessionModel) -> dict[str, Any]:
    """`images`, `verified`, `seconds` of work, `pictures` (PNG in base64) of the open folder; {} while none is open."""
    project = model.project
    if project is None:
        return {}
    pictures = [text for item in project.items[:LOOKED_AT] if (text := _encoded(model.thumbnail(item.key)))]
    return {
        "images": len(project.items),
        "verified": sum(item.status is Status.VERIFIED for item in project.items),
        "seconds": round(sum(item.seconds for item in project.items)),
        "pictures": pictures[:2],
    }


def pictures_of(facts: Mapping[str, Any]) -> list[QImage]:
    """The small pictures, read with care: they come from a file."""
    names = facts.get("pictures")
    images = []
    for text in names[:2] if isinstance(names, list) else []:
        image = QImage.fromData(QByteArray.fromBase64(str(text).encode("ascii", "ignore")))
        if not image.isNull():
            images.append(image)
    return images


def _encoded(image: QImage | None) -> str:
    if image is None or image.isNull():
        return ""
    small = image.scaled(
        *PICTURE_PX, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(small)
    return base64.b64encode(bytes(buffer.data().data())).decode("ascii")
