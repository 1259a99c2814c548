"""`fcn-gui demo --auto`: the real window, offscreen, does the whole main job; its data set is read by torchvision."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets import VOCSegmentation

from fcn_gui.disk.bundled import samples_dir

SCREENS = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
MOST_SECONDS = 1500
"""For a machine that does much else at the same time; alone with two cores it is about two minutes."""


def photos() -> list[str]:
    return sorted(path.stem for path in [*(samples_dir() / "photos").glob("*"), *(samples_dir() / "series").glob("*")])


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "work"


@pytest.fixture(scope="module")
def told(work: Path) -> dict[str, Any]:
    """What the demo printed; every promise that it did not keep would have been an exit code of 1."""
    done = subprocess.run(
        [sys.executable, "-m", "fcn_gui", "demo", "--auto", "--json", "--into", str(work)],
        env={name: value for name, value in os.environ.items() if name not in SCREENS},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


pytestmark = [pytest.mark.slow, pytest.mark.timeout(MOST_SECONDS + 60)]


def test_photos_that_were_not_corrected_are_not_worse_after_retraining(told: dict[str, Any]) -> None:
    assert told["after_retrain_mean_iu"] >= told["first_look_mean_iu"] > 0.7
    assert told["known_classes_mean_iu"] >= told["known_classes_mean_iu_before"] > 0.8
    assert not set(told["corrected"]) & set(told["not_corrected"])
    assert len(told["corrected"]) + len(told["not_corrected"]) == len(photos())


def test_a_class_that_the_network_did_not_know_is_found_on_photos_that_were_not_touched(told: dict[str, Any]) -> None:
    assert told["taught_class_iu_before"] == 0
    assert told["taught_class_iu"] >= 0.6


def test_the_receipt_says_what_was_judged_on_which_images_and_the_decision_follows(told: dict[str, Any]) -> None:
    """To refuse is an outcome as good as to accept, where the figures say so."""
    receipt = told["receipt"]
    judged = {row["path"]: row["fold"] for row in receipt["images"]}
    assert set(told["held_out"]) <= set(judged) <= set(told["corrected"])
    assert {path for path, fold in judged.items() if not fold} == set(told["held_out"]) != set()
    is_better = receipt["candidate"] > receipt["live"] and receipt["seconds_candidate"] < receipt["seconds_live"]
    is_sure = receipt["interval"][0] > 0 and receipt["seconds_interval"][0] > 0
    assert receipt["reason"]
    assert (is_better and is_sure) or not receipt["accepted"]


def test_the_strokes_are_counted_and_the_first_paint_is_timed(told: dict[str, Any]) -> None:
    assert told["strokes"] >= len(told["corrected"])
    assert told["first_paint_ms"] > 0
    assert told["seconds"] > 0


def test_the_export_is_a_voc_data_set_for_torchvision_with_the_pixels_that_the_window_showed(
    told: dict[str, Any], work: Path
) -> None:
    names = [
        (work / "VOCdevkit" / "VOC2012" / "ImageSets" / "Segmentation" / f"{part}.txt").read_text().split()
        for part in ("train", "val")
    ]
    assert told["exported"] == len(photos()) == sum(map(len, names))
    for part, listed in zip(("train", "val"), names, strict=True):
        dataset = VOCSegmentation(str(work), year="2012", image_set=part)
        assert len(dataset) == len(listed)
        for name, (image, mask) in zip(listed, dataset, strict=True):
            with Image.open(work / "shown" / f"{name}.png") as shown:
                assert mask.size == image.size
                assert np.array_equal(np.asarray(mask), np.asarray(shown)), name


def test_the_originals_and_the_copies_of_the_photos_are_untouched(told: dict[str, Any], work: Path) -> None:
    for folder in ("photos", "series"):
        for original in (samples_dir() / folder).glob("*.jpg"):
            assert (work / "photos" / original.name).read_bytes() == original.read_bytes()
