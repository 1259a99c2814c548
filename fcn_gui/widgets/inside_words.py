"""What the page FCN inside says, by chapter; figures of the photo come from its facts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from fcn_gui.session.inside import InsideFacts
from fcn_gui.widgets import inside_pictures as names


@dataclass(frozen=True)
class Caption:
    """The picture `name` under a title and some words."""

    name: str
    title: str
    words: str = ""


@dataclass(frozen=True)
class Chapter:
    """Title and text above rows of pictures; below them what was measured, and `actions` that show it on the canvas."""

    title: str
    text: str
    rows: tuple[tuple[Caption, ...], ...]
    foot: str
    actions: tuple[str, ...] = ()


class InsideWords(QObject):
    """Texts in the person's language."""

    def chapters(self, facts: InsideFacts) -> tuple[Chapter, ...]:
        """The whole page."""
        return self._heatmap(facts), self._skips(facts), self._unsure(facts)

    def origin(self, facts: InsideFacts, is_live: bool) -> str:
        """Which photo, class and network the pictures show."""
        words = self.tr("{photo}, class {name}, by the network as it is now")
        if not is_live:
            words = self.tr("{photo} of the sample, class {name}; open a photo to see it here")
        return words.format(photo=facts.photo, name=facts.name)

    def _heatmap(self, facts: InsideFacts) -> Chapter:
        rows, cols = facts.places
        text = self.tr(
            "A classifier takes one patch and ends in fully connected layers that give one answer. Written as"
            " convolutions, the same weights run over the whole photo at once: {n} answers in one pass, and what"
            " neighbouring patches have in common is worked out once. Brought up to pixels they are a heatmap."
        )
        foot = self.tr(
            "16 × 16 answers of VGG16 took 1/45 of the time of 256 patches one by one"
            " (pytest tests/benchmarks/test_convolutional.py)."
        )
        captions = (
            Caption(names.PLACES, self.tr("Places"), f"{cols} × {rows}"),
            Caption(names.ANSWERS, self.tr("Answers"), self.tr("{name}, one for each place").format(name=facts.name)),
            Caption(names.HEATMAP, self.tr("Heatmap"), self.tr("brought up to pixels")),
        )
        title = self.tr("From classifier to heatmap")
        return Chapter(title, text.format(n=f"{cols} × {rows}"), (captions,), foot, ("view.heatmap",))

    def _skips(self, facts: InsideFacts) -> Chapter:
        title = self.tr("What each skip adds")
        if len(facts.strides) == 1:
            text = self.tr("This network ends at {stride}s and has no skips.").format(stride=facts.strides[0])
            return Chapter(title, text, (), "")
        text = self.tr(
            "Deep layers know what there is, early ones where it ends. Each skip adds the scores of an earlier layer"
            " before the sum is brought up. The part framed above changes most. First row: the labels that each skip"
            " changed; second row: where {name} became more likely (amber) or less (blue), by up to {most}."
        ).format(name=facts.name, most=f"{facts.most_added:.2f}")
        changed = [self.tr("{share} changed").format(share=f"{100 * share:.1f} %") for share in facts.changed]
        changed[0] = self.tr("labels")
        labels = tuple(
            Caption(names.labels_at(stride), f"+ {stride}s" if number else f"{stride}s", changed[number])
            for number, stride in enumerate(facts.strides)
        )
        first, *finer = facts.strides
        added = (
            Caption(names.added_at(first), f"{first}s", self.tr("heatmap")),
            *(Caption(names.added_at(stride), f"+ {stride}s", self.tr("added heat")) for stride in finer),
        )
        foot = self.tr("fcn-gui evaluate DATASET --by-stride measures it on a data set; docs/skips.md has tables.")
        return Chapter(title, text, (labels, added), foot, ("view.skips",))

    def _unsure(self, facts: InsideFacts) -> Chapter:
        text = self.tr(
            "Where the two likeliest classes come close, the network is unsure. Along borders it always is, and that"
            " is no news. What is left when borders are taken away is worth a look: the dots, larger where it is less"
            " sure."
        )
        share = self.tr("{share} of the photo").format(share=f"{100 * facts.unsure:.1f} %")
        captions = (
            Caption(names.SAYS, self.tr("Labels"), self.tr("the likeliest class")),
            Caption(names.DOUBT, self.tr("Doubt"), self.tr("bright where two are close")),
            Caption(names.UNSURE, self.tr("Unsure"), share),
        )
        foot = self.tr(
            "On voc21 val the dots cover 9 % of the pixels and 53 % of what is wrong"
            " (pytest tests/benchmarks/test_doubt.py)."
        )
        actions = ("view.uncertainty", "image.uncertain")
        return Chapter(self.tr("Where it is unsure"), text, (captions,), foot, actions)
