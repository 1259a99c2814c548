"""What the program brings along is found in a checkout and in an installation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fcn_gui
from fcn_gui.core.errors import CheckpointError
from fcn_gui.disk.bundled import model_names, model_path

PACKAGE = Path(fcn_gui.__file__).parent


def test_every_named_checkpoint_is_a_file() -> None:
    for name in model_names():
        assert model_path(name).is_file()


@pytest.mark.parametrize("name", ["no such", "../secret", "/etc/passwd", ""])
def test_an_unknown_name_says_which_there_are(name: str) -> None:
    with pytest.raises(CheckpointError, match="no bundled checkpoint"):
        model_path(name)


PRINT = """
from fcn_gui.disk import bundled
print(bundled.model_names(), bundled.model_path("m"), bundled.samples_dir(), bundled.icons_dir())
print(bundled.inside_dir(), bundled.completer_path())
"""


@pytest.mark.parametrize("inside", [True, False])
def test_files_are_found_in_the_package_or_beside_it(tmp_path: Path, inside: bool) -> None:
    for name in ("core", "disk"):
        shutil.copytree(PACKAGE / name, tmp_path / "fcn_gui" / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "fcn_gui" / "__init__.py").write_text("")
    place = tmp_path / "fcn_gui" / "data" if inside else tmp_path
    folders = ("samples", "icons", "inside")
    for name in ("models", *(f"resources/{folder}" for folder in folders)):
        (place / name).mkdir(parents=True)
    completer = place / "models" / "completion" / "stroke-completion.safetensors"
    completer.parent.mkdir()
    for file in (place / "models" / "m.safetensors", completer):
        file.write_bytes(b"")
    done = subprocess.run([sys.executable, "-c", PRINT], cwd=tmp_path, capture_output=True, text=True, check=True)
    expected = [place / "models/m.safetensors", *(place / "resources" / folder for folder in folders), completer]
    assert done.stdout.split() == ["['m']", *map(str, expected)]


def test_a_broken_installation_says_what_to_do(tmp_path: Path) -> None:
    for name in ("core", "disk"):
        shutil.copytree(PACKAGE / name, tmp_path / "fcn_gui" / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "fcn_gui" / "__init__.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", "from fcn_gui.disk import bundled; bundled.samples_dir()"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "install fcn-gui again" in done.stderr
