"""Verbs go in, facts come out; work happens elsewhere and comes back."""

import gc
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from fcn_gui.core.raster import Rect
from fcn_gui.core.settings import Settings
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.disk.atomic import write_bytes
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.task import Task
from fcn_gui.session.document import Document
from fcn_gui.session.messages import Message
from fcn_gui.session.project import Status
from fcn_gui.session.session import Session
from tests.fakes.segmenter import FakeSegmenter
from tests.unit.session.workshop import MAP, WRONG, corrections, dab, make_folder, new_session, photo

MakeModel = Callable[[], SessionModel]


class Told(QObject):
    """What a model said."""

    def __init__(self, model: SessionModel) -> None:
        super().__init__(model)
        self.messages: list[Message] = []
        self.ended: list[tuple[str, str]] = []
        self.rects: list[Rect] = []
        model.message_posted.connect(self.messages.append)
        model.job_ended.connect(lambda _, kind, outcome, text: self.ended.append((kind, outcome)))
        model.mask_changed.connect(self.rects.append)

    def texts(self) -> str:
        return " | ".join(message.text for message in self.messages)


def the(model: SessionModel) -> Document:
    assert model.document is not None
    return model.document


def rest(qtbot: QtBot, model: SessionModel) -> None:
    """Wait until nothing runs and nothing waits."""
    qtbot.waitUntil(lambda: not model.is_busy, timeout=20_000)


def open_folder(qtbot: QtBot, model: SessionModel, folder: Path, key: str = "p0.png") -> None:
    wanted: list[Path] = []
    model.label_map_wanted.connect(wanted.append)
    model.open_folder(folder)
    qtbot.waitUntil(lambda: model.project is not None and model.document is not None, timeout=10_000)
    if wanted:
        model.choose_label_map(MAP)
    model.select(key)
    qtbot.waitUntil(lambda: the(model).key == key and the(model).prediction is not None, timeout=10_000)


def correct(qtbot: QtBot, model: SessionModel, key: str, truth: np.ndarray, every: int = 3) -> None:
    model.select(key)
    qtbot.waitUntil(lambda: the(model).key == key and the(model).prediction is not None)
    for stroke in corrections(truth, every):
        model.apply_stroke(stroke)


def test_a_plain_folder_asks_once_for_its_classes(qtbot: QtBot, make_model: MakeModel, folder: Path) -> None:
    model = make_model()
    with qtbot.waitSignal(model.label_map_wanted) as wanted:
        model.open_folder(folder)
    assert wanted.args == [folder]
    qtbot.waitUntil(lambda: model.document is not None)
    assert the(model).prediction is None
    model.choose_label_map(MAP)
    qtbot.waitUntil(lambda: the(model).prediction is not None)
    rest(qtbot, model)
    model.shutdown()
    again = make_model()
    asked: list[object] = []
    again.label_map_wanted.connect(asked.append)
    open_folder(qtbot, again, folder)
    assert again.label_map is not None
    assert again.label_map.names == MAP.names
    assert asked == []


