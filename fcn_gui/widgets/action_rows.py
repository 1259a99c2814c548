"""The table of actions: one row each, as data.

Longer than other files because it is one table; splitting it would only hide that a key stands twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP as NOOP

from fcn_gui.widgets import facts
from fcn_gui.widgets.facts import Reason

MENUS = ("File", "Edit", "Mask", "Tools", "Classes", "Images", "View", "Learning", "Help")


@dataclass(frozen=True)
class Action:
    """One row: `keys` in Qt's portable form; `reason` says why it can't be used (empty when it can).

    `choice` names the group of which exactly one is checked; `hold` acts while the key is down; `is_checkable` stands
    alone; `repeats` while the key is held.
    """

    id: str
    text: str
    menu: str
    keys: tuple[str, ...] = ()
    tooltip: str = ""
    icon: str = ""
    reason: Reason = facts.always
    choice: str = ""
    hold: bool = False
    is_checkable: bool = False
    repeats: bool = False


def _row(menu: str, id: str, text: object, *keys: str, **more: object) -> Action:
    return Action(id=id, text=str(text), menu=menu, keys=keys, **more)  # type: ignore[arg-type]


_FILE = (
    _row("File", "file.open_folder", NOOP("actions", "Open folder…"), "Ctrl+O", icon="folder-open"),
    _row("File", "file.open_sample", NOOP("actions", "Open the sample"), icon="images", reason=facts.sample),
    _row("File", "file.close_folder", NOOP("actions", "Close folder"), "Ctrl+W", reason=facts.project),
    _row(
        "File",
        "file.save",
        NOOP("actions", "Save now"),
        "Ctrl+S",
        icon="save",
        reason=facts.writable,
        tooltip=NOOP("actions", "Every stroke is on disk already; this writes the masks as well."),
    ),
    _row("File", "file.export", NOOP("actions", "Export…"), "Ctrl+E", icon="download", reason=facts.images),
    _row(
        "File",
        "file.import_masks",
        NOOP("actions", "Import masks…"),
        reason=facts.importable,
        tooltip=NOOP("actions", "Masks of a folder, named like the photos, become proposals; vouched pixels stay."),
    ),
    _row("File", "file.settings", NOOP("actions", "Settings"), "Ctrl+,", icon="settings"),
    _row("File", "file.quit", NOOP("actions", "Quit"), "Ctrl+Q", icon="log-out"),
)
_EDIT = (
    _row("Edit", "edit.undo", NOOP("actions", "Undo"), "Ctrl+Z", icon="undo-2", reason=facts.undoable, repeats=True),
    _row(
        "Edit",
        "edit.redo",
        NOOP("actions", "Redo"),
        "Ctrl+Shift+Z",
        "Ctrl+Y",
        icon="redo-2",
        reason=facts.redoable,
        repeats=True,
    ),
    _row("Edit", "edit.abort", NOOP("actions", "Abort the open stroke"), "Esc", reason=facts.document),
)
_MASK = (
    _row(
        "Mask",
        "mask.verify_next",
        NOOP("actions", "Verify and next"),
        "Return",
        "Enter",
        icon="circle-check",
        reason=facts.paintable,
        tooltip=NOOP("actions", "Accepts what stands and opens the next photo."),
    ),
    _row("Mask", "mask.unverify", NOOP("actions", "Unverify"), "Backspace", reason=facts.verified),
    _row(
        "Mask",
        "mask.accept_region",
        NOOP("actions", "Accept region under the cursor"),
        "V",
        icon="check",
        reason=facts.paintable,
    ),
    _row(
        "Mask",
        "mask.accept_class",
        NOOP("actions", "Accept this class"),
        "Shift+V",
        icon="check",
        reason=facts.paintable,
    ),
    _row(
        "Mask",
        "learn.repaint",
        NOOP("actions", "Repaint this image"),
        "R",
        icon="refresh-cw",
        reason=facts.repaintable,
        tooltip=NOOP("actions", "Unvouched pixels follow the newest prediction."),
    ),
    _row(
        "Mask",
        "mask.refine",
        NOOP("actions", "Refine borders"),
        icon="wand-sparkles",
        reason=facts.editable,
        tooltip=NOOP("actions", "What is predicted keeps to the borders of the photo; vouched pixels stay."),
    ),
    _row(
        "Mask",
        "mask.fill_holes",
        NOOP("actions", "Fill holes of this class"),
        "Shift+F",
        icon="paint-bucket",
        reason=facts.fillable,
        tooltip=NOOP("actions", "What the class encloses gets its label, up to the size under Clean up."),
    ),
    _row(
        "Mask",
        "mask.remove_specks",
        NOOP("actions", "Remove specks"),
        "Shift+S",
        icon="eraser",
        reason=facts.paintable,
        tooltip=NOOP("actions", "Small regions get the label of the longest border; locked classes stay."),
    ),
)
_TOOLS = (
    _row("Tools", "tool.brush", NOOP("actions", "Brush"), "B", icon="brush", reason=facts.editable, choice="tool"),
    _row(
        "Tools", "tool.polygon", NOOP("actions", "Polygon"), "P", icon="pentagon", reason=facts.editable, choice="tool"
    ),
    _row(
        "Tools",
        "tool.fill",
        NOOP("actions", "Fill region"),
        "F",
        icon="paint-bucket",
        reason=facts.editable,
        choice="tool",
    ),
    _row(
        "Tools",
        "tool.smart",
        NOOP("actions", "Smart region"),
        "S",
        icon="wand-sparkles",
        reason=facts.editable,
        choice="tool",
        tooltip=NOOP("actions", "Takes a superpixel of the photo."),
    ),
    _row(
        "Tools",
        "tool.eraser",
        NOOP("actions", "Eraser"),
        "E",
        icon="eraser",
        reason=facts.editable,
        choice="tool",
        hold=True,
        tooltip=NOOP(
            "actions", "Takes the vouch back; the pixel follows the prediction again. Hold for a moment's use."
        ),
    ),
    _row("Tools", "tool.smaller", NOOP("actions", "Smaller brush"), "[", ",", reason=facts.document, repeats=True),
    _row("Tools", "tool.larger", NOOP("actions", "Larger brush"), "]", ".", reason=facts.document, repeats=True),
)
_CLASSES = (
    *(
        _row(
            "Classes",
            f"class.{n}",
            f"Class {n}",
            str(n),
            reason=facts.class_number(n),
        )
        for n in range(10)
    ),
    _row("Classes", "class.void", NOOP("actions", "Void"), "`", "Delete", reason=facts.editable),
    _row("Classes", "class.last", NOOP("actions", "Last class"), "X", reason=facts.paintable),
    _row(
        "Classes",
        "class.find",
        NOOP("actions", "Find a class at the cursor"),
        "C",
        icon="search",
        reason=facts.paintable,
    ),
    _row(
        "Classes",
        "class.lock",
        NOOP("actions", "Lock this class"),
        "K",
        icon="lock",
        reason=facts.own_class,
        tooltip=NOOP("actions", "A locked class can't be painted over."),
    ),
    _row("Classes", "class.add", NOOP("actions", "Add a class"), "Ctrl+Shift+N", icon="plus", reason=facts.writable),
    _row("Classes", "class.rename", NOOP("actions", "Rename this class"), "F2", icon="pencil", reason=facts.own_class),
    _row("Classes", "class.recolour", NOOP("actions", "Recolour this class…"), icon="palette", reason=facts.own_class),
    _row(
        "Classes",
        "class.remove",
        NOOP("actions", "Remove this class…"),
        icon="x",
        reason=facts.movable_class,
        tooltip=NOOP("actions", "Asks what its pixels become, in all masks; can be undone."),
    ),
    _row(
        "Classes",
        "class.merge",
        NOOP("actions", "Merge this class into…"),
        reason=facts.movable_class,
        tooltip=NOOP("actions", "Its pixels become those of another class, in all masks; can be undone."),
    ),
    _row(
        "Classes",
        "class.up",
        NOOP("actions", "Move this class up"),
        "Alt+Up",
        icon="chevron-up",
        reason=facts.class_up,
        tooltip=NOOP("actions", "Its number changes, in all masks; can be undone."),
    ),
    _row(
        "Classes",
        "class.down",
        NOOP("actions", "Move this class down"),
        "Alt+Down",
        icon="chevron-down",
        reason=facts.class_down,
        tooltip=NOOP("actions", "Its number changes, in all masks; can be undone."),
    ),
    _row(
        "Classes",
        "class.hide",
        NOOP("actions", "Show or hide this class"),
        "Shift+H",
        icon="eye",
        reason=facts.document,
    ),
)
_IMAGES = (
    _row(
        "Images",
        "image.next",
        NOOP("actions", "Next image"),
        "D",
        "PgDown",
        icon="chevron-right",
        reason=facts.images,
        repeats=True,
    ),
    _row(
        "Images",
        "image.previous",
        NOOP("actions", "Previous image"),
        "A",
        "PgUp",
        icon="chevron-left",
        reason=facts.images,
        repeats=True,
    ),
    _row("Images", "image.where_next", NOOP("actions", "Where next"), "Shift+D", reason=facts.where_next),
    _row(
        "Images",
        "image.uncertain",
        NOOP("actions", "Next uncertain region"),
        "N",
        icon="scan-search",
        reason=facts.uncertain_region,
    ),
    _row("Images", "image.filter", NOOP("actions", "Filter by name"), "/", icon="search", reason=facts.project),
    _row(
        "Images", "image.note", NOOP("actions", "Note on this image"), "Ctrl+Shift+M", icon="tag", reason=facts.editable
    ),
)
_VIEW = (
    _row("View", "view.mask", NOOP("actions", "Mask"), "M", reason=facts.document, choice="mode"),
    _row(
        "View",
        "view.heatmap",
        NOOP("actions", "Heatmap of this class"),
        "T",
        icon="flame",
        reason=facts.prediction,
        choice="mode",
    ),
    _row("View", "view.uncertainty", NOOP("actions", "Uncertainty"), "U", reason=facts.prediction, choice="mode"),
    _row(
        "View",
        "view.difference",
        NOOP("actions", "Difference to first look"),
        "L",
        reason=facts.first_look,
        choice="mode",
    ),
    _row(
        "View",
        "view.doubts",
        NOOP("actions", "Vouched but doubted"),
        "Shift+U",
        reason=facts.prediction,
        choice="mode",
        tooltip=NOOP("actions", "What you vouched for and the network is sure is something else; nothing changes."),
    ),
    _row(
        "View",
        "view.comparison",
        NOOP("actions", "Difference of two checkpoints"),
        "Shift+L",
        reason=facts.comparison,
        choice="mode",
    ),
    _row("View", "view.bare", NOOP("actions", "Bare image while held"), "H", reason=facts.document, hold=True),
    _row("View", "view.fit", NOOP("actions", "Fit"), "Ctrl+F", icon="maximize", reason=facts.document),
    _row("View", "view.actual_size", NOOP("actions", "Actual size"), "Ctrl+0", reason=facts.document),
    _row(
        "View",
        "view.zoom_in",
        NOOP("actions", "Zoom in"),
        "Ctrl+=",
        "Ctrl++",
        icon="zoom-in",
        reason=facts.document,
        repeats=True,
    ),
    _row(
        "View",
        "view.zoom_out",
        NOOP("actions", "Zoom out"),
        "Ctrl+-",
        icon="zoom-out",
        reason=facts.document,
        repeats=True,
    ),
    _row(
        "View",
        "view.images",
        NOOP("actions", "Images panel"),
        "F7",
        icon="panel-left",
        reason=facts.project,
        is_checkable=True,
    ),
    _row(
        "View",
        "view.learning",
        NOOP("actions", "Learning panel"),
        "F8",
        icon="panel-bottom",
        reason=facts.project,
        is_checkable=True,
    ),
    _row(
        "View",
        "view.classes",
        NOOP("actions", "Classes panel"),
        "F9",
        icon="panel-right",
        reason=facts.project,
        is_checkable=True,
    ),
    _row(
        "View",
        "view.measures",
        NOOP("actions", "Measures"),
        "Shift+F8",
        icon="ruler",
        reason=facts.project,
        tooltip=NOOP("actions", "Confusion matrix, IU and the images behind each confusion."),
    ),
    _row(
        "View",
        "view.skips",
        NOOP("actions", "Skips"),
        "Ctrl+F8",
        icon="box",
        reason=facts.project,
        tooltip=NOOP("actions", "What the network says of this image at each of its strides."),
    ),
    _row("View", "view.full_screen", NOOP("actions", "Full screen"), "F11"),
    _row("View", "view.theme_system", NOOP("actions", "Theme of the system")),
    _row("View", "view.theme_light", NOOP("actions", "Light theme"), icon="sun"),
    _row("View", "view.theme_dark", NOOP("actions", "Dark theme"), icon="moon"),
)
_LEARNING = (
    _row(
        "Learning",
        "learn.retrain",
        NOOP("actions", "Retrain now"),
        "Ctrl+R",
        icon="graduation-cap",
        reason=facts.retrainable,
    ),
    _row(
        "Learning",
        "learn.measure",
        NOOP("actions", "Measure the network"),
        "F5",
        icon="refresh-cw",
        reason=facts.measurable,
        tooltip=NOOP("actions", "On held-out and verified images, against what you vouched for."),
    ),
    _row(
        "Learning",
        "learn.pause",
        NOOP("actions", "Pause or resume the fine-tune"),
        "Ctrl+P",
        icon="pause",
        reason=facts.pausable,
    ),
    _row(
        "Learning",
        "learn.cancel",
        NOOP("actions", "Cancel what is running"),
        "Ctrl+.",
        icon="x",
        reason=facts.cancellable,
    ),
    _row(
        "Learning",
        "learn.rollback",
        NOOP("actions", "Back to the checkpoint before"),
        "Ctrl+Shift+R",
        icon="history",
        reason=facts.rollbackable,
    ),
)
_HELP = (
    _row("Help", "help.actions", NOOP("actions", "Find an action"), "Ctrl+K", icon="search"),
    _row("Help", "help.keys", NOOP("actions", "All keys"), "F1", "?", icon="keyboard"),
    _row(
        "Help",
        "help.inside",
        NOOP("actions", "FCN inside"),
        "Ctrl+F1",
        icon="info",
        tooltip=NOOP("actions", "Heatmap, skips and uncertainty explained on the open photo."),
    ),
    _row("Help", "help.menu", NOOP("actions", "Menu"), "F10", icon="menu"),
    _row("Help", "help.messages", NOOP("actions", "Earlier messages"), icon="message-square"),
)

ACTIONS: tuple[Action, ...] = (
    *_FILE,
    *_EDIT,
    *_MASK,
    *_TOOLS,
    *_CLASSES,
    *_IMAGES,
    *_VIEW,
    *_LEARNING,
    *_HELP,
)
