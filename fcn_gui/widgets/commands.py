"""What each action of the table does: calls to the model, the view state, the canvas or a part of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from fcn_gui.core.raster import VOID
from fcn_gui.core.stroke import Tool
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.widgets.bottom_dock import MEASURES, SKIPS
from fcn_gui.widgets.canvas import Canvas
from fcn_gui.widgets.class_panel import ClassPanel
from fcn_gui.widgets.facts import Facts
from fcn_gui.widgets.folders import Folders
from fcn_gui.widgets.image_list import ImageList
from fcn_gui.widgets.messages import MessageBar
from fcn_gui.widgets.sheets import Sheets
from fcn_gui.widgets.top_bar import TopBar
from fcn_gui.widgets.workbench import Workbench

Command = Callable[[], object]
ZOOM_STEP = 1.25


@dataclass(frozen=True)
class Parts:
    """What actions act on."""

    window: QWidget
    model: SessionModel
    view: ViewState
    canvas: Canvas
    images: ImageList
    classes: ClassPanel
    workbench: Workbench
    top_bar: TopBar
    messages: MessageBar
    sheets: Sheets
    folders: Folders
    set_theme: Callable[[str], None]


def commands(parts: Parts) -> Mapping[str, Command]:
    """One callable for each id of the table."""
    model, sheets = parts.model, parts.sheets

    def look_closer() -> None:
        rect = model.next_uncertain()
        if rect is not None:
            parts.canvas.show_rect(rect)

    return {
        **_folder_commands(parts),
        **_mask_commands(parts),
        **_tool_commands(parts),
        **_class_commands(parts),
        **_view_commands(parts),
        **_window_commands(parts),
        "image.next": partial(model.go, 1),
        "image.previous": partial(model.go, -1),
        "image.where_next": model.where_next,
        "image.uncertain": look_closer,
        "image.filter": _in_dock(parts, "images", parts.images.focus_filter),
        "image.note": sheets.edit_note,
        "learn.retrain": model.retrain,
        "learn.pause": model.pause_or_resume,
        "learn.cancel": lambda: model.cancel_job(None),
        "learn.rollback": model.rollback,
        "learn.measure": model.measure,
        "view.measures": partial(parts.workbench.show_page, MEASURES),
        "view.skips": partial(parts.workbench.show_page, SKIPS),
        "help.actions": lambda: sheets.palette.open(),
        "help.keys": sheets.show_keys,
        "help.inside": lambda: sheets.inside.show_inside(),
        "help.menu": parts.top_bar.open_menu,
        "help.messages": lambda: sheets.messages.show_history(parts.messages.history),
    }


def _in_dock(parts: Parts, dock: str, command: Command) -> Command:
    """The dock is brought back first: what happens in a folded one nobody sees, and keys go nowhere."""

    def run() -> None:
        parts.workbench.bring(dock)
        command()

    return run


def _folder_commands(parts: Parts) -> dict[str, Command]:
    return {
        "file.open_folder": parts.folders.ask,
        "file.open_sample": parts.folders.open_sample,
        "file.close_folder": parts.folders.close,
        "file.save": parts.model.save_now,
        "file.export": lambda: parts.folders.ask_export(parts.sheets.export),
        "file.import_masks": parts.folders.ask_masks,
        "file.settings": lambda: parts.sheets.settings.ask(),
        "file.quit": parts.window.close,
        "edit.undo": parts.model.undo,
        "edit.redo": parts.model.redo,
    }


def _mask_commands(parts: Parts) -> dict[str, Command]:
    model, canvas = parts.model, parts.canvas

    def accept_region() -> None:
        at = canvas.cursor_xy()
        if at is not None:
            model.accept_region(at)

    return {
        "edit.abort": canvas.abort,
        "mask.verify_next": model.verify_and_next,
        "mask.unverify": model.unverify,
        "mask.accept_region": accept_region,
        "mask.accept_class": lambda: model.accept_class(parts.view.label),
        "mask.fill_holes": lambda: model.fill_holes(parts.view.label, parts.view.most_percent / 100),
        "mask.remove_specks": lambda: model.remove_specks(parts.view.most_percent / 100),
        "learn.repaint": model.repaint,
        "mask.refine": model.toggle_refinement,
    }


def _tool_commands(parts: Parts) -> dict[str, Command]:
    view = parts.view

    def take(tool: Tool) -> None:
        view.tool = tool

    return {
        **{f"tool.{tool.value}": partial(take, tool) for tool in Tool},
        "tool.smaller": partial(view.step_radius, -1),
        "tool.larger": partial(view.step_radius, 1),
    }


def _class_commands(parts: Parts) -> dict[str, Command]:
    model, view = parts.model, parts.view

    def toggle_lock() -> None:
        model.set_locked(view.label, view.label not in model.locked)

    return {
        **{f"class.{n}": partial(view.choose_label, n) for n in range(10)},
        "class.void": partial(view.choose_label, VOID),
        "class.last": view.swap_labels,
        "class.find": lambda: parts.sheets.class_finder.open_at(),
        "class.lock": toggle_lock,
        "class.add": _in_dock(parts, "classes", parts.classes.start_adding),
        "class.rename": _in_dock(parts, "classes", parts.classes.start_renaming),
        "class.recolour": _in_dock(parts, "classes", parts.classes.start_recolouring),
        "class.remove": lambda: parts.sheets.class_removal.ask(view.label),
        "class.merge": lambda: parts.sheets.class_removal.ask(view.label, is_merge=True),
        "class.up": lambda: model.move_class(view.label, view.label - 1),
        "class.down": lambda: model.move_class(view.label, view.label + 1),
        "class.hide": lambda: view.toggle_hidden(view.label),
    }


def _view_commands(parts: Parts) -> dict[str, Command]:
    view, canvas = parts.view, parts.canvas

    def heatmap() -> None:
        view.heatmap_label = None
        view.toggle_mode("heatmap")

    def show_mask() -> None:
        view.mode = "mask"

    return {
        "view.mask": show_mask,
        "view.heatmap": heatmap,
        "view.uncertainty": lambda: view.toggle_mode("uncertainty"),
        **{f"view.{mode}": partial(view.toggle_mode, mode) for mode in ("difference", "doubts", "comparison")},
        "view.bare": lambda: None,  # held: the canvas sees the key go down and up
        "view.fit": canvas.fit,
        "view.actual_size": canvas.actual_size,
        "view.zoom_in": partial(canvas.zoom_by, ZOOM_STEP),
        "view.zoom_out": partial(canvas.zoom_by, 1 / ZOOM_STEP),
    }


def _window_commands(parts: Parts) -> dict[str, Command]:
    window = parts.window

    def toggle_full_screen() -> None:
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)

    return {
        **{f"view.{name}": partial(parts.workbench.toggle, name) for name in ("images", "learning", "classes")},
        **{f"view.theme_{name}": partial(parts.set_theme, name) for name in ("system", "light", "dark")},
        "view.full_screen": toggle_full_screen,
    }


def facts_of(model: SessionModel, view: ViewState, jobs: int, has_sample: bool) -> Facts:
    """What decides which actions are enabled, read from the model."""
    project, document = model.project, model.document
    item = None
    if project is not None and document is not None and document.key in project:
        item = project.item(document.key)
    return Facts(
        has_project=project is not None,
        is_read_only=model.is_read_only,
        images=len(project.items) if project is not None else 0,
        has_document=document is not None,
        is_verified=item is not None and item.status == "verified",
        has_prediction=document is not None and document.prediction is not None,
        has_comparison=model.comparison is not None,
        has_first_look=document is not None and document.first_look is not None,
        can_undo=model.can_undo,
        can_redo=model.can_redo,
        has_vouched_images=project is not None and any(each.is_corrected for each in project.items),
        is_retraining=model.is_retraining,
        can_pause=any(job.can_pause for job in model.jobs),
        has_job=jobs > 0,
        has_earlier_checkpoint=_has_earlier(model),
        classes=len(model.label_map) if model.label_map is not None else 0,
        label=view.label,
        has_sample=has_sample,
    )


def _has_earlier(model: SessionModel) -> bool:
    """Some checkpoint that the live one came from still has its weights."""
    entries = {entry.id: entry for entry in model.checkpoints}
    at = next((entry for entry in entries.values() if entry.is_live), None)
    while at is not None and at.parent:
        at = entries.get(at.parent)
        if at is not None and at.has_weights:
            return True
    return False
