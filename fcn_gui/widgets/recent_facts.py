"""What the welcome page will say of a folder, taken while it is open: figures and two small pictures, as plain JSON."""

from __future__ import annotations

from itertools import islice
from typing import Any

from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.project import Status
from fcn_gui.widgets.recent_pictures import PICTURES, picture_text

LOOKED_AT = 12


def recent_facts(model: SessionModel) -> dict[str, Any]:
    """`images`, `verified`, `seconds`, `pictures` (PNG in base64) of the open folder; {} while none is open."""
    project = model.project
    if project is None:
        return {}
    # One after the other until there are enough: each takes a millisecond or two of the main thread.
    pictures = (text for item in project.items[:LOOKED_AT] if (text := picture_text(model.thumbnail(item.key))))
    return {
        "images": len(project.items),
        "verified": sum(item.status is Status.VERIFIED for item in project.items),
        "seconds": round(sum(item.seconds for item in project.items)),
        "pictures": list(islice(pictures, PICTURES)),
    }
