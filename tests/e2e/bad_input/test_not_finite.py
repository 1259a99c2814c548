"""A fine-tune that runs into infinite or undefined numbers ends, is refused, and leaves what is live as it is."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.progress import Job, Progress
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import checkpoint_id, read_checkpoint, write_checkpoint
from fcn_gui.learn.finetune import Request
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.session.engine import known_as
from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.desk import Desk

NAMES = "cow\nperson"
pytestmark = pytest.mark.timeout(300)


class OneThread(TorchSegmenter):
    """The real network."""

    def __init__(self) -> None:
        super().__init__("cpu", measured=False)


class Undefined(OneThread):
    """The real network, of which a fine-tune makes nothing but undefined numbers."""

    def fine_tune(self, request: Request) -> Job[Checkpoint]:
        live, _ = self._live()
        yield Progress(1, 1, "Learning", {"loss": 0.5})
        tensors = {name: np.full_like(value, np.nan, np.float32) for name, value in live.tensors.items()}
        return replace(live, tensors=tensors, parent=live.id, id="", receipt=None)


def painted(desk: Desk, keys: Sequence[str]) -> Desk:
    for key in keys:
        desk.show(key)
        desk.paint((10.5, 10.5), (20.5, 10.5), label=1)
        desk.paint((4.5, 20.5), label=0)
    return desk


def live(desk: Desk) -> str:
    return next(entry.id for entry in desk.model.checkpoints if entry.is_live)


def check_answers(desk: Desk, key: str, checkpoint: Path) -> None:
    """What is live says of an image that was not looked at yet what the file says."""
    document, fresh = desk.show(key), OneThread()
    assert desk.model.session.live is not None
    fresh.load(known_as(read_checkpoint(checkpoint), desk.model.session.live), desk.model.label_map)
    expected = fresh.predict(document.picture.image)
    assert document.prediction is not None
    np.testing.assert_allclose(document.prediction.scores.values, expected.scores.values, rtol=1e-4, atol=1e-3)


def with_overflow(folder: Path) -> Path:
    """The bundled checkpoint with one number so large that any loss of it is infinite, as one of the project's own."""
    start = read_checkpoint(model_path("voc21-light"))
    bias = start.tensors["score_fr.bias"].astype(np.float32)
    bias[start.label_map.index("person")] = 3e38
    poisoned = replace(start, tensors={**start.tensors, "score_fr.bias": bias}, parent=start.id, id="")
    poisoned = replace(poisoned, receipt={"number": 1})
    path = folder / ".fcn-gui" / "checkpoints" / f"{checkpoint_id(poisoned)}.safetensors"
    path.parent.mkdir(exist_ok=True)
    write_checkpoint(path, poisoned)
    return path


def test_a_loss_that_is_not_finite_ends_the_fine_tune_and_changes_nothing(make_desk: MakeDesk, photos: Path) -> None:
    make_desk(OneThread).open(photos, NAMES).close()
    weights = with_overflow(photos)
    desk = make_desk(OneThread).open(photos)
    desk.model.make_live(weights.stem)
    desk.rest()
    painted(desk, ("p0.png", "p1.png"))
    assert live(desk) == weights.stem
    data = weights.read_bytes()
    desk.model.retrain()
    desk.until(lambda: "finite" in desk.texts())
    desk.rest()
    assert "The loss is no longer a finite number; nothing was changed." in desk.texts()
    assert not desk.model.is_retraining
    assert live(desk) == weights.stem
    assert weights.read_bytes() == data
    assert len(desk.model.checkpoints) == 2, "no candidate is kept"
    check_answers(desk, "p3.png", weights)
    desk.paint((15.5, 15.5), label=1)
    assert desk.document.masked.mask[15, 15] == 1


def test_a_candidate_of_undefined_numbers_is_refused_before_it_is_judged(make_desk: MakeDesk, photos: Path) -> None:
    desk = painted(make_desk(Undefined).open(photos, NAMES), ("p0.png", "p1.png", "p2.png"))
    before = live(desk)
    desk.model.retrain()
    desk.until(lambda: "refused" in desk.texts())
    desk.rest()
    assert live(desk) == before
    assert "the live checkpoint stays" in desk.texts()
    assert [entry.id for entry in desk.model.checkpoints] == [before], "nothing is kept that could be put live"
    check_answers(desk, "p3.png", model_path("voc21-light"))
    desk.close()
    again = make_desk(OneThread).open(photos)
    assert live(again) == before
