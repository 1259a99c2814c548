"""`fcn-gui doctor`."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click

from fcn_gui import __version__
from fcn_gui.cli import choices
from fcn_gui.cli.reporting import as_json, show
from fcn_gui.disk.bundled import model_path, samples_dir
from fcn_gui.disk.user_data import UserData

PACKAGES = ("torch", "torchvision", "PySide6-Essentials", "numpy", "pillow", "opencv-python-headless", "safetensors")


@click.command("doctor")
@choices.device
@as_json
def command(device: str, as_json: bool) -> None:
    """Say what this computer offers, what was chosen and by which measurement, and where files are."""
    from fcn_gui.net.device import available, memory_bytes, threads
    from fcn_gui.net.predict import Predictor

    predictor = Predictor.of(choices.load_checkpoint(choices.START), device)
    chosen = predictor.device
    memory = memory_bytes(chosen.name)
    places = UserData.standard()
    facts: dict[str, Any] = {
        "fcn-gui": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
        "devices": list(available()),
        "device": chosen.text,
        "device_memory_bytes": memory,
        "threads": threads(),
        "precision": chosen.precision,
        "measured": [
            {"way": t.text, "seconds": t.seconds if t.seconds < 1e9 else None, "labels_alike": t.alike}
            for t in chosen.report
        ],
        "checkpoint": str(model_path(choices.START)),
        "samples": str(samples_dir()),
        "settings": str(places.settings_path),
        "log": str(places.log_path),
    }
    show(facts, "\n".join(_lines(facts)), as_json)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _lines(facts: dict[str, Any]) -> list[str]:
    lines = []
    for name, value in facts.items():
        if name == "measured":
            lines += [f"  {row['way']}: {_milliseconds(row['seconds'])}{_alike(row['labels_alike'])}" for row in value]
        elif name == "packages":
            lines += [f"  {package} {found or 'is not installed'}" for package, found in value.items()]
        else:
            lines.append(f"{name.replace('_', ' ')}: {', '.join(value) if isinstance(value, list) else value}")
    return lines


def _alike(share: float | None) -> str:
    from fcn_gui.net.device import LEAST_ALIKE
    from fcn_gui.net.predict import HARD_SAMPLE

    if share is None:
        return ""
    taken = "" if share >= LEAST_ALIKE else f", not taken below {LEAST_ALIKE:.1%}"
    return f"; {share:.2%} of its labels on {HARD_SAMPLE} are those of float32{taken}"


def _milliseconds(seconds: float | None) -> str:
    return "not to be had here" if seconds is None else f"{seconds * 1000:.1f} ms for a forward pass at 257×257"
