"""Work that went to the user's data folder while the project's own place could not be written to comes home."""

import time
from pathlib import Path

from fcn_gui.core.errors import SaveError
from fcn_gui.disk.atomic import save_error, write_bytes
from fcn_gui.disk.image_keys import is_inside, is_safe_key
from fcn_gui.disk.journal import Journal
from fcn_gui.disk.lock import ProjectLock
from fcn_gui.disk.project_header import HEADER_NAME, read_header
from fcn_gui.disk.rewrite import recover
from fcn_gui.disk.state_log import StateLog
from fcn_gui.disk.stems import Stems


def bring_back(source: Path, target: Path) -> list[str]:
    """Move the newer work of the project files in `source` to those in `target`; returns the keys of its images.

    A mask with its vouch map comes where it is newer than the one at home, strokes go behind those at home, a first
    look or checkpoint only where home has none. What was in `source` is kept under another name. Raises LockedError
    while somebody has one of the two open, and what reading and writing raises; then all of it can be done again.
    """
    with ProjectLock.acquire(source), ProjectLock.acquire(target):
        read_header(target / HEADER_NAME)  # a newer program's project is left alone
        for place in (source, target):
            recover(place)
        returned = _Return(source, target)
        keys = [key for key in returned.stored_keys() if returned.bring(key)]
        _copy_missing(source, target, (HEADER_NAME,))
        _copy_missing(source, target, [f"checkpoints/{path.name}" for path in (source / "checkpoints").glob("*.*")])
    source.rename(source.with_name(f"{source.name}.returned-{time.time_ns()}"))
    return keys


class _Return:
    def __init__(self, source: Path, target: Path) -> None:
        self._source, self._target = source, target
        self._rows, named = StateLog(source).read()
        self._log = StateLog(target)
        home_rows, self._home_named = self._log.read()
        self._stems, self._home_stems = Stems(self._rows, named), Stems(home_rows, self._home_named)
        self._named = named

    def stored_keys(self) -> list[str]:
        """Every image of which there is something."""
        hashed = {stem: key for key, stem in self._named.items()}
        stored = [
            path.relative_to(self._source / kind).as_posix().removesuffix(suffix)
            for kind, suffix in (("masks", ".png"), ("journal", ".jsonl"))
            for path in (self._source / kind).rglob(f"*{suffix}")
        ]
        keys = {hashed.get(stem, stem) for stem in stored} | set(self._rows)
        return sorted(key for key in keys if is_safe_key(key))

    def bring(self, key: str) -> bool:
        """Whether there was something newer."""
        stem, home = self._stems.stem_for(key), self._home_stems.stem_for(key)
        if home != key and key not in self._home_named:
            self._log.append_stem(key, home)
        is_newer = _time(self._source / "masks" / f"{stem}.png") > _time(self._target / "masks" / f"{home}.png")
        if is_newer:
            for kind in ("masks", "vouch", "imported"):
                _copy(self._source / kind / f"{stem}.png", self._target, f"{kind}/{home}.png")
        if not (self._target / "first" / f"{home}.png").exists():
            _copy(self._source / "first" / f"{stem}.png", self._target, f"first/{home}.png")
        strokes = Journal(self._source / "journal", stem).read()
        if strokes:
            journal = Journal(_inside(self._target, f"journal/{home}.jsonl").parent, Path(home).name)
            for stroke in strokes:
                journal.append(stroke)
            journal.sync()
        if key in self._rows and (is_newer or strokes):
            self._log.append(self._rows[key])
        return is_newer or bool(strokes)


def _time(path: Path) -> float:
    return path.stat().st_mtime if path.is_file() else 0.0


def _copy_missing(source: Path, target: Path, names: tuple[str, ...] | list[str]) -> None:
    for name in names:
        if not (target / name).exists():
            _copy(source / name, target, name)


def _copy(source: Path, target: Path, name: str) -> None:
    if source.is_file():
        try:
            data = source.read_bytes()
        except OSError as error:
            raise save_error(source, error) from error
        write_bytes(_inside(target, name), data)


def _inside(target: Path, name: str) -> Path:
    path = target / name
    if not is_inside(path, target):
        raise SaveError(f"{path} is a link that leads out of the project; remove it, then open the project again.")
    return path
