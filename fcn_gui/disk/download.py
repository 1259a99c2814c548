"""A published file into the cache: with progress, going on where it broke off, and kept only if its sum is right.

What has come so far lies beside the target as `.part`, so an interrupted download goes on at the next call, in this
process or another one. Only the sum decides whether a file is whole: what a server says of its length is not believed.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import platformdirs

from fcn_gui.core.errors import DownloadError, LockedError
from fcn_gui.core.progress import Job, Progress
from fcn_gui.disk.atomic import make_folder, save_error, sync_folder
from fcn_gui.disk.lock import ProjectLock
from fcn_gui.disk.published_weights import Published
from fcn_gui.disk.user_data import PROGRAM

TIMEOUT_S = 30.0
"""How long a server may say nothing."""
_MOST_BYTES = 2 << 30
"""Where nobody says how large a file is: no published weights here are larger."""
_CHUNK = 1 << 18
_ATTEMPTS = 4
_TOTAL = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


def cache_dir() -> Path:
    """Where downloads are kept; may be deleted at any time."""
    return platformdirs.user_cache_path(PROGRAM, appauthor=False) / "weights"


def download(what: Published, folder: Path, timeout_s: float = TIMEOUT_S) -> Job[Path]:
    """The file in `folder`, fetched unless it is there; progress is in bytes.

    Raises DownloadError in one sentence (offline, broken off, a wrong sum), SaveError where it can't be written.
    """
    target = folder / what.file
    try:
        make_folder(folder)
        lock = ProjectLock.acquire(folder)
    except OSError as error:
        raise save_error(target, error) from error
    except LockedError as error:
        raise DownloadError(f"Another fcn-gui is downloading into {folder}; wait for it to end.") from error
    with lock:
        if target.is_file() and (yield from _has_digest(target, what)):
            return target
        part = target.with_name(f"{target.name}.part")
        yield from _fetch_all(what, part, timeout_s)
        if not (yield from _has_digest(part, what)):
            part.unlink(missing_ok=True)
            raise DownloadError(
                f"{what.url} is not the published file: its checksum is wrong; it was deleted, try again."
            )
        try:
            part.replace(target)
            sync_folder(folder)
        except OSError as error:
            raise save_error(target, error) from error
    return target


def _fetch_all(what: Published, part: Path, timeout_s: float) -> Job[None]:
    """Ask until all is there; a server that breaks off is asked again as long as each answer brings something."""
    for attempt in range(1, _ATTEMPTS + 1):
        before = _size(part)
        try:
            yield from _fetch(what, part, timeout_s)
            return
        except (http.client.HTTPException, urllib.error.URLError, OSError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            got = _size(part)
            if got <= before or attempt == _ATTEMPTS or isinstance(error, urllib.error.HTTPError):
                raise DownloadError(_words(what, got, error)) from error


def _fetch(what: Published, part: Path, timeout_s: float) -> Job[None]:
    """One request for what is missing, appended to `part`."""
    have = _size(part)
    if what.size and have == what.size:
        return
    request = urllib.request.Request(what.url, headers={"User-Agent": PROGRAM})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        answer = urllib.request.urlopen(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # nothing is left to send: the sum says whether that is so
            raise
        error.close()
        return
    with answer:
        start, total = _extent(what, answer.headers, answer.status, have)
        with _opened(part, start) as file:
            yield from _copy(what, answer, file, start, total)


def _extent(what: Published, headers: http.client.HTTPMessage, status: int, have: int) -> tuple[int, int]:
    """Where in the file the answer begins, and the whole length (0: not said). DownloadError for a wrong one."""
    if headers.get_content_type() == "text/html":
        raise DownloadError(
            f"{what.url} answered with a web page; fetch {what.file} with a browser, then "
            f"`{PROGRAM} checkpoints import` it."
        )
    text = headers.get("Content-Length", "")
    start, length = 0, int(text) if text.isdecimal() else 0
    said = _TOTAL.fullmatch(headers.get("Content-Range", ""))
    if status == 206 and said and int(said[1]) == have:
        start, length = have, 0 if said[2] == "*" else int(said[2])
    elif status == 206:
        raise DownloadError(f"{what.url} sent another part than the one asked for; try again later.")
    if length > (what.size or _MOST_BYTES) or (length and what.size and length != what.size):
        raise DownloadError(f"{what.url} offers {length} bytes, not the {what.size or _MOST_BYTES} of {what.file}.")
    return start, length or what.size


def _copy(what: Published, answer: http.client.HTTPResponse, file: IO[bytes], start: int, total: int) -> Job[None]:
    """The answer into the file. OSError or HTTPException where it ends too soon, DownloadError where it goes on."""
    done, most = start, total or what.size or _MOST_BYTES
    while chunk := answer.read1(_CHUNK):
        done += len(chunk)
        if done > most:
            raise DownloadError(f"{what.url} sends more than the {most} bytes of {what.file}; try again later.")
        _write(file, chunk)
        yield Progress(done, total, what.name)
    if done < total:
        raise http.client.IncompleteRead(b"", total - done)


def _write(file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
        file.flush()
    except OSError as error:
        raise save_error(Path(file.name), error) from error


def _opened(part: Path, start: int) -> IO[bytes]:
    try:
        return part.open("ab" if start else "wb")
    except OSError as error:
        raise save_error(part, error) from error


def _has_digest(path: Path, what: Published) -> Job[bool]:
    kind, _, wanted = what.digest.partition(":")
    digest, done = hashlib.new(kind, usedforsecurity=False), 0
    shown = time.monotonic()
    try:
        total = path.stat().st_size
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                done += len(chunk)
                if time.monotonic() - shown > 0.1:
                    shown = time.monotonic()
                    yield Progress(done, total, f"checking {what.name}")
    except OSError as error:
        raise DownloadError(f"{path} can't be read: {error.strerror or error}; delete it and try again.") from error
    return digest.hexdigest().startswith(wanted)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _words(what: Published, got: int, error: Exception) -> str:
    host = urlsplit(what.url).netloc
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(error, urllib.error.HTTPError):
        return f"{host} does not give {what.file} ({error.code} {error.reason}); try again later."
    if isinstance(reason, TimeoutError):
        return f"{host} stopped answering after {got} bytes of {what.file}; call again to go on from there."
    if isinstance(reason, http.client.IncompleteRead | ConnectionError) and got:
        return f"{host} broke off after {got} bytes of {what.file}; call again to go on from there."
    return f"{host} can't be reached for {what.file} ({reason}); is this computer online?"
