"""Published weights on the command line: imported and downloaded, known by name afterwards."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage

from fcn_gui.cli.main import main
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.disk.published_weights import PUBLISHED, Published
from fcn_gui.disk.user_data import UserData
from tests.fakes.file_server import all_of_it, serving
from tests.unit.net.published import flat_state


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `fcn-gui ARGUMENTS`."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return int(left.value.code or 0), told.out, told.err


def small_fcn32s(path: Path) -> Path:
    torch.save(flat_state(32, width=8), path)
    return path


def test_an_imported_checkpoint_is_listed_and_predicts_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = small_fcn32s(tmp_path / "fcn32s_from_caffe.pth")
    code, out, _ = run(capsys, "checkpoints", "import", file, "--json")
    facts = json.loads(out)
    assert (code, facts["trunk"], facts["classes"], facts["form"]) == (0, "vgg16/8", 21, "pytorch-fcn, staged")
    kept = UserData.standard().checkpoints_dir / "fcn32s_from_caffe.safetensors"
    assert facts["checkpoint"] == str(kept) and read_checkpoint(kept).id == facts["id"]

    _, out, _ = run(capsys, "checkpoints", "list", "--json")
    rows = {row["name"]: row["state"] for row in json.loads(out)["checkpoints"]}
    assert rows["fcn32s_from_caffe"] == "imported" and rows["voc21-light"] == "bundled"

    states = {"fcn32s_from_caffe": "imported", str(kept): "file", "voc21-light": "bundled"}
    for name, state in states.items():
        assert json.loads(run(capsys, "checkpoints", "info", name, "--json")[1])["state"] == state

    PillowImage.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "p.png")
    code, out, _ = run(
        capsys, "predict", tmp_path / "p.png", "-o", tmp_path / "out", "--checkpoint", "fcn32s_from_caffe", "--json"
    )
    assert code == 0 and json.loads(out)["preset"] == "fcn-caffe, long side native"
    with PillowImage.open(tmp_path / "out" / "p.png") as mask:
        assert mask.size == (30, 20)


def test_a_file_and_half_precision_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, target = small_fcn32s(tmp_path / "w.pth"), tmp_path / "new.safetensors"
    assert run(capsys, "checkpoints", "import", file, "-o", target, "--half")[0] == 0
    assert {value.dtype.name for value in read_checkpoint(target).tensors.values()} == {"float16"}
    assert not UserData.standard().checkpoints_dir.exists()


def test_classes_of_one_s_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(flat_state(32, width=8, classes=3), tmp_path / "w.pth")
    (tmp_path / "names.txt").write_text("background\ncrane\nship\n")
    code, _, told = run(capsys, "checkpoints", "import", tmp_path / "w.pth")
    assert code == 1 and "name them with --classes" in told and len(told.splitlines()) == 1
    arguments = ("--classes", tmp_path / "names.txt", "-o", tmp_path / "c.safetensors")
    assert run(capsys, "checkpoints", "import", tmp_path / "w.pth", *arguments)[0] == 0
    assert read_checkpoint(tmp_path / "c.safetensors").label_map.names == ("background", "crane", "ship")


def test_a_download_is_imported_under_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = small_fcn32s(tmp_path / "w.pth").read_bytes()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(data, all_of_it) as server:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        monkeypatch.setitem(PUBLISHED, "small", Published("small", "small.pth", server.url, digest, "mine", len(data)))
        for _ in range(2):
            code, out, _ = run(capsys, "checkpoints", "download", "small", "--json")
            assert code == 0
    assert server.asked == [""], "the second time it is in the cache"
    assert json.loads(out)["checkpoint"] == str(UserData.standard().checkpoints_dir / "small.safetensors")


@pytest.mark.parametrize(
    ("url", "name", "reason"),
    [("http://127.0.0.1:9/w.pth", "small", "is this computer online?"), ("", "fcn4s", "there are: fcn32s, ")],
)
def test_what_can_t_be_fetched_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str, name: str, reason: str
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setitem(PUBLISHED, "small", Published("small", "small.pth", url, "sha256:00000000", "mine"))
    code, out, told = run(capsys, "checkpoints", "download", name)
    assert (code, out) == (1, "")
    assert reason in told and len(told.splitlines()) == 1
