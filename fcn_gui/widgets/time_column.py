"""What the work has cost so far: seconds and strokes as they were counted, and what is left at this pace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean, median

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.project import Item, Status
from fcn_gui.widgets.labels import ElidedLabel
from fcn_gui.widgets.theme import Space
from fcn_gui.widgets.this_image import spoken_seconds

DELAY_MS, ENOUGH = 1000, 3
"""From so many verified images on, their median is taken for a pace."""


@dataclass(frozen=True)
class TimeFacts:
    """`seconds` on all images together; of those verified the number, the median seconds and the mean strokes."""

    seconds: float
    images: int
    verified: int
    seconds_each: float
    strokes_each: float

    @property
    def seconds_left(self) -> float | None:
        """For the images not verified, at the pace of those that are; None while they are too few to say."""
        if self.verified < ENOUGH or self.seconds_each <= 0:
            return None
        return (self.images - self.verified) * self.seconds_each


def time_facts(items: Iterable[Item]) -> TimeFacts:
    """Of the images of a project; those that can't be read count nowhere."""
    readable = [item for item in items if item.status is not Status.PROBLEM]
    done = [item for item in readable if item.status is Status.VERIFIED]
    return TimeFacts(
        sum(item.seconds for item in readable),
        len(readable),
        len(done),
        median(item.seconds for item in done) if done else 0.0,
        mean(item.strokes for item in done) if done else 0.0,
    )


class TimeColumn(QWidget):
    """Follows the project; only what was counted is a fact, the rest says "about". `counted` after a change."""

    counted = Signal()

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self.total = QLabel()
        self.total.setProperty("role", "figure")
        head, self.each, self.left = QLabel(self.tr("Time so far")), ElidedLabel(), ElidedLabel()
        for label in (head, self.each, self.left):
            label.setProperty("role", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
        column.setSpacing(2)
        for part in (head, self.total, self.each, self.left):
            column.addWidget(part)
        column.addStretch(1)
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.show_facts)
        for signal in (model.project_opened, model.item_changed, model.items_added):
            signal.connect(self._show_soon)
        self.show_facts()

    def show_facts(self) -> None:
        """Count anew."""
        facts = self.facts()
        self.total.setText(spoken_seconds(facts.seconds))
        self.each.set_full_text(each_text(facts))
        left = facts.seconds_left
        self.left.set_full_text(
            self.tr("{n} images left: about {time} at this pace").format(
                n=facts.images - facts.verified, time=spoken_minutes(left)
            )
            if left
            else self.tr("{n} images left").format(n=facts.images - facts.verified)
        )
        self.counted.emit()

    def facts(self) -> TimeFacts:
        """Of the open project."""
        project = self._model.project
        return time_facts(project.items if project is not None else ())

    def _show_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()


def each_text(facts: TimeFacts) -> str:
    """`23 verified: 44 s and 3 strokes an image`."""
    if not facts.verified:
        return QCoreApplication.translate("TimeColumn", "No image is verified yet")
    return QCoreApplication.translate("TimeColumn", "{n} verified: {time} and {strokes} strokes an image").format(
        n=facts.verified, time=spoken_seconds(facts.seconds_each), strokes=f"{facts.strokes_each:.0f}"
    )


def spoken_minutes(seconds: float) -> str:
    """An estimate, no finer than it can be: `40 s`, `12 min`, `1 h 30 min`."""
    if seconds < 100:
        return f"{round(seconds / 10) * 10 or 10} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    minutes = round(seconds / 600) * 10
    return f"{minutes // 60} h {minutes % 60} min"
