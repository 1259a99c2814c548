"""`fcn-gui simulate` as a person runs it, by hand only: that needs no network."""

import json
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from tests.e2e.program import fcn_gui
from tests.unit.session.test_simulate import make_dataset


def test_it_prints_one_json_object_and_draws_a_plot(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "dataset", 2)
    told = fcn_gui("simulate", dataset, "--split", "all", "--mode", "manual", "--json", "--plot", tmp_path / "plot.png")
    assert (told.returncode, told.stderr) == (0, "")
    facts = json.loads(told.stdout)
    assert list(facts["modes"]) == ["manual"]
    assert [image["image"] for image in facts["modes"]["manual"]["per_image"]] == ["m1", "m0"]
    assert facts["modes"]["manual"]["strokes"] > 0
    assert facts["ratio"]["manual"] == pytest.approx(1, abs=0.1)
    with PillowImage.open(tmp_path / "plot.png") as plot:
        assert plot.format == "PNG"
    assert sorted(path.name for path in dataset.iterdir()) == [
        "ImageSets",
        "JPEGImages",
        "SegmentationClass",
        "class_names.txt",
    ]


def test_a_file_of_ids_is_a_split(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "dataset", 3)
    (tmp_path / "mine.txt").write_text("m2\nm0\n")
    told = fcn_gui("simulate", dataset, "--split", tmp_path / "mine.txt", "--mode", "manual", "--json")
    assert [image["image"] for image in json.loads(told.stdout)["modes"]["manual"]["per_image"]] == ["m2", "m0"]


def test_by_hand_on_real_masks(shared: Path) -> None:
    told = fcn_gui("simulate", shared / "data/voc21", "--split", "sim", "--mode", "manual", "--json")
    manual = json.loads(told.stdout)["modes"]["manual"]
    assert manual["seconds"] == pytest.approx(1010.8, abs=0.1)
    assert manual["strokes"] == 241
    assert manual["final_mean_iu"] == pytest.approx(0.95, abs=0.01)
