"""Ordered class names with colours; index 0 is background by convention, 255 is void and in no class."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fcn_gui.core.errors import LabelMapError
from fcn_gui.core.palette import (
    BACKGROUND_COLOR,
    VOID_COLOR,
    Color,
    color_of_hex,
    hex_color,
    next_own_color,
    own_colors,
    voc_color,
)

MAX_CLASSES = 254
BACKGROUND = "background"
VOC_NAMES = (
    *("background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"),
)
# What other data sets call VOC's classes, written as `plain_name` gives them.
_SYNONYMS = {
    "background": ("background", "bg"),
    "aeroplane": ("aeroplane", "airplane"),
    "bicycle": ("bicycle", "bike"),
    "diningtable": ("diningtable",),
    "motorbike": ("motorbike", "motorcycle"),
    "person": ("person", "people"),
    "pottedplant": ("pottedplant",),
    "sofa": ("sofa", "couch"),
    "tvmonitor": ("tvmonitor", "tv", "television"),
}
_MEANING = {word: name for name, words in _SYNONYMS.items() for word in words}


def plain_name(name: str) -> str:
    """A name without case, white space, `_`, `-` and `/`: what two spellings of one class have in common."""
    return "".join(c for c in name.casefold() if not c.isspace() and c not in "_-/")


@dataclass(frozen=True)
class LabelClass:
    """A class: its name as shown and written, and its colour (R, G, B), each 0…255."""

    name: str
    color: Color


@dataclass(frozen=True)
class LabelMap:
    """1…254 classes, none with the name or colour of another or the colour of void; LabelMapError otherwise."""

    classes: tuple[LabelClass, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        check_classes([(f"class {i}", each) for i, each in enumerate(self.classes)], "The label map")

    def __len__(self) -> int:
        return len(self.classes)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.classes)

    @cached_property
    def colors(self) -> tuple[Color, ...]:
        return tuple(each.color for each in self.classes)

    @cached_property
    def _by_meaning(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for index, name in enumerate(self.names):
            found.setdefault(_meaning(name), index)
        return found

    def index(self, name: str) -> int | None:
        """The class of that name, or else of another spelling or VOC synonym of it; None where there is none."""
        if name in self.names:
            return self.names.index(name)
        return self._by_meaning.get(_meaning(name))

    def with_class(self, name: str, color: Color | None = None) -> "LabelMap":
        """The map with one more class at its end, in a new colour of its own where none is given."""
        return LabelMap((*self.classes, LabelClass(name.strip(), color or next_own_color(self.colors))))

    def renamed(self, index: int, name: str) -> "LabelMap":
        """The map with another name for one class."""
        return self._replaced(index, LabelClass(name.strip(), self.classes[index].color))

    def recoloured(self, index: int, color: Color) -> "LabelMap":
        """The map with another colour for one class."""
        return self._replaced(index, LabelClass(self.classes[index].name, color))

    def _replaced(self, index: int, by: LabelClass) -> "LabelMap":
        return LabelMap((*self.classes[:index], by, *self.classes[index + 1 :]))

    def palette(self) -> bytes:
        """768 bytes for a PNG of mode P: the classes' colours, VOC's for indices without a class, 255 void's."""
        colors = [*self.colors, *(voc_color(i) for i in range(len(self), 255)), VOID_COLOR]
        return bytes(part for color in colors for part in color)

    def to_json(self) -> list[dict[str, str]]:
        """`[{"name": …, "color": "#RRGGBB"}, …]`, in order."""
        return [{"name": each.name, "color": hex_color(each.color)} for each in self.classes]

    @classmethod
    def from_json(cls, data: Any, source: str = "The label map") -> "LabelMap":
        """What `to_json` gave; LabelMapError, naming `source`, for anything else."""
        if not isinstance(data, list):
            raise LabelMapError(f"{source} holds no list of classes; choose another.")
        entries = [(f"class {i}", _class_of_json(row, f"{source}: class {i}")) for i, row in enumerate(data)]
        check_classes(entries, source)
        return cls(tuple(each for _, each in entries))


def voc_label_map() -> LabelMap:
    """The 21 classes of PASCAL VOC 2012 with its colours."""
    return LabelMap(tuple(LabelClass(name, voc_color(i)) for i, name in enumerate(VOC_NAMES)))


def own_label_map(names: Iterable[str]) -> LabelMap:
    """Background and classes of one's own, in colours that are told apart; LabelMapError for a name that can't be."""
    known = [name.strip() for name in names]
    if not any(is_background(name) for name in known):
        known.insert(0, BACKGROUND)
    known.sort(key=lambda name: not is_background(name))
    return LabelMap(tuple(colored(known)))


def colored(names: Sequence[str], given: Sequence[Color | None] = ()) -> list[LabelClass]:
    """Classes of these names, each with the colour given for it or else black for background and a new one."""
    colors = [given[i] if i < len(given) else None for i in range(len(names))]
    if names and colors[0] is None and is_background(names[0]) and BACKGROUND_COLOR not in colors:
        colors[0] = BACKGROUND_COLOR
    new = own_colors([color for color in colors if color is not None])
    return [LabelClass(name, color or next(new)) for name, color in zip(names, colors, strict=True)]


def is_background(name: str) -> bool:
    """True for `background` in any spelling, such as labelme's `_background_`."""
    return _meaning(name) == BACKGROUND


def check_classes(entries: Sequence[tuple[str, LabelClass]], source: str) -> None:
    """Raise LabelMapError, naming `source` and where (each entry's first part), unless these classes make a map."""
    if not entries:
        raise LabelMapError(f"{source} has no class; add at least one.")
    if len(entries) > MAX_CLASSES:
        raise LabelMapError(
            f"{source} has {len(entries)} classes, {entries[MAX_CLASSES][0]} is the first too many; "
            f"leave at most {MAX_CLASSES}."
        )
    names: dict[str, str] = {}
    colors: dict[Color, str] = {VOID_COLOR: "void"}
    for where, each in entries:
        _check_name(each.name, f"{source}, {where}")
        if each.name in names:
            raise LabelMapError(
                f"{source}, {where}: the name {each.name} stands in {names[each.name]} already; give it another."
            )
        if each.color in colors:
            color = hex_color(each.color)
            raise LabelMapError(f"{source}, {where}: {colors[each.color]} has the colour {color} too; give it another.")
        names[each.name] = where
        colors[each.color] = f"{each.name} ({where})"


def _check_name(name: str, where: str) -> None:
    if not name or name != name.strip():
        raise LabelMapError(f"{where}: the class has no name, or one with spaces around it; give it a name.")
    if name.startswith("#") or ":" in name or not name.isprintable():
        raise LabelMapError(f"{where}: {name!r} begins with # or has a colon or line break; give it another name.")


def _class_of_json(row: Any, where: str) -> LabelClass:
    try:
        return LabelClass(str(row["name"]), color_of_hex(row["color"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LabelMapError(f"{where} is not a name and a colour #RRGGBB; mend it or choose another.") from error


def _meaning(name: str) -> str:
    plain = plain_name(name)
    return _MEANING.get(plain, plain)
