"""The window's one stylesheet, filled from a theme's tokens.

What stylesheets do badly (switch, chip, rows, key caps) is painted by small widgets from the same tokens.
"""

from __future__ import annotations

from dataclasses import asdict
from string import Template

from PySide6.QtGui import QFont

from fcn_gui.widgets.theme import ON_FILL, Height, Radius, Theme, font_px

_SHEET = Template("""
* { outline: none; }
QWidget { color: $text; font-size: ${body}px; }
QMainWindow, QWidget[surface="panel"] { background: $panel; }
QWidget[surface="chrome"] { background: $chrome; }
QWidget[surface="canvas"] { background: $canvas; }
QFrame[surface="line"] { background: $line; }
QLabel { background: transparent; }
QLabel[role="small"] { font-size: ${small}px; color: $text2; }
QLabel[role="small-strong"] { font-size: ${small}px; color: $text; }
QLabel[role="second"] { color: $text2; }
QLabel[role="heading"] { font-size: ${heading}px; font-weight: 600; }
QLabel[role="figure"] { font-size: ${figure}px; font-weight: 600; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="error"] { font-size: ${small}px; color: $err; }
QLabel[role="ok"] { color: $ok; }
QLabel[role="warn"] { color: $warn; }
QToolTip { background: $menu; color: $text; border: 1px solid $edge; padding: 4px 6px; font-size: ${small}px; }

QToolBar { background: $chrome; border: none; border-bottom: 1px solid $line; spacing: 2px; padding: 0; }
QStatusBar { background: $chrome; border-top: 1px solid $line; font-size: ${small}px; color: $text2; }
QStatusBar::item { border: none; }
QStatusBar QLabel { font-size: ${small}px; color: $text2; }
QSplitter::handle { background: $line; }

QToolButton { background: transparent; border: none; border-radius: ${button_radius}px; padding: 0; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $pressed; }
QToolButton:checked { background: $soft; }
QToolButton::menu-indicator { image: none; }
QToolButton:disabled { color: $text3; }
QToolButton[kind="dock"]:checked { background: transparent; }
QToolButton[kind="dock"]:checked:hover { background: $hover; }
QToolButton[kind="tab"] { font-size: ${small}px; color: $text2; padding: 0 5px; border-radius: ${key_radius}px; }
QWidget[ground="menu"] QToolButton[kind="tab"]:checked { background: $soft; }
QWidget[ground="panel"] QToolButton[kind="tab"]:checked { background: $raised; color: $text; font-weight: 600; }

QPushButton { background: $raised; border: 1px solid $edge; border-radius: ${button_radius}px; padding: 0 10px;
  min-height: ${inner_button}px; font-weight: 500; }
QPushButton:hover { background: $raised_hover; }
QPushButton:pressed { background: $raised_pressed; }
QPushButton:disabled { color: $text3; }
QPushButton[kind="filled"] { background: $fill; border-color: $fill; color: $on_fill; }
QPushButton[kind="filled"]:hover { background: $fill_hover; border-color: $fill_hover; }
QPushButton[kind="filled"]:pressed { background: $fill_pressed; border-color: $fill_pressed; }
QPushButton[kind="filled"]:disabled { background: $raised; border-color: $edge; color: $text3; }
QPushButton[kind="link"] { background: transparent; border: none; color: $accent; padding: 0 4px; min-height: 24px; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="quiet"] { background: transparent; border: none; }
QPushButton[kind="quiet"]:hover { background: $hover; }

QAbstractScrollArea { background: transparent; border: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QLineEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QKeySequenceEdit QLineEdit { background: $field;
  border: 1px solid $edge; border-radius: ${button_radius}px; padding: 0 8px; min-height: ${inner_button}px;
  selection-background-color: $soft; selection-color: $text; }
QPlainTextEdit { padding: 6px; }
QSpinBox, QDoubleSpinBox { padding: 0; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus { background: transparent; border: none;
  padding: 0 6px; min-height: 20px; }
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover { border-color: $ctl; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus { border-color: $accent; }
QLineEdit[bad="true"], QPlainTextEdit[bad="true"] { border-color: $err; }
QLineEdit:disabled, QSpinBox:disabled { color: $text3; }
QLineEdit[kind="search"] { padding-left: 2px; }
QLineEdit[kind="bare"], QLineEdit[kind="bare"]:focus { background: transparent; border: none; padding: 0; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; }
QComboBox { background: $raised; border: 1px solid $edge; border-radius: ${button_radius}px; padding: 0 8px;
  min-height: ${inner_button}px; }
QComboBox:hover { background: $raised_hover; }
QComboBox:disabled { color: $text3; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: $menu; border: 1px solid $edge; padding: 4px; outline: none;
  selection-background-color: $soft; selection-color: $text; }
QCheckBox, QRadioButton { spacing: 8px; background: transparent; min-height: 24px; }
QCheckBox:disabled, QRadioButton:disabled { color: $text3; }

QMenu { background: $menu; border: 1px solid $edge; border-radius: ${message_radius}px; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 10px; border-radius: ${key_radius}px; min-height: 18px; }
QMenu::item:selected { background: $soft; }
QMenu::item:disabled { color: $text3; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::icon { padding-left: 6px; }

QListView, QTreeView, QTableView { background: transparent; border: none; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: transparent; border: none; color: $text2; font-size: ${small}px; padding: 1px 4px; }
QTreeView::item { height: 24px; border: none; }
QTreeView::item:hover { background: $hover; }
QTreeView::item:selected { background: $soft; color: $text; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $edge; border-radius: 3px; min-height: 32px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: $edge; border-radius: 3px; min-width: 32px; margin: 2px; }
QScrollBar::handle:hover { background: $ctl; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSlider { min-height: 24px; background: transparent; }
QSlider::groove:horizontal { height: 3px; background: $edge; border-radius: 1px; }
QSlider::sub-page:horizontal { height: 3px; background: $accent; border-radius: 1px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 7px; background: $handle;
  border: 1px solid $handle_edge; }
QSlider::groove:horizontal:disabled, QSlider::sub-page:horizontal:disabled { background: $line; }
QProgressBar { background: $edge; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
""")


