"""`refit.safetensors`: what was written comes back; a write that is cut off leaves the one before."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError, NewerFormatError, SaveError
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.refit import Refit
from fcn_gui.disk.refit_file import read_refit, write_refit

MAP = own_label_map(["cow", "tree"])
REFIT = Refit(
    "0123",
    MAP,
    {"score_fr.weight": np.arange(12, dtype=np.float32).reshape(3, 4, 1, 1), "score_fr.bias": np.zeros(3, np.float32)},
    introduced=(2,),
    new=(1, 2),
    judged=((3.5, 1.25), (0.0, 2.0)),
)


def same(one: Refit, other: Refit) -> bool:
    tensors = set(one.tensors) == set(other.tensors) and all(
        np.array_equal(one.tensors[name], other.tensors[name]) for name in one.tensors
    )
    facts = [(each.checkpoint, each.label_map, each.new, each.judged) for each in (one, other)]
    return tensors and facts[0] == facts[1]


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    write_refit(tmp_path / "refit.safetensors", REFIT)
    assert same(read_refit(tmp_path / "refit.safetensors"), REFIT)


@pytest.mark.parametrize(
    "step", ["fcn_gui.disk.atomic.write_all", "fcn_gui.disk.atomic.os.fsync", "pathlib.Path.replace"]
)
def test_a_write_that_is_cut_off_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "refit.safetensors"
    write_refit(path, REFIT)

    def cut_off(*args: object) -> None:
        raise OSError(5, "cut off")

    monkeypatch.setattr(step, cut_off)
    with pytest.raises(SaveError):
        write_refit(path, replace(REFIT, checkpoint="4567"))
    monkeypatch.undo()
    assert same(read_refit(path), REFIT)
    assert [each.name for each in tmp_path.iterdir()] == ["refit.safetensors"]


@pytest.mark.parametrize("cut", [0, 7, 40, -1])
def test_a_part_of_one_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "refit.safetensors"
    write_refit(path, REFIT)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CheckpointError, match="refit"):
        read_refit(path)


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "refit.safetensors"
    write_refit(path, replace(REFIT, tensors={"score_fr.bias": np.array([1, np.nan, 2], np.float32)}))
    with pytest.raises(CheckpointError, match="finite"):
        read_refit(path)


def test_a_newer_format_is_told_apart_from_a_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "refit.safetensors"
    write_refit(path, REFIT)
    path.write_bytes(path.read_bytes().replace(b"fcn-gui refit/1", b"fcn-gui refit/2"))
    with pytest.raises(NewerFormatError, match="newer program"):
        read_refit(path)


def test_it_stands_in_for_layers_of_its_own_checkpoint_only() -> None:
    own = {"score_fr.weight": np.ones((3, 4, 1, 1), np.float32), "score_fr.bias": np.ones(3, np.float32)}
    trunk = np.ones(2, np.float32)
    checkpoint = Checkpoint({**own, "trunk.x": trunk}, "mobilenet_v2", (16,), MAP, {}, id="0123")
    laid = REFIT.on(checkpoint)
    assert laid.tensors["trunk.x"] is trunk
    assert np.array_equal(laid.tensors["score_fr.weight"], REFIT.tensors["score_fr.weight"])
    for other in (replace(checkpoint, id="4567"), replace(checkpoint, tensors={"trunk.x": trunk})):
        with pytest.raises(CheckpointError, match="lies on checkpoint 0123"):
            REFIT.on(other)
