"""From a cell of the confusion matrix to the places in an image: it opens the image and finds the regions."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.raster import Mask
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.document import Document
from fcn_gui.session.effort import vouched_truth
from fcn_gui.session.measuring import Source, places_of

Cell = tuple[int, int]


class CellVisit(QObject):
    """`found(Places)` once the image that was asked for is open with its prediction, if it has such regions."""

    found = Signal(object)

    def __init__(self, model: SessionModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._wanted: tuple[str, Source, Cell] | None = None
        model.document_opened.connect(self._follow)
        model.prediction_changed.connect(self._look)
        model.project_closed.connect(self._forget)

    def go(self, key: str, source: Source, cell: Cell) -> None:
        """Open an image with regions of class `cell[0]` that `source` calls `cell[1]`."""
        self._wanted = key, source, cell
        if self._model.document is not None and self._model.document.key == key:
            self._look()
        else:
            self._model.select(key)

    def _follow(self) -> None:
        document = self._model.document
        if self._wanted is not None and document is not None and document.key != self._wanted[0]:
            self._forget()
        self._look()

    def _look(self) -> None:
        document = self._model.document
        if self._wanted is None or document is None or document.key != self._wanted[0]:
            return
        _, source, cell = self._wanted
        labels = _labels(document, source)
        if labels is None:
            return  # its prediction comes
        self._forget()
        truth = vouched_truth(document.masked.mask, document.masked.vouch)
        places = places_of(truth, labels, cell)
        if places is not None:
            self.found.emit(places)

    def _forget(self) -> None:
        self._wanted = None


def _labels(document: Document, source: Source) -> Mask | None:
    if source is Source.FIRST:
        return document.first_look
    return document.prediction.labels if document.prediction is not None else None
