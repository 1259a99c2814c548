"""The page Measures: confusion matrix, the measures, IU near borders, classes, and the images behind a cell."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from fcn_gui.core.metrics import Measures, Over
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.measuring import Scope, Source
from fcn_gui.session.messages import counted
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.cell_visit import CellVisit
from fcn_gui.widgets.class_figures import ClassFigures
from fcn_gui.widgets.confusion_matrix import ConfusionMatrix
from fcn_gui.widgets.controls import Segments, Switch
from fcn_gui.widgets.curve import Plot, Series
from fcn_gui.widgets.feeding_list import FeedingList
from fcn_gui.widgets.figures_table import Figures, FiguresTable
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.labels import CapButton, IconButton
from fcn_gui.widgets.menus import ActionSet
from fcn_gui.widgets.page_parts import PageHead, column_of, small, upright, with_foot
from fcn_gui.widgets.theme import Space

RENEW_MS = 300
"""Images are measured faster than anybody reads figures."""
FIGURES_PX, LIST_PX, COMPACT_PX = 268, 216, (208, 192)
SHARES = (5, 4, 4)


class MeasuresPanel(QWidget):
    """Measures while it is looked at, and shows what the session knows.

    `places_found(Places)` in the open image, `cell_left` when none is to be seen any more.
    """

    fold_wanted = Signal()
    places_found = Signal(object)
    cell_left = Signal()

    def __init__(self, model: SessionModel, appearance: Appearance, actions: ActionSet) -> None:
        super().__init__()
        self._model, self._appearance = model, appearance
        self._has_chosen_scope = False
        self._timer = QTimer(self, singleShot=True, interval=RENEW_MS)
        self._timer.timeout.connect(self._show)
        self._visit = CellVisit(model, self)
        self._visit.found.connect(self.places_found)
        self._make_parts(actions)
        self._lay_out()
        self._connect()
        self._show()

    # As a page of the dock

    @property
    def head_row(self) -> QHBoxLayout:
        """Where the tabs come first."""
        return self._head.row

    def set_folded(self, is_folded: bool) -> None:
        """Only the head."""
        self._body.setVisible(not is_folded)
        self._head.fold.set_icon_name("chevron-up" if is_folded else "chevron-down")
        self._measure()

    def set_compact(self, is_compact: bool) -> None:
        """No room for key cap and change: the matrix gets what there is."""
        self.again.set_cap_shown(not is_compact)
        self.source.setFixedWidth(116 if is_compact else 136)
        self.scope.setFixedWidth(124 if is_compact else 136)
        self.table.set_compact(is_compact)
        self._parts[1].setMinimumWidth(COMPACT_PX[0] if is_compact else FIGURES_PX)
        self._parts[2].setMinimumWidth(COMPACT_PX[1] if is_compact else LIST_PX)
        for part, share in zip(self._parts, (1, 0, 0) if is_compact else SHARES, strict=True):
            self._across.setStretchFactor(part, share)

    def set_wide(self, is_wide: bool) -> None:
        """The columns share what there is."""

    # Putting together

    def _make_parts(self, actions: ActionSet) -> None:
        appearance = self._appearance
        scopes = ((Scope.HELD_OUT.value, self.tr("Held-out")), (Scope.VERIFIED.value, self.tr("Verified")))
        sources = ((Source.NOW.value, self.tr("Now")), (Source.FIRST.value, self.tr("First look")))
        self.scope = Segments(appearance, scopes, self.tr("Images to measure on"))
        self.scope.setToolTip(
            self.tr("Nothing was learned from held-out images; from the other verified ones it has learned.")
        )
        self.source = Segments(appearance, sources, self.tr("What is measured"))
        self.again = CapButton(appearance, self.tr("Measure"), actions.key("learn.measure"), "refresh-cw")
        self.again.clicked.connect(actions.action("learn.measure").trigger)
        actions.keys_changed.connect(lambda: self.again.set_key(actions.key("learn.measure")))
        self.matrix = ConfusionMatrix(appearance)
        self.readout = ElidedLabel(role="small-strong")
        self.table = FiguresTable(appearance)
        self.curve = Plot(appearance, self.tr("px from borders"))
        self.union = Switch(appearance, self.tr("Count classes in no mask"))
        self.union.setToolTip(
            self.tr(
                "A class that no mask has but the network says somewhere counts as IU 0, as in the paper's score.py."
            )
        )
        self.classes = ClassFigures(appearance)
        self.feeding = FeedingList(appearance, self._model.thumbnail)
        self._title = ElidedLabel(role="small")
        self.back = IconButton(appearance, "x", self.tr("Back to the classes"), 14, 24)
        self._head = PageHead(appearance, self.tr("Fold or open this panel"), (self.scope, self.source))
        self._head.row.insertWidget(self._head.row.count() - 1, self.again)
        self._empty = small(wraps=True)

    def _lay_out(self) -> None:
        area = QScrollArea(widgetResizable=True)
        area.setWidget(self.matrix)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.classes)
        self._lists.addWidget(self.feeding)
        self._lists.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        top = QWidget()
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.TIGHT)
        row.addWidget(self._title, 1)
        row.addWidget(self.back)
        top.setFixedHeight(24)
        words = ElidedLabel(self.tr("Right in rows, called in columns, % of the row"), role="small")
        self._parts = (
            column_of(words, area, self.readout, stretched=area),
            with_foot(column_of(self.table, self.curve, stretched=self.curve), self.union),
            column_of(top, self._lists, stretched=self._lists),
        )
        self._columns = QWidget()
        self._across = across = QHBoxLayout(self._columns)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        for number, (part, share) in enumerate(zip(self._parts, SHARES, strict=True)):
            if number:
                across.addWidget(upright())
            across.addWidget(part, share)
        self.set_compact(False)
        self._body = QStackedWidget()
        self._body.addWidget(self._columns)
        self._body.addWidget(column_of(self._empty))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._body, 1)

    def _connect(self) -> None:
        model = self._model
        self._head.fold.clicked.connect(self.fold_wanted)
        self.scope.chosen.connect(self._choose_scope)
        self.source.chosen.connect(lambda _: self._show())
        self.union.toggled.connect(lambda _: self._show())
        self.matrix.chosen.connect(lambda _truth, _said: self._show_cell())
        self.classes.chosen.connect(self._choose_class)
        self.feeding.wanted.connect(self._visit_image)
        self.back.clicked.connect(self._leave_cell)
        for signal in (model.measurements_changed, model.item_changed, model.project_opened, model.project_closed):
            signal.connect(self._show_soon)
        for signal in (model.checkpoints_changed, model.label_map_changed, model.scan_finished):
            signal.connect(self._measure)
        model.document_opened.connect(self._mark_open)
        model.thumbnail_ready.connect(lambda _: self.feeding.repaint_thumbnails())

    @property
    def empty_text(self) -> str:
        """What stands there while there is nothing to show."""
        return self._empty.text()

    # What happens

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._measure()

    @property
    def _is_looked_at(self) -> bool:
        return self.isVisible() and self._body.isVisible()

    def _measure(self) -> None:
        if self._is_looked_at and self._model.project is not None and self._model.label_map is not None:
            self._model.measure()
            self._show_soon()

    def _show_soon(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def _choose_scope(self) -> None:
        self._has_chosen_scope = True
        self._show()

    def _choose_class(self, label: int) -> None:
        """What it is mistaken for most; the class itself where it never is."""
        row = self._model.measurements.bands(self._scope, self._source).sum(0)[label].copy()
        right, row[label] = label, 0
        said = int(row.argmax()) if row.any() else right
        self.matrix.mark((label, said))
        self._show_cell()

    def _leave_cell(self) -> None:
        self.matrix.mark(None)
        self.cell_left.emit()
        self._show_cell()
        self.classes.setFocus(Qt.FocusReason.OtherFocusReason)

    def _visit_image(self, key: str) -> None:
        if self.matrix.cell is not None:
            self._visit.go(key, self._source, self.matrix.cell)

    @property
    def _scope(self) -> Scope:
        return Scope(self.scope.value)

    @property
    def _source(self) -> Source:
        return Source(self.source.value)

    # Showing

    def _show(self) -> None:
        known, label_map = self._model.measurements, self._model.measurements.label_map
        if not self._has_chosen_scope:
            best = Scope.HELD_OUT if known.count(Scope.HELD_OUT) else Scope.VERIFIED
            self.scope.show_value(best.value)
        has_any = label_map is not None and known.count(self._scope) > 0
        self._body.setCurrentIndex(0 if has_any else 1)
        self._say_state()
        if label_map is None or not has_any:
            self._empty.setText(self._why_empty())
            return
        over = Over.UNION if self.union.isChecked() else Over.TRUTH
        compared = known.compared(self._scope)
        figures = {source: Figures.of(each, over) if each.any() else None for source, each in compared.items()}
        confusion = known.bands(self._scope, self._source).sum(0)
        if figures[Source.NOW] is None:  # no first look was kept
            figures[Source.NOW] = Figures.of(known.bands(self._scope, Source.NOW), over)
        self.table.show_figures(figures[Source.FIRST], figures[Source.NOW])
        self.curve.show_series(
            [
                Series(name, each.curve, token, mark="dot")
                for name, token, each in (
                    (self.tr("first look"), "text2", figures[Source.FIRST]),
                    (self.tr("now"), "accent", figures[Source.NOW]),
                )
                if each is not None
            ]
        )
        self.matrix.show_confusion(confusion, label_map)
        self.classes.show_measures(Measures.from_confusion(confusion, over), confusion, label_map)
        self._show_cell()

    def _show_cell(self) -> None:
        cell = self.matrix.cell
        self.back.setVisible(cell is not None)
        self._lists.setCurrentIndex(0 if cell is None else 1)
        self.readout.set_full_text("" if cell is None else self.matrix.words(cell))
        if cell is None:
            self._title.set_full_text(self.tr("Classes; choose one, or a cell"))
            return
        images = self._model.measurements.feeding(self._scope, self._source, cell)
        self.feeding.show_images(images, sum(px for _, px in images))
        self._title.set_full_text(self.tr("In {images}, largest first").format(images=counted(len(images), "image")))
        self._mark_open()

    def _mark_open(self) -> None:
        if self._model.document is not None:
            self.feeding.mark(self._model.document.key)

    def _say_state(self) -> None:
        known, scope = self._model.measurements, self._scope
        if self._model.project is None:
            self._head.state.set_full_text("")
            return
        count = counted(known.count(scope, self._source), "image")
        if self._model.is_measuring:
            self._head.state.set_texts(self.tr("{images} measured so far").format(images=count), count)
            return
        left = self._model.not_measured
        with_first = known.count(scope, Source.FIRST)
        has_all = with_first in (0, known.count(scope)) or self._source is Source.FIRST
        text = count if has_all else self.tr("{images}, {n} with a first look").format(images=count, n=with_first)
        self._head.state.set_full_text(text if not left else self.tr("{n} to measure anew").format(n=left))

    def _why_empty(self) -> str:
        if self._model.is_measuring:
            return self.tr("Measuring what the network says of images whose mask you vouched for.")
        if self._scope is Scope.HELD_OUT:
            return self.tr("No held-out image is corrected yet. A fifth of the images becomes held-out by itself.")
        return self.tr("Verify an image: what the network says of it is measured against your mask here.")
