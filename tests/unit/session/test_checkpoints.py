"""The history of a project: what is live, what was before, what can no longer be had."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import own_label_map
from fcn_gui.disk.checkpoint_file import read_checkpoint_info
from fcn_gui.session.checkpoints import CheckpointHistory, write_candidate
from fcn_gui.session.gate import Verdict
from tests.fakes.segmenter import colour_checkpoint, write_start

MAP = own_label_map(["background", "cow"])


@pytest.fixture
def start(tmp_path: Path) -> Path:
    return write_start(tmp_path, MAP)


@pytest.fixture
def history(tmp_path: Path, start: Path) -> CheckpointHistory:
    made = CheckpointHistory(tmp_path / "checkpoints", start)
    made.read(None)
    return made


def candidate(folder: Path, parent: str, number: int, accepted: bool = True) -> str:
    weights = colour_checkpoint(MAP, np.full((2, 3), number, np.float32))
    verdict = Verdict(accepted, 0.5, 0.6 if accepted else 0.4, (), "because", "2 held-out images")
    return write_candidate(folder / "checkpoints", weights, parent, number, verdict).id


def test_a_new_project_has_the_start_live(history: CheckpointHistory, start: Path) -> None:
    assert [(entry.number, entry.is_live) for entry in history.entries] == [(0, True)]
    assert history.path(history.entries[0].id) == start
    assert history.previous() is None
    assert history.next_number() == 1


def test_the_start_is_copied_once(history: CheckpointHistory, tmp_path: Path, start: Path) -> None:
    own = tmp_path / f"checkpoints/{history.adopt_start()}.safetensors"
    assert own.read_bytes() == start.read_bytes()
    before = own.stat().st_mtime_ns
    assert history.path(history.adopt_start()) == own
    assert own.stat().st_mtime_ns == before
    history.read(None)
    assert [entry.number for entry in history.entries] == [0]


def test_candidates_are_in_order_with_their_receipts(history: CheckpointHistory, tmp_path: Path) -> None:
    first = history.entries[0].id
    one = candidate(tmp_path, first, 1)
    two = candidate(tmp_path, one, 2, accepted=False)
    history.read(one)
    assert [(e.id, e.number, e.is_live, e.is_refused) for e in history.entries] == [
        (first, 0, False, False),
        (one, 1, True, False),
        (two, 2, False, True),
    ]
    assert history.entry(two).receipt["reason"] == "because"
    previous = history.previous()
    assert previous is not None
    assert previous.id == first
    assert history.next_number() == 3


def test_a_rollback_passes_over_parents_whose_weights_are_gone(history: CheckpointHistory, tmp_path: Path) -> None:
    first = history.entries[0].id
    one = candidate(tmp_path, first, 1)
    two = candidate(tmp_path, one, 2)
    (tmp_path / f"checkpoints/{one}.safetensors").unlink()
    history.read(two)
    assert not history.entry(one).has_weights
    previous = history.previous()
    assert previous is not None
    assert previous.id == first
    with pytest.raises(CheckpointError, match="no longer"):
        history.path(one)


def test_trim_keeps_the_live_one_its_parents_and_the_newest(history: CheckpointHistory, tmp_path: Path) -> None:
    first = history.entries[0].id
    one = candidate(tmp_path, first, 1)
    side = [candidate(tmp_path, first, number) for number in (2, 3, 4)]
    history.read(one)
    history.trim(1)
    left = {path.stem for path in (tmp_path / "checkpoints").glob("*.safetensors")}
    assert left == {one, side[-1]}
    assert len(list((tmp_path / "checkpoints").glob("*.json"))) == 4


def test_what_is_no_receipt_or_no_checkpoint_is_passed_over(history: CheckpointHistory, tmp_path: Path) -> None:
    one = candidate(tmp_path, history.entries[0].id, 1)
    for name, data in (("a.json", b"{"), ("b.json", b"[]"), ("c.safetensors", b"\0" * 40)):
        (tmp_path / "checkpoints" / name).write_bytes(data)
    assert [entry.id for entry in history.read(one)][1:] == [one]
    with pytest.raises(CheckpointError, match="no checkpoint nowhere"):
        history.entry("nowhere")


def test_a_candidate_is_written_with_its_receipt_and_parent(tmp_path: Path) -> None:
    weights = replace(colour_checkpoint(MAP), id="something")
    written = write_candidate(tmp_path / "checkpoints", weights, "parent", 3, Verdict(True, 0.1, 0.2, (), "why", "on"))
    info = read_checkpoint_info(tmp_path / f"checkpoints/{written.id}.safetensors")
    assert (info.parent, info.id) == ("parent", written.id)
    assert info.receipt is not None
    assert (info.receipt["number"], info.receipt["reason"], info.receipt["interval"]) == (3, "why", None)
