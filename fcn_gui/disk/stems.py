"""Under which name the files of an image are stored.

As a rule its key. A key that is too long for another suffix, or that would meet the files of another image (equal but
for case or Unicode form, or a folder named like a stored file), is stored under the SHA-256 of the key.
"""

import hashlib
import sys
import unicodedata
from collections.abc import Iterable, Mapping

_NAME_BYTES = 255 - len(".jsonl")
_PATH_BYTES = 200 if sys.platform == "win32" else 3800
_STORED_SUFFIXES = (".png", ".jsonl")


class Stems:
    """Which key owns which stored name; `taken` are keys known from before, `hashed` those stored under a digest."""

    def __init__(self, taken: Iterable[str] = (), hashed: Mapping[str, str] | None = None) -> None:
        self._hashed = dict(hashed or {})
        self._owners: dict[str, str] = {}
        for key in taken:
            if key not in self._hashed and not is_too_long(key):
                self._owners.setdefault(_folded(key), key)

    def stem_for(self, key: str) -> str:
        """The stored name of a key, without suffix, with `/`; it stays the same from now on."""
        if key in self._hashed:
            return self._hashed[key]
        if not is_too_long(key) and self._owners.setdefault(_folded(key), key) == key:
            return key
        return self._hashed.setdefault(key, digest_of(key))

    @property
    def hashed(self) -> Mapping[str, str]:
        return self._hashed


def digest_of(key: str) -> str:
    """64 hex digits."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def is_too_long(key: str) -> bool:
    """Whether the file system can't hold the key with another suffix, or could take it for a stored file's folder."""
    *folders, name = key.split("/")
    return (
        len(name.encode("utf-8", "surrogateescape")) > _NAME_BYTES
        or len(key.encode("utf-8", "surrogateescape")) > _PATH_BYTES
        or any(folder.lower().endswith(_STORED_SUFFIXES) for folder in folders)
    )


def _folded(key: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", key).casefold())
