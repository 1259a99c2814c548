"""The network that completes strokes: any window, and a damaged installation says so."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.errors import ProjectError
from fcn_gui.disk.bundled import completer_path
from fcn_gui.net import completer as module
from fcn_gui.net.completer import MAPS, completer, meant


@pytest.fixture
def anew() -> Iterator[None]:
    """The network is read again, and for the tests after this one too."""
    completer.cache_clear()
    yield
    completer.cache_clear()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 2), (33, 50)])
def test_every_window_gets_a_probability_for_each_cell(size: tuple[int, int]) -> None:
    odds = meant(np.random.default_rng(0).normal(size=(MAPS, *size)).astype(np.float32))
    assert odds.shape == size
    assert np.all((odds >= 0) & (odds <= 1))


@pytest.mark.usefixtures("anew")
def test_a_damaged_file_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "stroke-completion.safetensors"
    damaged.write_bytes(completer_path().read_bytes()[:1000])
    monkeypatch.setattr(module, "completer_path", lambda: damaged)
    with pytest.raises(ProjectError, match="install fcn-gui again"):
        completer()
