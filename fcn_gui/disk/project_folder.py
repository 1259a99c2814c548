"""The files of one project: header, masks, vouch maps, first looks, imported masks, journals, states.

Everything is made on the first write. Every path is checked: neither a key nor a link leads out of the folder.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from weakref import WeakValueDictionary

from fcn_gui.core.errors import FcnGuiError, ProjectError, SaveError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.raster import Mask, Vouch
from fcn_gui.core.refit import Refit
from fcn_gui.disk.atomic import remove_file, remove_leftovers
from fcn_gui.disk.bring_back import bring_back
from fcn_gui.disk.image_keys import check_key, is_inside, is_safe_key, scan_images
from fcn_gui.disk.journal import Journal
from fcn_gui.disk.lock import ProjectLock
from fcn_gui.disk.mask_file import read_indices, read_vouch, write_mask, write_vouch
from fcn_gui.disk.project_header import HEADER_NAME, ProjectHeader, read_header, write_header
from fcn_gui.disk.project_place import ProjectPlace, find_place, user_place
from fcn_gui.disk.refit_file import read_refit, write_refit
from fcn_gui.disk.rewrite import COMMITTED, FOLDERS, Rewrite, forget_rewrites, recover
from fcn_gui.disk.state_log import StateLog, StateRow
from fcn_gui.disk.stems import Stems

REFIT_NAME = "refit.safetensors"


class ProjectFolder:
    """An opened project; use `open`. Methods may be called from any thread; write only with the lock held."""

    def __init__(self, place: ProjectPlace) -> None:
        self._place = place
        self._log = StateLog(place.files)
        self._stems: Stems | None = None
        self._named: set[str] = set()
        self._lock = threading.RLock()
        self._journals: WeakValueDictionary[str, Journal] = WeakValueDictionary()
        for name in ("checkpoints", "cache"):
            self._checked(place.files / name)  # a link out is told when the project opens, not amid other work
        self.header = read_header(self._checked(place.files / HEADER_NAME))

    @classmethod
    def open(cls, folder: Path, project_dir: Path | None = None, user_dir: Path | None = None) -> "ProjectFolder":
        """The project of the photographs in `folder`, kept in `project_dir` (default `folder/.fcn-gui`).

        Where that can't be written to it is kept in the user's data folder (`user_dir`), and once it can, work from
        there comes back; `notice` says so. Raises ProjectError (also for a link out of it), NewerFormatError,
        LabelMapError, SaveError.
        """
        place = find_place(folder, project_dir, user_dir)
        away = user_place(place.photos, user_dir)
        if away.is_dir() and away != place.files:
            cls(place)  # refuses what can't be opened before anything is written
            place = replace(place, notice=_brought_back(away, place.files))
        return cls(place)

    def in_user_data(self, user_dir: Path | None = None) -> "ProjectFolder":
        """The same project in the user's data folder, for work that can't be saved here; `open` brings it back."""
        away = user_place(self.folder, user_dir)
        return ProjectFolder(ProjectPlace(self.folder, away, f"{self.dir} can't be written to: work goes to {away}."))

    @property
    def folder(self) -> Path:
        """The photographs; never written to."""
        return self._place.photos

    @property
    def dir(self) -> Path:
        """Where the project's files are; need not exist yet."""
        return self._place.files

    @property
    def notice(self) -> str:
        """What to tell the person about the place; empty when there is nothing."""
        return self._place.notice

    @property
    def checkpoints_dir(self) -> Path:
        return self._checked(self.dir / "checkpoints")

    @property
    def cache_dir(self) -> Path:
        return self._checked(self.dir / "cache")

    def lock(self) -> ProjectLock:
        """Take the project for writing. Raises LockedError, SaveError."""
        self._check_is_there()
        return ProjectLock.acquire(self._checked(self.dir))

    def scan(self) -> Iterator[str]:
        """Keys of all images, as `scan_images` finds them."""
        return scan_images(self.folder, left_out=self.dir)

    def image_path(self, key: str) -> Path:
        """The photograph of a key. Raises ProjectError for one outside the folder."""
        path = self.folder / check_key(key)
        if not is_inside(path, self.folder):
            raise ProjectError(f"{path} is a link that leads out of the project's folder; it is not opened.")
        return path

    def save_header(self, header: ProjectHeader) -> None:
        """Write project.json. Raises SaveError, and then `header` is what it was."""
        self._check_is_there()
        write_header(self._checked(self.dir / HEADER_NAME), header)
        self.header = header

    @property
    def is_cut_off(self) -> bool:
        """Masks and classes don't belong together until `recover` was called: a rewrite was cut off."""
        return (self.dir / COMMITTED).is_dir()

    def recover(self) -> None:
        """With the lock taken: finish a rewrite of all masks that was cut off. Raises SaveError, ProjectError."""
        recover(self._checked(self.dir))
        self.header = read_header(self._checked(self.dir / HEADER_NAME))

    def rewrite(self) -> Rewrite:
        """A rewrite of all masks, to be staged. Raises SaveError, ProjectError."""
        self._check_is_there()
        for name in FOLDERS:
            self._checked(self.dir / name)
        return Rewrite(self._checked(self.dir))

    def commit(self, rewrite: Rewrite) -> Path:
        """Put a staged rewrite into place; where the files of before are kept. Raises SaveError, CutOffError."""
        self._check_is_there()
        kept = rewrite.commit()
        self.header = read_header(self._checked(self.dir / HEADER_NAME))
        return kept

    def forget_rewrites(self) -> None:
        """Nobody will take them back any more."""
        forget_rewrites(self.dir)

    def mask_path(self, key: str) -> Path:
        """The file of a mask; need not exist."""
        return self._path("masks", key)

    def vouch_path(self, key: str) -> Path:
        """The file of a vouch map; need not exist."""
        return self._path("vouch", key)

    def has_mask(self, key: str) -> bool:
        return self.mask_path(key).is_file()

    def read_mask(self, key: str, shape: tuple[int, ...] | None = None) -> Mask | None:
        """H×W uint8, None where none was saved. Raises MaskError: damaged, not of `shape`, an index without a class."""
        return self._read("masks", key, lambda path: read_indices(path, self.header.label_map, shape))

    def write_mask(self, key: str, mask: Mask, label_map: LabelMap) -> None:
        """Save a mask as a whole, read back and compared. Raises SaveError, MaskError."""
        write_mask(self._path_to_write("masks", key), mask, label_map)

    def read_vouch(self, key: str, shape: tuple[int, ...] | None = None) -> Vouch | None:
        """H×W uint8 of 0, 1, 2, None where none was saved. Raises MaskError."""
        return self._read("vouch", key, lambda path: read_vouch(path, shape))

    def write_vouch(self, key: str, vouch: Vouch) -> None:
        """Save a vouch map like a mask. Raises SaveError."""
        write_vouch(self._path_to_write("vouch", key), vouch)

    def read_first_look(self, key: str, shape: tuple[int, ...] | None = None) -> Mask | None:
        """The first prediction, None where there was none. Raises MaskError."""
        return self._read("first", key, lambda path: read_indices(path, self.header.label_map, shape))

    def write_first_look(self, key: str, labels: Mask, label_map: LabelMap) -> None:
        """Save the first prediction; one that is there already stays for ever. Raises SaveError, MaskError."""
        path = self._path_to_write("first", key)
        if not path.exists():
            write_mask(path, labels, label_map)

    def read_import(self, key: str, shape: tuple[int, ...] | None = None) -> Mask | None:
        """The mask from elsewhere, void where it says nothing, None where none was imported. Raises MaskError."""
        return self._read("imported", key, lambda path: read_indices(path, self.header.label_map, shape))

    def write_import(self, key: str, labels: Mask, label_map: LabelMap) -> None:
        """Keep a mask from elsewhere beside the mask that it is the proposal of. Raises SaveError, MaskError."""
        write_mask(self._path_to_write("imported", key), labels, label_map)

    def drop_import(self, key: str) -> None:
        """The image follows the network again. Raises SaveError."""
        remove_file(self._path("imported", key))

    def journal(self, key: str) -> Journal:
        """The journal of an image; one object per key while somebody holds it."""
        self._path("journal", key, ".jsonl")
        with self._lock:
            found = self._journals.get(key)
            if found is None:
                found = self._journals[key] = Journal(self.dir / "journal", self.stem_for(key))
            return found

    def journalled_keys(self) -> list[str]:
        """Keys with strokes that were never saved: what a crash left."""
        folder = self._checked(self.dir / "journal")
        stems = sorted(path.relative_to(folder).as_posix().removesuffix(".jsonl") for path in folder.rglob("*.jsonl"))
        keys = {stem: key for key, stem in self._known_stems().hashed.items()}
        return [keys.get(stem, stem) for stem in stems if is_safe_key(stem)]

    def read_states(self) -> dict[str, StateRow]:
        """What is known of each image. Raises NewerFormatError, ProjectError."""
        rows, stems = self._log.read()
        with self._lock:
            if self._stems is None:
                self._stems, self._named = Stems(rows, stems), set(stems)
        return rows

    def read_refit(self) -> Refit | None:
        """The newest refit, None where none was saved. Raises CheckpointError."""
        path = self._checked(self.dir / REFIT_NAME)
        return read_refit(path) if path.is_file() else None

    def save_refit(self, refit: Refit) -> None:
        """Keep the newest refit in place of an older one. Raises SaveError."""
        self._check_is_there()
        write_refit(self._checked(self.dir / REFIT_NAME), refit)

    def drop_refit(self) -> None:
        """Another checkpoint is live: what was solved over the one before is nothing to it. Raises SaveError."""
        remove_file(self._checked(self.dir / REFIT_NAME))

    def append_state(self, row: StateRow) -> None:
        """Keep a row; it outlives the process at once, a power cut after `sync_states`. Raises SaveError."""
        check_key(row.key)
        self._check_is_there()
        self._checked(self._log.path)
        self._name(row.key)
        self._log.append(row)

    def sync_states(self) -> None:
        """Make all rows outlive a power cut; off the main thread. Raises SaveError."""
        self._log.sync()

    def compact(self) -> None:
        """On close: one row per image, and no temporary file of a killed process. Raises SaveError."""
        if not self.dir.is_dir():
            return
        rows, stems = self._log.read()
        if rows or stems:
            self._log.compact(rows, stems)
        remove_leftovers(self.dir)

    def stem_for(self, key: str) -> str:
        """Under which name, without suffix, the files of a key are stored. Raises ProjectError for an unsafe key."""
        with self._lock:
            return self._known_stems().stem_for(check_key(key))

    def _known_stems(self) -> Stems:
        if self._stems is None:
            self.read_states()
        assert self._stems is not None
        return self._stems

    def _read(self, kind: str, key: str, read: Callable[[Path], Mask]) -> Mask | None:
        path = self._path(kind, key)
        return read(path) if path.exists() else None

    def _path(self, kind: str, key: str, suffix: str = ".png") -> Path:
        return self._checked(self.dir / kind / (self.stem_for(key) + suffix))

    def _path_to_write(self, kind: str, key: str) -> Path:
        self._check_is_there()
        path = self._path(kind, key)
        self._name(key)
        return path

    def _name(self, key: str) -> None:
        """Say in state.jsonl where the files of a key are that is not stored under its own name."""
        stem = self.stem_for(key)
        with self._lock:
            if stem != key and key not in self._named:
                self._log.append_stem(key, stem)
                self._named.add(key)

    def _checked(self, path: Path) -> Path:
        if not is_inside(path, self.dir):
            raise ProjectError(f"{path} is a link that leads out of the project; remove it. Nothing was touched.")
        return path

    def _check_is_there(self) -> None:
        # A drive that was pulled out must not come back as an empty folder on another disk.
        if self.dir.is_relative_to(self.folder) and not self.folder.is_dir():
            raise SaveError(f"{self.folder} is gone; bring the drive back, then save again.")


def _brought_back(away: Path, files: Path) -> str:
    try:
        keys = bring_back(away, files)
    except (FcnGuiError, OSError) as error:
        return f"Work kept in {away} could not be brought back yet: {error}"
    count = f"{len(keys)} image{'s' if len(keys) != 1 else ''}"
    return f"Work on {count}, kept in the user's data folder meanwhile, was brought back." if keys else ""
