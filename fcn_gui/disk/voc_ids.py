"""Ids of an export: one for each image, usable as a file's name and as a line of a list on every system."""

import unicodedata
from collections.abc import Sequence

from fcn_gui.disk.voc import IMAGES

_MOST_BYTES = 200  # leaves room for a number and a suffix in a name of 255 bytes
_RESERVED = set('<>:"\\|?*/')


def export_ids(keys: Sequence[str]) -> list[str]:
    """An id for each key, in order: flattened, without white space, numbered where two would be equal but for case.

    Depends on the keys and their order alone: give it all images of a project, not only those exported, so that an
    image keeps its id.
    """
    taken: set[str] = set()
    return [_free(plain_id(key), taken) for key in keys]


def plain_id(key: str) -> str:
    """The id that a key gets where no other image has it."""
    name = "".join(_allowed(c) for c in unicodedata.normalize("NFC", own_name(key)))
    name = name.lstrip(".-")  # not hidden, not an option
    while len(name.encode()) > _MOST_BYTES:
        name = name[:-1]
    return name or "image"


def own_name(key: str) -> str:
    """The key without suffix, and in a data set without the folders up to its images: an id stays what it was."""
    folders = key.split("/")
    start = folders.index(IMAGES) + 1 if IMAGES in folders[:-1] else 0
    name, dot, suffix = "/".join(folders[start:]).rpartition(".")
    return name if dot and "/" not in suffix else suffix


def _allowed(character: str) -> str:
    if character in _RESERVED or character.isspace() or unicodedata.category(character)[0] in "CZ":
        return "_"  # control and format characters, lone surrogates, separators
    return character


def _free(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while _folded(found) in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(_folded(found))
    return found


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