def test_images_come_in_batches_and_the_first_is_shown(qtbot: QtBot, model: SessionModel, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    data = (make_folder(tmp_path / "one", 1) / "p0.png").read_bytes()
    for number in range(1200):
        (folder / f"i{number}.png").write_bytes(data)
    batches: list[tuple[int, int]] = []
    model.items_added.connect(lambda first, count: batches.append((first, count)))
    with qtbot.waitSignal(model.scan_finished, timeout=20_000) as scanned:
        model.open_folder(folder)
    assert scanned.args == [1200]
    assert len(batches) > 2
    assert [first for first, _ in batches] == list(np.cumsum([0, *(count for _, count in batches)])[:-1])
    assert model.project is not None
    assert [item.key for item in model.project.items[:3]] == ["i0.png", "i1.png", "i2.png"]
    qtbot.waitUntil(lambda: model.document is not None and model.document.key == "i0.png")


def test_a_stroke_changes_the_mask_at_once_and_survives(qtbot: QtBot, make_model: MakeModel, folder: Path) -> None:
    model = make_model()
    open_folder(qtbot, model, folder)
    told = Told(model)
    model.apply_stroke(dab(10.5, 10.5, 2))
    assert told.rects
    assert the(model).masked.mask[10, 10] == 2
    assert model.can_undo
    model.shutdown()
    again = make_model()
    open_folder(qtbot, again, folder)
    assert the(again).masked.mask[10, 10] == 2
    assert the(again).masked.vouch[10, 10] == 2


def test_the_next_image_is_there_at_once_because_it_was_made_ahead(
    qtbot: QtBot, model: SessionModel, folder: Path
) -> None:
    open_folder(qtbot, model, folder)
    rest(qtbot, model)
    model.go(1)
    assert the(model).key == "p1.png"
    assert the(model).prediction is not None
    assert model.project is not None
    assert model.project.item("p1.png").status is Status.PREDICTED


def test_verify_goes_on_to_the_next(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    rest(qtbot, model)
    model.verify_and_next()
    assert model.project is not None
    assert model.project.item("p0.png").status is Status.VERIFIED
    assert the(model).key == "p1.png"
    model.select("p0.png")
    model.unverify()
    assert model.project.item("p0.png").status is Status.PREDICTED


def test_bad_files_are_listed_with_the_reason_and_the_rest_works(
    qtbot: QtBot, model: SessionModel, folder: Path
) -> None:
    (folder / "a_cut.png").write_bytes((folder / "p0.png").read_bytes()[:60])
    (folder / "b_empty.jpg").write_bytes(b"")
    told = Told(model)
    open_folder(qtbot, model, folder)
    assert model.project is not None
    for key in ("a_cut.png", "b_empty.jpg"):
        model.select(key)
        rest(qtbot, model)
        assert model.project.item(key).status is Status.PROBLEM
        assert key in told.texts()
    model.go(1)
    qtbot.waitUntil(lambda: the(model).key == "p1.png")


def test_saving_is_told_and_the_journal_is_gone_after_it(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    model.apply_stroke(dab(10.5, 10.5, 2))
    assert list((folder / ".fcn-gui/journal").rglob("*.jsonl"))
    with qtbot.waitSignal(model.saved):
        model.save_now()
    rest(qtbot, model)
    assert not list((folder / ".fcn-gui/journal").rglob("*.jsonl"))
    assert not the(model).is_dirty


def test_a_full_disk_is_told_and_the_work_is_saved_when_it_can_be(
    qtbot: QtBot, model: SessionModel, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_folder(qtbot, model, folder)
    rest(qtbot, model)
    told = Told(model)
    is_full = threading.Event()
    is_full.set()

    def full(path: Path, data: bytes, **how: object) -> None:
        if is_full.is_set():
            raise OSError(28, "No space left on device", str(path))
        write_bytes(path, data, **how)  # type: ignore[arg-type]

    monkeypatch.setattr("fcn_gui.disk.mask_file.write_bytes", full)
    model.apply_stroke(dab(10.5, 10.5, 2))
    model.save_now()
    qtbot.waitUntil(lambda: any(message.kind == "error" for message in told.messages))
    assert the(model).is_dirty
    is_full.clear()
    with qtbot.waitSignal(model.saved):
        model.save_now()
    rest(qtbot, model)
    assert not the(model).is_dirty


def test_a_smart_stroke_waits_for_its_superpixels(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    told = Told(model)
    model.apply_stroke(Stroke(Tool.SMART, 2, ((3.5, 3.5),)))
    qtbot.waitUntil(lambda: bool(told.rects))
    assert the(model).masked.mask[3, 3] == 2
    found = model.superpixels()
    assert found is not None
    same = found == found[3, 3]
    assert (the(model).masked.mask[same] == 2).all()


def test_a_candidate_that_waits_goes_live_when_the_third_image_is_verified(
    qtbot: QtBot, model_without_refit: SessionModel, folder: Path
) -> None:
    model = model_without_refit
    open_folder(qtbot, model, folder)
    told = Told(model)
    for number in range(2):
        correct(qtbot, model, f"p{number}.png", photo(number)[1], every=1)
        model.verify_and_next()
    model.retrain()
    qtbot.waitUntil(lambda: ("retrain", "finished") in told.ended)
    rest(qtbot, model)
    assert "Checkpoint 1 waits: 2 verified images can't judge it" in told.texts()
    assert [entry.is_waiting for entry in model.checkpoints] == [False, True]
    steps = len(model.learning.steps)
    correct(qtbot, model, "p2.png", photo(2)[1], every=1)
    model.verify_and_next()
    qtbot.waitUntil(lambda: told.ended.count(("retrain", "finished")) == 2)
    rest(qtbot, model)
    assert "Checkpoint 1 is live: mean IU" in told.texts()
    assert [(entry.number, entry.is_live) for entry in model.checkpoints] == [(0, False), (1, True)]
    assert len(model.learning.steps) == steps


def test_the_image_that_was_missing_may_be_verified_while_it_learns(
    qtbot: QtBot, model_without_refit: SessionModel, folder: Path
) -> None:
    model = model_without_refit
    open_folder(qtbot, model, folder)
    for number in range(2):
        correct(qtbot, model, f"p{number}.png", photo(number)[1], every=1)
        model.verify_and_next()
    model.retrain()
    correct(qtbot, model, "p2.png", photo(2)[1], every=1)
    model.verify_and_next()
    qtbot.waitUntil(lambda: any(entry.is_live and entry.number == 1 for entry in model.checkpoints))
    rest(qtbot, model)
    assert len(model.checkpoints) == 2


def test_retrain_makes_a_better_checkpoint_live_and_predictions_follow(
    qtbot: QtBot, model_without_refit: SessionModel, folder: Path
) -> None:
    model = model_without_refit
    open_folder(qtbot, model, folder)
    for number in range(4):
        correct(qtbot, model, f"p{number}.png", photo(number)[1], every=1)
        model.verify_and_next()
    model.select("p5.png")
    qtbot.waitUntil(lambda: the(model).key == "p5.png" and the(model).prediction is not None)
    rest(qtbot, model)
    truth = photo(5)[1]
    before = float((the(model).masked.mask == truth).mean())
    told = Told(model)
    with qtbot.waitSignal(model.job_ended, check_params_cb=lambda _, kind, outcome, text: kind == "retrain"):
        model.retrain()
    rest(qtbot, model)
    assert "is live: mean IU" in told.texts()
    live = [entry for entry in model.checkpoints if entry.is_live]
    assert [(entry.number, entry.is_refused) for entry in live] == [(1, False)]
    assert live[0].receipt["accepted"] is True
    assert len(model.learning.losses) == len(model.learning.steps) > 3
    assert model.learning.losses[-1] < model.learning.losses[0]
    assert float((the(model).masked.mask == truth).mean()) > max(before, 0.9)
    model.rollback()
    rest(qtbot, model)
    assert float((the(model).masked.mask == truth).mean()) == before
    assert "Back at checkpoint 0" in told.texts()
    assert model.run(f"learn.live:{live[0].id}")
    rest(qtbot, model)
    assert float((the(model).masked.mask == truth).mean()) > 0.9


def test_other_images_follow_by_a_second_look_but_their_strokes_stay(
    qtbot: QtBot, model_without_refit: SessionModel, folder: Path
) -> None:
    model = model_without_refit
    open_folder(qtbot, model, folder)
    for number in (0, 1, 2):
        correct(qtbot, model, f"p{number}.png", photo(number)[1], every=1)
        model.verify_and_next()
    model.select("p4.png")
    qtbot.waitUntil(lambda: the(model).key == "p4.png" and the(model).prediction is not None)
    label = int(photo(4)[1][1, 1])
    model.apply_stroke(dab(1.5, 1.5, label, 1))
    painted = the(model).masked.vouch > 0
    model.select("p5.png")
    rest(qtbot, model)
    assert model.project is not None
    store = model.project.folder
    before = store.read_mask("p4.png")
    model.retrain()
    qtbot.waitUntil(lambda: any(entry.is_live and entry.number for entry in model.checkpoints))
    rest(qtbot, model)
    model.save_now()
    rest(qtbot, model)
    after = store.read_mask("p4.png")
    assert before is not None
    assert after is not None
    assert not np.array_equal(before, after)
    assert (after[painted] == label).all()
    assert float((after == photo(4)[1])[~painted].mean()) > 0.9


def test_a_retrain_can_be_cancelled(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    for number in (0, 1):
        correct(qtbot, model, f"p{number}.png", photo(number)[1])
    rest(qtbot, model)
    told = Told(model)
    model.job_progressed.connect(lambda status: model.cancel_job(status.id) if status.kind == "retrain" else None)
    model.retrain()
    qtbot.waitUntil(lambda: ("retrain", "cancelled") in told.ended, timeout=1000)
    rest(qtbot, model)
    assert [entry.number for entry in model.checkpoints] == [0]
    assert not model.is_retraining


def test_retrain_without_corrections_says_so(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    told = Told(model)
    model.retrain()
    qtbot.waitUntil(lambda: "nothing to learn from" in told.texts())


def test_export_writes_what_is_verified(qtbot: QtBot, model: SessionModel, folder: Path, tmp_path: Path) -> None:
    open_folder(qtbot, model, folder)
    rest(qtbot, model)
    shown = the(model).masked.mask.copy()
    model.verify_and_next()
    told = Told(model)
    model.export(tmp_path / "voc", {"only_verified": True})
    qtbot.waitUntil(lambda: ("export", "finished") in told.ended)
    assert "Exported 1 verified image" in told.texts()
    assert "5 left out" in told.texts()
    written = np.array(PillowImage.open(tmp_path / "voc/SegmentationClass/p0.png"))
    assert np.array_equal(written, shown)
    model.export(tmp_path / "voc", {})
    qtbot.waitUntil(lambda: ("export", "failed") in told.ended)
    assert "not empty" in told.texts()


def test_a_new_class_can_be_painted_at_once(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    with qtbot.waitSignal(model.label_map_changed):
        model.add_class("sheep")
    model.apply_stroke(dab(10.5, 10.5, 3))
    rest(qtbot, model)
    assert the(model).masked.mask[10, 10] == 3
    assert the(model).prediction is not None
    assert the(model).prediction.scores.classes == 4
    told = Told(model)
    model.add_class("sheep")
    assert told.messages


def test_another_folder_takes_the_place_of_the_first(
    qtbot: QtBot, model: SessionModel, folder: Path, tmp_path: Path
) -> None:
    other = make_folder(tmp_path / "other", 2)
    open_folder(qtbot, model, folder)
    model.apply_stroke(dab(10.5, 10.5, 2))
    with qtbot.waitSignal(model.project_closed):
        model.open_folder(other)
    qtbot.waitUntil(lambda: model.folder == other and model.document is not None)
    model.open_folder(folder)
    qtbot.waitUntil(lambda: model.folder == folder and model.document is not None)
    assert not model.is_read_only
    assert the(model).masked.mask[10, 10] == 2


def test_a_second_window_is_read_only_and_says_so(qtbot: QtBot, make_model: MakeModel, folder: Path) -> None:
    first, second = make_model(), make_model()
    open_folder(qtbot, first, folder)
    rest(qtbot, first)
    told = Told(second)
    open_folder(qtbot, second, folder)
    assert second.is_read_only
    assert "read-only" in told.texts()
    second.apply_stroke(dab(10.5, 10.5, 2))
    assert not the(second).masked.vouch.any()


def test_an_empty_folder_opens(qtbot: QtBot, model: SessionModel, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with qtbot.waitSignal(model.scan_finished) as scanned:
        model.open_folder(empty)
    assert scanned.args == [0]
    assert model.document is None
    model.go(1)


def test_a_folder_that_is_not_there_is_told(qtbot: QtBot, model: SessionModel, tmp_path: Path) -> None:
    told = Told(model)
    model.open_folder(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: ("open", "failed") in told.ended)
    assert "nowhere" in told.texts()


def test_a_broken_network_is_told_and_painting_goes_on(qtbot: QtBot, tmp_path: Path, folder: Path) -> None:
    def broken() -> object:
        raise RuntimeError("no such device")

    model = SessionModel(new_session(tmp_path / "scratch", WRONG), broken)  # type: ignore[arg-type]
    told = Told(model)
    model.open_folder(folder)
    qtbot.waitUntil(lambda: model.document is not None)
    model.choose_label_map(MAP)
    qtbot.waitUntil(lambda: "no such device" in told.texts())
    model.apply_stroke(dab(10.5, 10.5, 2))
    assert the(model).masked.mask[10, 10] == 2
    model.shutdown()


def test_thumbnails_show_photo_and_mask(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    rest(qtbot, model)
    with qtbot.waitSignal(model.thumbnail_ready, check_params_cb=lambda key: key == "p3.png"):
        assert model.thumbnail("p3.png") is None
    small = model.thumbnail("p3.png")
    assert small is not None
    assert max(small.width(), small.height()) <= 160


def test_strokes_are_there_after_the_image_was_forgotten(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    """Images read ahead, shown from memory, left and read again: never the state of before."""
    open_folder(qtbot, model, folder)
    for number in (1, 2, 1, 3, 4, 5, 0, 1):
        rest(qtbot, model)
        model.select(f"p{number}.png")
        qtbot.waitUntil(lambda number=number: the(model).key == f"p{number}.png")  # type: ignore[misc]
        if number == 1:
            model.apply_stroke(dab(10.5, 10.5, 2))
    assert the(model).masked.mask[10, 10] == 2
    assert the(model).masked.vouch[10, 10] > 0
    assert model.can_undo


def test_a_damaged_checkpoint_is_refused_and_the_live_one_stays(
    qtbot: QtBot, model_without_refit: SessionModel, folder: Path
) -> None:
    model = model_without_refit
    open_folder(qtbot, model, folder)
    for number in (0, 1, 2):
        correct(qtbot, model, f"p{number}.png", photo(number)[1], every=1)
        model.verify_and_next()
    model.retrain()
    qtbot.waitUntil(lambda: any(entry.is_live and entry.number for entry in model.checkpoints))
    rest(qtbot, model)
    (path,) = [p for p in (folder / ".fcn-gui/checkpoints").glob("*.safetensors") if p.stem == live_id(model)]
    model.rollback()
    rest(qtbot, model)
    start = live_id(model)
    path.write_bytes(path.read_bytes()[:-4])
    told = Told(model)
    model.make_live(path.stem)
    qtbot.waitUntil(lambda: ("make_live", "failed") in told.ended)
    assert path.name in told.texts()
    assert live_id(model) == start


def live_id(model: SessionModel) -> str:
    (found,) = [entry.id for entry in model.checkpoints if entry.is_live]
    return found


def test_memory_stays_bounded_over_many_images(qtbot: QtBot, model: SessionModel, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    PillowImage.fromarray(noise).save(folder / "i0.png")
    for number in range(1, 36):
        (folder / f"i{number}.png").hardlink_to(folder / "i0.png")
    open_folder(qtbot, model, folder, "i0.png")
    sizes = []
    tracemalloc.start()
    for _ in range(3):
        for _ in range(11):
            key = the(model).key
            model.go(1)
            qtbot.waitUntil(lambda key=key: the(model).key != key)  # type: ignore[misc]
        rest(qtbot, model)
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # What is known of an image stays, about 2 kB; its picture, maps and scores, 200 kB, may not.
    assert (sizes[-1] - sizes[0]) / 22 < 8000, sizes
    assert sum(isinstance(each, Task) for each in gc.get_objects()) < 20


def test_the_folder_asked_for_last_is_the_one_that_opens(
    qtbot: QtBot, model: SessionModel, folder: Path, tmp_path: Path
) -> None:
    other = make_folder(tmp_path / "other", 2)
    model.open_folder(folder)
    model.open_folder(other)
    qtbot.waitUntil(lambda: model.folder == other and model.document is not None)
    rest(qtbot, model)
    assert model.folder == other
    model.open_folder(folder)
    qtbot.waitUntil(lambda: model.folder == folder)
    assert not model.is_read_only


def test_a_retrain_of_a_closed_folder_does_nothing_to_the_next(
    qtbot: QtBot, model: SessionModel, folder: Path, tmp_path: Path
) -> None:
    other = make_folder(tmp_path / "other", 2)
    open_folder(qtbot, model, folder)
    for number in (0, 1):
        correct(qtbot, model, f"p{number}.png", photo(number)[1])
    kinds: list[str] = []
    model.job_progressed.connect(lambda status: kinds.append(status.kind))
    model.retrain()
    qtbot.waitUntil(lambda: "retrain" in kinds)
    model.open_folder(other)
    qtbot.waitUntil(lambda: model.folder == other and model.document is not None)
    rest(qtbot, model)
    assert [entry.number for entry in model.checkpoints] == [0]


def test_adding_a_class_does_not_look_at_all_images_again(qtbot: QtBot, model: SessionModel, folder: Path) -> None:
    open_folder(qtbot, model, folder)
    model.go(1)
    rest(qtbot, model)
    told = Told(model)
    model.add_class("sheep")
    rest(qtbot, model)
    assert [kind for kind, _ in told.ended] == ["predict"]


def test_work_is_counted_in_seconds(qtbot: QtBot, tmp_path: Path, folder: Path) -> None:
    now = [100.0]
    scratch = tmp_path / "scratch"
    new_session(scratch)
    session = Session(Settings(), scratch / "start.safetensors", lambda: now[0])
    model = SessionModel(session, FakeSegmenter)
    open_folder(qtbot, model, folder)
    model.apply_stroke(dab(10.5, 10.5, 2))
    now[0] += 5
    model.note_activity()
    now[0] += 60
    model.set_focus(False)
    now[0] += 60
    model.save_now()
    assert model.project is not None
    assert model.project.item("p0.png").seconds == 25
    model.shutdown()
