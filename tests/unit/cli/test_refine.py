"""`--refine` of predict and evaluate, with the network that ships."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from fcn_gui.cli.commands import program
from fcn_gui.core.metrics import confusion_matrix

SAMPLES = Path(__file__).parents[3] / "resources" / "samples"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(program, [str(argument) for argument in arguments])


def labels(path: Path) -> np.ndarray:
    with Image.open(path) as mask:
        return np.asarray(mask)


def test_predict_refines_and_evaluate_says_by_how_much(tmp_path: Path) -> None:
    root = tmp_path / "set"
    for name in ("images", "masks"):
        (root / name).mkdir(parents=True)
    shutil.copy(SAMPLES / "photos" / "cat.jpg", root / "images")
    shutil.copy(SAMPLES / "masks" / "cat.png", root / "masks")
    shutil.copy(SAMPLES / "labelmap.txt", root)
    plain = run("predict", root / "images", "-o", tmp_path / "plain", "--json")
    refined = run("predict", root / "images", "-o", tmp_path / "refined", "--refine", "fast", "--json")
    assert plain.exit_code == refined.exit_code == 0, plain.output + refined.output
    before, after = labels(tmp_path / "plain" / "cat.png"), labels(tmp_path / "refined" / "cat.png")
    assert 0 < (before != after).mean() < 0.1
    ways = ("off", "crf", "looks")
    told = [run("evaluate", root, "--refine", way, "--json") for way in ways]
    assert [each.exit_code for each in told] == [0, 0, 0], told[0].output
    facts = [json.loads(each.stdout) for each in told]
    assert tuple(each["refine"] for each in facts) == ways
    assert len({str(each["confusion"]) for each in facts}) == 3
    looked = run("predict", root / "images", "-o", tmp_path / "looks", "--refine", "looks", "--json")
    truth = labels(SAMPLES / "masks" / "cat.png")
    said = confusion_matrix(truth, labels(tmp_path / "looks" / "cat.png"), len(facts[2]["confusion"]))
    assert looked.exit_code == 0 and said.tolist() == facts[2]["confusion"]


def test_stride_by_stride_is_of_one_look(tmp_path: Path) -> None:
    told = run("evaluate", tmp_path, "--refine", "looks", "--by-stride")
    assert told.exit_code == 2 and "one look" in told.output


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_an_unknown_way_is_wrong_use_and_names_those_there_are(command: str, tmp_path: Path) -> None:
    told = run(command, tmp_path, "--refine", "magic")
    assert told.exit_code == 2
    assert "magic" in told.output and "superpixels" in told.output
