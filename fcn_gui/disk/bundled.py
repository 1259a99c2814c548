"""What the program brings along: checkpoints, sample photographs, icons, the pictures of a help page.

Inside the package (`fcn_gui/data/`) once it is installed, beside it (`models/`, `resources/`) in a checkout. Nothing
else knows where they are.
"""

from pathlib import Path

from fcn_gui.core.errors import CheckpointError, ProjectError

_PACKAGE = Path(__file__).resolve().parents[1]


def model_names() -> list[str]:
    """Names of the bundled checkpoints, sorted."""
    return sorted(path.stem for path in _place("models").glob("*.safetensors"))


def model_path(name: str) -> Path:
    """The file of a bundled checkpoint. Raises CheckpointError that says which there are."""
    if name not in model_names():
        known = ", ".join(model_names()) or "none; install fcn-gui again"
        raise CheckpointError(f"There is no bundled checkpoint {name!r} (there are: {known}).")
    return _place("models") / f"{name}.safetensors"


def completer_path() -> Path:
    """The file of the network that completes strokes. Raises ProjectError where the installation lacks it."""
    path = _place("models") / "completion" / "stroke-completion.safetensors"
    if not path.is_file():
        raise ProjectError(f"{path} is missing; install fcn-gui again.")
    return path


def samples_dir() -> Path:
    """The folder of sample photographs. Raises ProjectError where the installation lacks it."""
    return _resource("samples")


def icons_dir() -> Path:
    """The folder of icons. Raises ProjectError where the installation lacks it."""
    return _resource("icons")


def inside_dir() -> Path:
    """The folder of the pictures of FCN inside. Raises ProjectError where the installation lacks it."""
    return _resource("inside")


def _resource(name: str) -> Path:
    path = _place("resources") / name
    if not path.is_dir():
        raise ProjectError(f"{path} is missing; install fcn-gui again.")
    return path


def _place(name: str) -> Path:
    inside = _PACKAGE / "data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
