"""No text of the window is written past the translator: found by reading the source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import fcn_gui.widgets
from fcn_gui.disk.bundled import icons_dir

SOURCES = sorted(Path(fcn_gui.widgets.__file__).parent.glob("*.py"))
SHOWING = {
    "setText", "setToolTip", "setStatusTip", "setAccessibleName", "setPlaceholderText", "setWindowTitle", "setTitle",
    "set_full_text", "addItem", "addAction", "addTab", "drawText", "setInformativeText", "getExistingDirectory",
    "QLabel", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QAction", "QGroupBox", "QMenu",
    "ElidedLabel", "PanelHead", "Switch", "Combo", "ValueSlider", "CapButton", "IconButton", "Plot",
}  # fmt: skip
NO_TEXT = {"fcn-gui", *(path.stem for path in icons_dir().glob("*.svg"))}
ROLES = {"role", "kind", "icon", "token", "name"}


def literals(node: ast.expr) -> Iterator[str]:
    """Text that stands in an expression and is shown as it is."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from literals(part) if isinstance(part, ast.Constant) else ()
    elif isinstance(node, ast.IfExp):
        yield from (*literals(node.body), *literals(node.orelse))
    elif isinstance(node, ast.BinOp):
        yield from (*literals(node.left), *literals(node.right))


def untranslated(source: str) -> list[str]:
    """`line: text` of words handed to something that shows them without `tr`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called not in SHOWING:
            continue
        arguments = [*node.args, *(each.value for each in node.keywords if each.arg not in ROLES)]
        for text in (text for argument in arguments for text in literals(argument)):
            if re.search(r"[A-Za-z]{3}", text) and not (NO_TEXT & {text.strip(" –")}):
                found.append(f"{node.lineno}: {text}")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_words_go_through_the_translator(path: Path) -> None:
    assert untranslated(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("label.setText('Open a folder')", 1),
        ("QLabel(self.tr('Open a folder'))", 0),
        ("QLabel(f'Verified {n}')", 1),
        ("button.setToolTip('Yes please' if x else '')", 1),
        ("IconButton(appearance, 'menu', text)", 0),
        ("ElidedLabel(role='small')", 0),
        ("value.setText(f'{n} px')", 0),
    ],
)
def test_the_reader_finds_what_it_should(source: str, count: int) -> None:
    assert len(untranslated(source)) == count
