"""A photograph that the GPU has no room for: smaller batches, then tiles, then the CPU, and the status bar says so."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtWidgets import QComboBox, QLabel

from fcn_gui.disk.bundled import samples_dir
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.net.device import Device, choose
from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.desk import Desk
from tests.fakes.device import SmallDevice


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A real photograph, and the same half as large again."""
    folder = tmp_path / "photos"
    folder.mkdir()
    with PillowImage.open(samples_dir() / "photos" / "cow.jpg") as image:
        image.save(folder / "a_small.png", compress_level=1)
        image.resize((960, 720)).save(folder / "b_large.png", compress_level=1)
    return folder


def on(device: Device, monkeypatch: pytest.MonkeyPatch) -> Callable[[], TorchSegmenter]:
    """The real network on a device."""
    monkeypatch.setattr("fcn_gui.learn.segmenter.choose", lambda _: device)
    return lambda: TorchSegmenter(measured=False)


def see_every_pixel(desk: Desk) -> None:
    """Choose the native working size in the settings."""
    desk.window.trigger("file.settings")
    desk.window.sheets.settings.tabs.choose("net")
    combos = desk.window.sheets.settings.findChildren(QComboBox)
    size = next(combo for combo in combos if combo.accessibleName() == "Working size")
    size.setCurrentIndex(size.findData("native"))
    desk.window.sheets.settings.close()
    desk.rest()


def status(desk: Desk) -> str:
    """All that the status bar says, in its tooltips where it has no room."""
    return " ".join(label.toolTip() or label.text() for label in desk.window.status.findChildren(QLabel))


@pytest.mark.timeout(300)
def test_in_tiles_then_on_the_cpu_with_the_same_masks(
    make_desk: MakeDesk, photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_desk(on(choose("cpu"), monkeypatch)).open(photographs, names="cow\nperson")
    opened = whole.show("b_large.png")
    whole.until(lambda: opened.prediction is not None)
    small = opened.prediction
    assert small.scores.values.shape[1:] == (289, 385), "the checkpoint's working size for projects"
    see_every_pixel(whole)
    expected = whole.show("b_large.png").prediction
    assert expected.scores.values.shape[1:] == (361, 481), "every pixel is seen"
    assert "memory" not in status(whole)
    whole.close()
    for most_px, said in ((620_000, "GPU pretended is short of memory; predicting in tiles"), (1000, "on the CPU")):
        desk = make_desk(on(SmallDevice(most_px=most_px), monkeypatch)).open(photographs)
        assert desk.model.project is not None
        prediction = desk.show("b_large.png").prediction
        assert np.abs(prediction.scores.values - expected.scores.values).max() <= 1e-3
        assert np.array_equal(prediction.labels, expected.labels)
        assert said in status(desk), "said in the status bar, and the setting is kept with the project"
        desk.paint((10.5, 10.5), label=2)
        assert desk.document.masked.mask[10, 10] == 2
        assert not [message for message in desk.told if message.kind == "error"]
        desk.close()
