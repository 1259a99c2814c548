"""`fcn-gui train`: what it starts from."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from fcn_gui.cli.train import command
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import own_label_map
from fcn_gui.disk.checkpoint_file import read_checkpoint
from tests.unit.learn.workshop import shapes


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


def test_strides_that_the_start_lacks_are_refused_with_those_that_it_has(tmp_path: Path) -> None:
    result = train(tmp_path, "--strides", "32s")
    assert isinstance(result.exception, CheckpointError)
    assert "32s can't be had with mobilenet_v2" in str(result.exception)


def test_an_unknown_trunk_is_refused(tmp_path: Path) -> None:
    result = train(tmp_path, "--trunk", "resnet")
    assert isinstance(result.exception, CheckpointError)
    assert "vgg16" in str(result.exception)
