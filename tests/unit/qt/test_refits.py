"""The refit in the window's threads: the newest stroke wins, none is lost, what a person vouched for never changes."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from fcn_gui.core.errors import ProjectError
from fcn_gui.core.raster import Inside
from fcn_gui.core.stroke import Stroke
from fcn_gui.core.surroundings import Boldness, Surroundings
from fcn_gui.disk.refit_file import read_refit
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.document import Document
from fcn_gui.session.project import Status
from tests.fakes.segmenter import FakeSegmenter, write_start
from tests.unit.session.workshop import MAP, UNTAUGHT, corrections, dab, most_of_a_cow, photo

MakeModel = Callable[[], SessionModel]


def the(model: SessionModel) -> Document:
    assert model.document is not None
    return model.document


def rest(qtbot: QtBot, model: SessionModel) -> None:
    qtbot.waitUntil(lambda: not model.is_busy, timeout=30_000)


def open_folder(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    model.label_map_wanted.connect(lambda _: model.choose_label_map(MAP))
    model.open_folder(folder)
    qtbot.waitUntil(lambda: model.document is not None and model.document.prediction is not None, timeout=30_000)
    rest(qtbot, model)


def finish(qtbot: QtBot, model: SessionModel, key: str, truth: np.ndarray) -> None:
    """Paint what is where, verify, go on."""
    model.select(key)
    qtbot.waitUntil(lambda: the(model).key == key and the(model).prediction is not None, timeout=30_000)
    for stroke in corrections(truth, every=1):
        model.apply_stroke(stroke)
    model.verify_and_next()
    rest(qtbot, model)


def test_a_stroke_in_the_first_image_repaints_it_and_says_so(
    qtbot: QtBot, make_model: MakeModel, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "scratch").mkdir()
    write_start(tmp_path / "scratch", MAP, UNTAUGHT)
    model = make_model()
    open_folder(qtbot, model, folder)
    truth, said = photo(0)[1], []
    model.image_said.connect(said.append)
    wrong = (the(model).masked.mask != truth).mean()
    for stroke in (dab(28.5, 3.5, 0), dab(10.5, 11.5, 1, radius=1.0), most_of_a_cow(10.5, 11.5, 1)):
        model.apply_stroke(stroke)
        rest(qtbot, model)
    assert said[-1].startswith("Repainted")
    assert (the(model).masked.mask != truth).mean() < wrong / 2


def test_a_mask_that_started_blank_shows_the_prediction_when_a_person_asks(
    qtbot: QtBot, model: SessionModel, folder: Path
) -> None:
    open_folder(qtbot, model, folder)
    model.session.settings.set("learn.start", "blank")
    model.select("p3.png")
    qtbot.waitUntil(lambda: the(model).key == "p3.png" and the(model).prediction is not None, timeout=30_000)
    rest(qtbot, model)
    assert not the(model).masked.mask.any()
    model.repaint()
    qtbot.waitUntil(lambda: bool(the(model).masked.mask.any()), timeout=10_000)
    assert not the(model).masked.vouch.any(), "it is shown, and not vouched for"


def test_strokes_during_a_refit_are_all_there_and_the_last_one_is_learned(
    qtbot: QtBot, model: SessionModel, folder: Path
) -> None:
    open_folder(qtbot, model, folder)
    places: list[Stroke] = [dab(x + 0.5, y + 0.5, (x + y) % 3, 0.6) for y in range(0, 24, 2) for x in range(0, 32, 4)]
    for stroke in places:
        model.apply_stroke(stroke)
    document = the(model)
    vouched, labels = document.masked.vouch.copy(), document.masked.mask.copy()
    assert (vouched > 0).sum() == len(places)
    rest(qtbot, model)
    assert np.array_equal(document.masked.vouch, vouched)
    assert np.array_equal(document.masked.mask[vouched > 0], labels[vouched > 0])
    refit = model.session.refit
    assert refit is not None
    image = photo(0)[0]
    of_trees = image[(vouched > 0) & (labels == 2)]
    weights = vouched[(vouched > 0) & (labels == 2)] * 2.0 - 1  # corrected ones count three times
    np.testing.assert_allclose(refit.tensors["colors"][2], np.average(of_trees, 0, weights), rtol=1e-4)


def test_after_a_verify_the_next_images_are_looked_at_by_the_refit(
    qtbot: QtBot, model: SessionModel, folder: Path
) -> None:
    open_folder(qtbot, model, folder)
    for number in range(3):
        finish(qtbot, model, f"p{number}.png", photo(number)[1])
    assert the(model).key == "p3.png"
    assert (the(model).masked.mask == photo(3)[1]).mean() > 0.9
    assert read_refit(folder / ".fcn-gui/refit.safetensors").judged
    model.select("p5.png")
    qtbot.waitUntil(lambda: the(model).key == "p5.png" and the(model).prediction is not None)
    rest(qtbot, model)
    assert (the(model).masked.mask == photo(5)[1]).mean() > 0.9


def test_repaint_learns_first_and_touches_nothing_vouched(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    finish(qtbot, model, "p0.png", photo(0)[1])
    model.select("p3.png")
    qtbot.waitUntil(lambda: the(model).key == "p3.png" and the(model).prediction is not None)
    model.apply_stroke(dab(3, 3, 2))
    rest(qtbot, model)
    before, vouched = the(model).masked.mask.copy(), the(model).masked.vouch.copy()
    model.repaint()
    rest(qtbot, model)
    changed = the(model).masked.mask != before
    assert changed.any()
    assert not (changed & (vouched > 0)).any()
    assert np.array_equal(the(model).masked.vouch, vouched)


def test_without_a_stroke_repaint_still_predicts(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    with qtbot.waitSignal(model.prediction_changed):
        model.repaint()
    rest(qtbot, model)


def test_a_project_that_comes_back_knows_what_it_learned(qtbot: QtBot, make_model: MakeModel, folder: Path) -> None:
    model = make_model()
    open_folder(qtbot, model, folder)
    for number in range(2):
        finish(qtbot, model, f"p{number}.png", photo(number)[1])
    model.shutdown()
    again = make_model()
    again.open_folder(folder)
    qtbot.waitUntil(lambda: again.document is not None and again.document.prediction is not None, timeout=30_000)
    again.select("p4.png")
    qtbot.waitUntil(lambda: the(again).key == "p4.png" and the(again).prediction is not None, timeout=30_000)
    rest(qtbot, again)
    assert (the(again).masked.mask == photo(4)[1]).mean() > 0.9
    assert again.project is not None
    assert again.project.item("p0.png").status is Status.VERIFIED


def test_after_a_verify_the_window_judges_how_masks_start(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    finish(qtbot, model, "p0.png", photo(0)[1])
    qtbot.waitUntil(lambda: bool(model.session.start_costs.kept()))
    rest(qtbot, model)
    assert json.loads((folder / ".fcn-gui/project.json").read_text("utf-8"))["settings"]["start.costs"]


class Damaged(FakeSegmenter):
    """Its installation lacks what completes strokes."""

    def complete(self, around: Surroundings, name: str, boldness: Boldness = Boldness.USUAL) -> Inside | None:
        raise ProjectError("the file is damaged; install fcn-gui again.")


def test_where_no_stroke_can_be_completed_that_is_said_once_and_each_is_learned(
    qtbot: QtBot, make_model: MakeModel, folder: Path
) -> None:
    model, told = make_model(Damaged), []
    model.message_posted.connect(lambda message: told.append(message.text))
    open_folder(qtbot, model, folder)
    for stroke in (dab(10.5, 11.5, 2), dab(28.5, 3.5, 1), dab(4.5, 20.5, 2)):
        before = model.session.refit
        model.apply_stroke(stroke)
        rest(qtbot, model)
        assert model.session.refit is not before
    (only,) = [text for text in told if "completed" in text]
    assert "install fcn-gui again" in only
    model.verify_and_next()
    rest(qtbot, model)
    assert model.session.start_costs.kept(), "the ways of starting a mask are judged all the same"
