"""Lists of classes in files: CVAT's `labelmap.txt`, labelme's `class_names.txt` `labels.txt`, our `project.json`."""

import json
from pathlib import Path

from fcn_gui.core.errors import LabelMapError
from fcn_gui.core.label_map import (
    BACKGROUND,
    VOC_NAMES,
    LabelClass,
    LabelMap,
    check_classes,
    colored,
    is_background,
    plain_name,
    voc_label_map,
)
from fcn_gui.core.palette import VOID_COLOR, Color

_HEADER = "# label:color_rgb:parts:actions"
_VOID_WORDS = {"void", "ignore", "ignored", "unlabelled", "unlabeled"}
_Lines = list[tuple[int, str]]


def read_label_map(path: Path) -> LabelMap:
    """The label map of a `labelmap.txt`, `class_names.txt`, `labels.txt` or `project.json`.

    A folder stands for the first of these in it or in its `.fcn-gui`. LabelMapError names the file and the line.
    """
    if path.is_dir():
        path = _file_in(path)
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise LabelMapError(f"{path} can't be read: {error.strerror}; choose another label map.") from error
    except UnicodeDecodeError as error:
        raise LabelMapError(f"{path} is no text in UTF-8; save it as such or choose another label map.") from error
    return parse_label_map(text, str(path))


def _file_in(folder: Path) -> Path:
    names = ("labelmap.txt", ".fcn-gui/project.json", "project.json", "class_names.txt", "labels.txt")
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise LabelMapError(f"{folder} has no label map; one is a {', '.join(names[2:])} or {names[0]}.")


def parse_label_map(text: str, name: str) -> LabelMap:
    """The label map in `text`; `name` (its file's) tells the form where the text alone can't, and stands in errors.

    Line order gives the indices. Lines without a colour get one of their own, VOC's list its own colours; void
    (`__ignore__`, or the void colour) is in no class and left out.
    """
    if name.endswith(".json"):
        return _of_project_json(text, name)
    lines = [(n, line.strip()) for n, line in enumerate(text.lstrip("\ufeff").splitlines(), 1)]
    lines = [(n, line) for n, line in lines if line and not line.startswith("#")]
    has_colors = text.lstrip("\ufeff").startswith(_HEADER) or any(":" in line for _, line in lines)
    return _of_labelmap(lines, name) if has_colors else _of_names(lines, name)


def labelmap_txt(label_map: LabelMap) -> str:
    """CVAT's form, `name:r,g,b::`; the order of the lines gives the indices."""
    rows = [f"{each.name}:{','.join(map(str, each.color))}::" for each in label_map.classes]
    return "\n".join([_HEADER, *rows, ""])


def class_names_txt(label_map: LabelMap) -> str:
    """labelme's form: one name a line, background first as `_background_`, no final line break."""
    first, *rest = label_map.names
    return "\n".join(["_background_" if is_background(first) else first, *rest])


def _of_labelmap(lines: _Lines, source: str) -> LabelMap:
    names, colors, where = [], [], []
    for number, line in lines:
        place = f"line {number}"
        name, color = _row(line, f"{source}, {place}")
        if _is_void(name, color):
            continue
        names.append(_shown(name))
        colors.append(color)
        where.append(place)
    return _checked(colored(names, colors), where, source)


def _row(line: str, where: str) -> tuple[str, Color | None]:
    fields = line.split(":")
    if len(fields) not in (2, 3, 4):
        raise LabelMapError(f"{where} is not of the form name:r,g,b::; mend it.")
    if not fields[1].strip():
        return fields[0].strip(), None
    try:
        red, green, blue = (int(part) for part in fields[1].split(","))
    except ValueError as error:
        raise LabelMapError(f"{where}: {fields[1]} is no colour of the form r,g,b; mend it.") from error
    if not all(0 <= part <= 255 for part in (red, green, blue)):
        raise LabelMapError(f"{where}: {fields[1]} is no colour, each part is 0 to 255; mend it.")
    return fields[0].strip(), (red, green, blue)


def _of_names(lines: _Lines, source: str) -> LabelMap:
    lines = [(n, _shown(line)) for n, line in lines if line != "__ignore__"]
    # labelme's labels.txt is a list to choose from: background need not be in it. Elsewhere the order is the masks'.
    if lines and Path(source).name == "labels.txt" and not any(is_background(line) for _, line in lines):
        lines.insert(0, (0, BACKGROUND))
    names = [line for _, line in lines]
    classes = list(voc_label_map().classes) if tuple(names) == VOC_NAMES else colored(names)
    return _checked(classes, [f"line {n}" for n, _ in lines], source)


def _of_project_json(text: str, source: str) -> LabelMap:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise LabelMapError(f"{source} is no JSON: {error}; choose another label map.") from error
    if isinstance(data, dict):
        data = data.get("label_map")
    return LabelMap.from_json(data, source)


def _checked(classes: list[LabelClass], where: list[str], source: str) -> LabelMap:
    check_classes(list(zip(where, classes, strict=True)), source)
    return LabelMap(tuple(classes))


def _is_void(name: str, color: Color | None) -> bool:
    return plain_name(name) in _VOID_WORDS and (color is None or color == VOID_COLOR or name == "__ignore__")


def _shown(name: str) -> str:
    """labelme's `_background_` is background here."""
    return BACKGROUND if name == "_background_" else name