def stylesheet(theme: Theme, system: QFont) -> str:
    """The sheet of `theme`, its text sizes as ratios of the system's font `system`."""
    values = dict(asdict(theme.tokens))
    for role in ("small", "body", "heading", "figure", "title"):
        values[role] = str(font_px(system, role))
    values |= {
        "on_fill": ON_FILL,
        "button_radius": str(Radius.BUTTON),
        "key_radius": str(Radius.KEY),
        "message_radius": str(Radius.MESSAGE),
        "inner_button": str(Height.BUTTON - 2),
        "hover": _rgba(theme, "hover"),
        "pressed": _rgba(theme, "pressed"),
        "raised_hover": _washed(theme, "raised", 1),
        "raised_pressed": _washed(theme, "raised", 2),
        "fill_hover": _washed(theme, "fill", 1),
        "fill_pressed": _washed(theme, "fill", 2),
        "handle": theme.hex("text") if theme.is_dark else theme.hex("field"),
        "handle_edge": theme.hex("text") if theme.is_dark else theme.hex("ctl"),
    }
    return _SHEET.substitute(values)


def _rgba(theme: Theme, token: str) -> str:
    color = theme.color(token)
    return f"rgba({color.red()}, {color.green()}, {color.blue()}, {color.alpha()})"


def _washed(theme: Theme, token: str, times: int) -> str:
    """`token` with the hover wash laid over it `times` times its share; on the fill always darker, for contrast."""
    wash, base = theme.color("hover"), theme.color(token)
    share = wash.alphaF() * times
    over = 0 if token == "fill" else wash.red()
    mixed = [round(c * (1 - share) + over * share) for c in (base.red(), base.green(), base.blue())]
    return "#{:02X}{:02X}{:02X}".format(*mixed)
