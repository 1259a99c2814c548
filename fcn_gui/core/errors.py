"""Everything a person can be told went wrong, as one tree.

Each message is one sentence that names the file (where there is one) and what to do; it is shown as it is.

    FcnGuiError
    ├── InputError            something that was given is not usable; it stays as it was
    │   ├── ImageError        a photograph
    │   ├── MaskError         a mask: size, index or colour
    │   ├── LabelMapError     a list of classes
    │   ├── CheckpointError   a file of weights
    │   └── DatasetError      a folder that should be a data set
    ├── ProjectError          the project as a whole
    │   ├── LockedError       somebody else has it open
    │   └── NewerFormatError  written by a newer program
    ├── SaveError             a write did not happen; what was to be written is still in memory
    ├── ExportError           the export target
    ├── DownloadError         a file that should come from the network
    ├── DeviceError           not enough memory, or no such device
    ├── DisplayError          no screen to show the window on
    └── LearningError         a training or fine-tune that can't go on
"""


class FcnGuiError(Exception):
    """Base of all errors that are told to a person; `str(error)` is the sentence they read."""


class InputError(FcnGuiError):
    """Something that was given can't be used."""


class ImageError(InputError):
    """A photograph can't be read."""


class MaskError(InputError):
    """A mask has the wrong size, or a value or colour that no class has."""


class LabelMapError(InputError):
    """A list of classes is empty, has duplicates or is too long."""


class CheckpointError(InputError):
    """A file of weights is not one, is damaged or does not fit."""


class DatasetError(InputError):
    """A folder is not a data set, or one without the split asked for."""


class ProjectError(FcnGuiError):
    """The project can't be opened or changed."""


class LockedError(ProjectError):
    """Another window or process has the project; `who` and `since` say which."""

    def __init__(self, message: str, who: str = "", since: str = "") -> None:
        super().__init__(message)
        self.who = who
        self.since = since


class NewerFormatError(ProjectError):
    """A file was written by a newer program; it is never rewritten."""


class SaveError(FcnGuiError):
    """A write did not happen: full disk, read-only folder, drive gone."""


class ExportError(FcnGuiError):
    """The export target can't be used."""


class DownloadError(FcnGuiError):
    """A file could not be fetched, or is not what was published."""


class DeviceError(FcnGuiError):
    """The device is missing or out of memory."""


class DisplayError(FcnGuiError):
    """There is no screen to show the window on."""


class LearningError(FcnGuiError):
    """A training or fine-tune can't go on, such as a non-finite loss."""
