"""How large the network sees the photos of a project where nobody says so."""

from dataclasses import replace
from pathlib import Path

import pytest

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import LabelMap, colored, voc_label_map
from fcn_gui.core.settings import Settings
from fcn_gui.disk.checkpoint_file import write_checkpoint
from fcn_gui.session import headless
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.engine import known_as
from fcn_gui.session.session import Session
from fcn_gui.session.working_size import FINER_PX, wanted_long_side
from tests.fakes.segmenter import colour_checkpoint


def classes(*names: str) -> LabelMap:
    return LabelMap(tuple(colored(names)))


def knowing(label_map: LabelMap, long_side: object = 513) -> Checkpoint:
    return replace(colour_checkpoint(label_map), preset={"long_side": long_side})


@pytest.mark.parametrize(
    ("names", "long_side", "expected"),
    [
        (("background", "cat", "dog"), 513, None),
        (("background", "cat", "bolt"), 513, None),
        (("background", "bolt", "nut"), 513, FINER_PX),
        (("background", "bolt"), 513, None),
        (("sky", "road"), 641, FINER_PX),
        (("sky", "road"), 300, 599),
        (("sky", "road"), 2049, None),
        (("sky", "road"), "native", None),
    ],
)
def test_classes_that_are_new_to_the_checkpoint_are_looked_at_finer(
    names: tuple[str, ...], long_side: object, expected: int | None
) -> None:
    checkpoint = knowing(classes("background", "cat", "dog"), long_side)
    assert wanted_long_side(Settings(), checkpoint, classes(*names)) == expected


def test_the_side_that_a_checkpoint_has_for_projects_is_for_classes_that_it_knows() -> None:
    checkpoint = replace(knowing(classes("background", "cat")), preset={"long_side": 641, "project_side": 769})
    assert wanted_long_side(Settings(), checkpoint, classes("background", "cat")) == 769
    assert wanted_long_side(Settings(), checkpoint, classes("sky", "road")) == FINER_PX


def test_the_person_has_the_last_word() -> None:
    settings, checkpoint, new = Settings(), knowing(classes("background", "cat")), classes("sky", "road")
    settings.set("net.working_size", "checkpoint")
    assert wanted_long_side(settings, checkpoint, new) is None
    settings.set("net.working_size", "native")
    assert wanted_long_side(settings, checkpoint, new) == "native"


@pytest.mark.parametrize("names", [("background", "cat"), ("sky", "road")])
def test_what_is_learned_in_a_project_is_looked_at_as_it_was_learned(names: tuple[str, ...]) -> None:
    start = replace(knowing(classes("background", "cat")), preset={"long_side": 641, "project_side": 769})
    of_project = classes(*names)
    side = wanted_long_side(Settings(), start, of_project)
    learned = replace(known_as(start, LiveModel(Path(), "", of_project, 1, long_side=side)), label_map=of_project)
    assert learned.preset["long_side"] == side
    assert wanted_long_side(Settings(), learned, of_project) is None


def test_a_project_with_classes_of_its_own_is_looked_at_finer(tmp_path: Path) -> None:
    start, photos = tmp_path / "start.safetensors", tmp_path / "photos"
    write_checkpoint(start, knowing(voc_label_map()))
    photos.mkdir()
    session = Session(Settings(), start)
    with headless.opened(session, photos, label_map=classes("background", "bolt", "nut")):
        assert session.live is not None
        assert session.live.long_side == FINER_PX
        version = session.version
        session.settings.set("net.working_size", "checkpoint")
        assert session.keep_settings().predictions
        assert session.live.long_side is None
        assert session.version > version
