"""`fcn-gui train`: what it starts from, and how its loss is sampled."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from fcn_gui.cli.train import SAMPLINGS, command
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import own_label_map
from fcn_gui.disk.checkpoint_file import read_checkpoint, write_checkpoint
from fcn_gui.learn.loss import Sampling
from fcn_gui.net.checkpoint import fresh
from tests.unit.learn.workshop import shapes, untrained

TAPS = {"score_fr": 8, "score_pool4": 512, "score_pool3": 256}


def dataset(folder: Path) -> Path:
    """`images/` and `masks/` of equal names."""
    for item in shapes(folder / "made", 3, own_label_map(["red", "blue"])).items:
        for source, kind in ((item.image_path, "images"), (item.mask_path, "masks")):
            (folder / kind).mkdir(exist_ok=True)
            (folder / kind / f"{item.id}.png").write_bytes(source.read_bytes())
    return folder


def train(folder: Path, *arguments: str) -> Result:
    """For no time at all, so that what comes out is what it started from."""
    given = [str(dataset(folder)), "-o", str(folder / "out.safetensors"), "--minutes", "1e-9", "--json", *arguments]
    return CliRunner().invoke(command, given)


def test_a_trunk_alone_starts_from_random_weights_of_the_seed(tmp_path: Path) -> None:
    result = train(tmp_path, "--trunk", "vgg16/8", "--strides", "16s", "--seed", "3")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout.splitlines()[-1])["checkpoint"].endswith("out.safetensors")
    made = read_checkpoint(tmp_path / "out.safetensors")
    assert (made.trunk, made.strides, made.preset["name"]) == ("vgg16/8", (32, 16), "fcn-caffe")
    assert made.tensors["trunk.fc6.weight"].std() > 0
    assert not made.tensors["score_fr.weight"].any()


def test_a_start_with_another_trunk_is_refused(tmp_path: Path) -> None:
    result = train(tmp_path, "--trunk", "vgg16", "--from", "voc21-light")
    assert isinstance(result.exception, CheckpointError)
    assert "voc21-light has the trunk mobilenet_v2, not vgg16" in str(result.exception)


def test_an_at_once_network_is_trained_on_without_its_constants_where_that_trunk_is_asked_for(tmp_path: Path) -> None:
    at_once = fresh("vgg16_at_once/8", own_label_map(["red", "blue"]))
    rows = {f"{name}.weight": np.ones((3, channels, 1, 1), np.float32) for name, channels in TAPS.items()}
    write_checkpoint(tmp_path / "a.safetensors", dataclasses.replace(at_once, tensors={**at_once.tensors, **rows}))
    start = ("--from", str(tmp_path / "a.safetensors"))
    for trunk, scales in (("vgg16/8", (1, 1e-2, 1e-4)), ("vgg16_at_once/8", (1, 1, 1))):
        result = train(tmp_path, *start, "--trunk", trunk)
        assert result.exit_code == 0, result.output
        made = read_checkpoint(tmp_path / "out.safetensors")
        assert made.trunk == trunk
        assert [float(made.tensors[f"{name}.weight"].max()) for name in TAPS] == pytest.approx(scales, rel=1e-3)
    refused = train(tmp_path, *start, "--trunk", "vgg16/16")
    assert isinstance(refused.exception, CheckpointError)


def test_strides_that_the_start_lacks_are_refused_with_those_that_it_has(tmp_path: Path) -> None:
    result = train(tmp_path, "--strides", "32s")
    assert isinstance(result.exception, CheckpointError)
    assert "32s can't be had with mobilenet_v2" in str(result.exception)


def test_an_unknown_trunk_is_refused(tmp_path: Path) -> None:
    result = train(tmp_path, "--trunk", "resnet")
    assert isinstance(result.exception, CheckpointError)
    assert "vgg16" in str(result.exception)


def test_cells_are_sampled_and_steps_logged_on_request(tmp_path: Path) -> None:
    given = [str(dataset(tmp_path)), "-o", str(tmp_path / "out.safetensors"), "--epochs", "2", "--device", "cpu"]
    sampled = ["--sample", "cells", "--keep", "0.5", "--balance", "draws", "--log", str(tmp_path / "log.jsonl")]
    write_checkpoint(tmp_path / "start.safetensors", untrained())
    result = CliRunner().invoke(command, [*given, *sampled, "--from", str(tmp_path / "start.safetensors"), "--json"])
    assert result.exit_code == 0, result.output
    said = dict((read_checkpoint(tmp_path / "out.safetensors").receipt or {})["recipe"])
    assert (said["sampling"], said["kept"], said["balance"], said["is_balanced_by_draws"]) == ("cell", 0.5, 0.5, True)
    steps = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [step["step"] for step in steps] == [1, 2]
    assert {step["images"] for step in steps} == {2 * said["batch"]}


def test_every_kind_of_sampling_has_a_name() -> None:
    assert sorted(SAMPLINGS.values()) == sorted(Sampling)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--sample", "cells"), "go together"),
        (("--keep", "0.5"), "go together"),
        (("--sample", "cells", "--keep", "0"), "--keep"),
        (("--balance", "draws"), "needs --sample cells or --sample pixels"),
        (("--balance", "draws", "--sample", "patches", "--keep", "0.5"), "needs --sample cells or --sample pixels"),
        (("--recipe", "heavy", "--balance", "weights"), "the heavy recipe looks at every pixel alike"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_use(tmp_path: Path, options: tuple[str, ...], reason: str) -> None:
    result = train(tmp_path, *options)
    assert result.exit_code == 2
    assert reason in result.output
