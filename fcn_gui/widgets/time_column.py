"""What the work has cost and saved so far, as it was counted, and about how long the rest will take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean, median

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.outlook import Estimate, Outlook, outlook
from fcn_gui.session.project import Item, Status
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.spoken import spoken_seconds
from fcn_gui.widgets.theme import Space

DELAY_MS = 1000


@dataclass(frozen=True)
class TimeFacts:
    """`seconds` on all images together; of those verified the number, the median seconds and the mean strokes."""

    seconds: float
    images: int
    verified: int
    seconds_each: float
    strokes_each: float


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
        self.head = QLabel()
        self.each, self.left, self.without = (ElidedLabel(elide=Qt.TextElideMode.ElideRight) for _ in range(3))
        for label in (self.head, self.each, self.left, self.without):
            label.setProperty("role", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
        column.setSpacing(2)
        for part in (self.head, self.total, self.each, self.left, self.without):
            column.addWidget(part)
        column.addStretch(1)
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.show_facts)
        for signal in (model.project_opened, model.item_changed, model.items_added):
            signal.connect(self._show_soon)
        self.show_facts()

    def show_facts(self) -> None:
        """Count anew."""
        facts, seen = self.facts(), self._outlook()
        if seen.compared:
            self.head.setText(self.tr("Saved so far") if seen.saved_s >= 0 else self.tr("More than by hand so far"))
            self.total.setText(self.tr("about {time}").format(time=spoken_minutes(abs(seen.saved_s))))
            self.each.set_full_text(
                self.tr("{time}, by hand about {hand}").format(
                    time=spoken_seconds(seen.spent_s), hand=spoken_minutes(seen.by_hand_s)
                )
            )
            self.each.setToolTip(each_text(facts))
        else:
            self.head.setText(self.tr("Time so far"))
            self.total.setText(spoken_seconds(facts.seconds))
            self.each.set_full_text(each_text(facts))
        self._say_left(seen)
        for label in (self.each, self.left, self.without):
            label.setVisible(facts.images > 0)
        self.counted.emit()

    def _say_left(self, seen: Outlook) -> None:
        learning, without = seen.with_learning, seen.without
        left = self.tr("1 image left") if seen.left == 1 else self.tr("{n} images left").format(n=seen.left)
        if learning is None or without is None:
            early = self.tr("too early to say") if seen.left and seen.course else ""
            self.left.set_full_text(left + (f": {early}" if early else ""))
            self.without.set_full_text("")
            return
        self.left.set_texts(f"{left}: {estimate_text(learning)}", f"{left}: {about_text(learning)}")
        words = self.tr("Without learning: {time}")
        self.without.set_texts(words.format(time=estimate_text(without)), words.format(time=about_text(without)))

    def _outlook(self) -> Outlook:
        project = self._model.project
        return outlook(project.items if project is not None else [])

    def facts(self) -> TimeFacts:
        """Of the open project."""
        project = self._model.project
        return time_facts(project.items if project is not None else ())

    def _show_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()


def each_text(facts: TimeFacts) -> str:
    """`23 verified: 44 s, 3 strokes each`."""
    if not facts.verified:
        return QCoreApplication.translate("TimeColumn", "No image is verified yet")
    number = f"{facts.strokes_each:.0f}"
    if number == "1":
        words = QCoreApplication.translate("TimeColumn", "{n} verified: {time}, 1 stroke each")
    else:
        words = QCoreApplication.translate("TimeColumn", "{n} verified: {time}, {strokes} strokes each")
    return words.format(n=facts.verified, time=spoken_seconds(facts.seconds_each), strokes=number)


def estimate_text(estimate: Estimate) -> str:
    """`about 12 min (8 min … 20 min)`."""
    low, high = spoken_minutes(estimate.low), spoken_minutes(estimate.high)
    words = QCoreApplication.translate("TimeColumn", "about {time} ({low} … {high})")
    return words.format(time=spoken_minutes(estimate.seconds), low=low, high=high)


def about_text(estimate: Estimate) -> str:
    """The same without the interval."""
    return QCoreApplication.translate("TimeColumn", "about {time}").format(time=spoken_minutes(estimate.seconds))


def spoken_minutes(seconds: float) -> str:
    """An estimate, no finer than it can be: `40 s`, `12 min`, `1 h 30 min`."""
    if seconds < 100:
        return f"{round(seconds / 10) * 10 or 10} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    minutes = round(seconds / 600) * 10
    return f"{minutes // 60} h {minutes % 60} min"
