"""Which checkpoint new folders start with: the one that comes with the program, or a file that the person chose."""

from dataclasses import dataclass
from pathlib import Path

from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.setting_rows import START_CHECKPOINT
from fcn_gui.core.settings import Settings
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint_info
from fcn_gui.session.messages import Message, no_start

START_MODEL = "voc21-light"


@dataclass(frozen=True)
class StartFacts:
    """The checkpoint that new folders start with; `problem` says why it can't be used."""

    path: Path
    is_bundled: bool
    classes: int
    problem: str = ""


class StartCheckpoint:
    """`own` takes the place of the bundled one."""

    def __init__(self, settings: Settings, own: Path | None = None) -> None:
        self._settings, self._own = settings, own

    @property
    def bundled(self) -> Path:
        """What new folders start with where the person chose nothing else. Raises CheckpointError."""
        return self._own or model_path(START_MODEL)

    @property
    def chosen(self) -> Path | None:
        """The file that the person chose for new folders."""
        chosen = str(self._settings.get(START_CHECKPOINT))
        return Path(chosen) if chosen else None

    def facts(self) -> StartFacts:
        """What a page can say of the checkpoint for new folders: only its description is read."""
        chosen = self.chosen
        try:
            path = chosen or self.bundled
            return StartFacts(path, chosen is None, len(read_checkpoint_info(path).label_map))
        except CheckpointError as error:
            return StartFacts(chosen or Path(START_MODEL), chosen is None, 0, str(error))

    def choose(self, path: Path | None) -> None:
        """Let new folders start with a file that was tried; None for the one that comes with the program."""
        self._settings.set(START_CHECKPOINT, "" if path is None else str(path))

    def of_folder(self, live: str | None) -> tuple[Path, Message | None]:
        """The start of a folder whose live checkpoint is `live`: one that began with another keeps its own."""
        chosen = self.chosen
        if chosen is None:
            return self.bundled, None
        try:
            is_its_own = live in (None, read_checkpoint_info(chosen).id)
        except CheckpointError as error:
            return self.bundled, None if live else no_start(str(error), self.bundled.stem)
        return (chosen if is_its_own else self.bundled), None
