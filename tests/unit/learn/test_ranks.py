"""Two processes as torchrun starts them learn what one process learns from the same batches."""

import dataclasses
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.checkpoint_file import read_checkpoint, write_checkpoint
from fcn_gui.learn.ranks import ALONE, Ranks, ranks
from fcn_gui.learn.recipe import Recipe
from fcn_gui.learn.train import TrainRequest, train
from tests.unit.learn.workshop import shapes, untrained

CHECKOUT = Path(__file__).parents[3]
LABELS = own_label_map(["red", "blue"])


def torchrun(count: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """`python ARGUMENTS` in `count` processes."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def as_torchrun_does(count: int, *arguments: object) -> None:
    """`python ARGUMENTS` in `count` processes with torchrun's environment, but without its own process."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    shared = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    command = [sys.executable, *map(str, arguments)]
    started = [
        subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env={**os.environ, **shared, "WORLD_SIZE": str(count), "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    try:
        said = [process.communicate(timeout=110)[1] for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert [process.returncode for process in started] == [0] * count, said


SCRIPT = """
import sys
from pathlib import Path
from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.checkpoint_file import write_checkpoint
from fcn_gui.learn.ranks import ranks
from fcn_gui.learn.train import train
from tests.unit.learn.test_ranks import request

with ranks("cpu") as processes:
    assert processes.agreed(processes.index + 0.5) == 0.5
    assert processes.total(processes.index + 1.0) == 3.0
    assert processes.joined(processes.share(range(5))) == [0, 1, 2, 3, 4]
    result = run_to_end(train(request(Path(sys.argv[1])), processes))
write_checkpoint(Path(sys.argv[2]) / f"{processes.index}.safetensors", result.checkpoint)
"""


def request(folder: Path) -> TrainRequest:
    """Batches of 3, which two processes can't halve; a loss over the whole batch, and one that asks the start."""
    size = Recipe(rate=5e-3, new_rate=0.1, crop_px=65, batch=3, smallest=0.9, largest=1.1, averaging=0.8)
    recipe = dataclasses.replace(size, kept_share=0.25, overlap=0.5, distillation=0.3, balance=0.5)
    start, dataset = untrained(LABELS), shapes(folder, 8, LABELS)
    return TrainRequest(dataset, None, start, epochs=1.5, recipe=recipe, device="cpu")


def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    as_torchrun_does(2, tmp_path / "script.py", tmp_path / "shapes", tmp_path)
    asked = request(tmp_path / "shapes")
    alone = run_to_end(train(asked)).checkpoint
    first, second = (read_checkpoint(tmp_path / f"{index}.safetensors") for index in (0, 1))
    assert (first.receipt or {})["processes"] == 2
    assert (first.receipt or {})["kept_mean_iu"] == pytest.approx((alone.receipt or {})["kept_mean_iu"], abs=0.01)
    for name, tensor in first.tensors.items():
        assert np.array_equal(tensor, second.tensors[name]), name
    # Where a gradient is next to nothing its sign turns with the order of the sums, and a step there is as long as any
    # other: so all weights are compared together and not each.
    apart = _length({name: first.tensors[name] - value for name, value in alone.tensors.items()})
    moved = _length({name: value - asked.start.tensors[name] for name, value in alone.tensors.items()})
    assert moved > 0
    assert apart <= 0.02 * moved


def _length(tensors: Mapping[str, np.ndarray]) -> float:
    return float(np.sqrt(sum(np.square(tensor.astype(np.float64)).sum() for tensor in tensors.values())))


def test_the_command_runs_unchanged_under_torchrun(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for item in shapes(tmp_path / "made", 4, LABELS).items:
        for kind, path in (("images", item.image_path), ("masks", item.mask_path)):
            (data / kind).mkdir(parents=True, exist_ok=True)
            path.rename(data / kind / f"{item.id}.png")
    (data / "labelmap.txt").write_text("background\nred\nblue\n")
    write_checkpoint(tmp_path / "start.safetensors", untrained(LABELS))
    told = torchrun(
        2, "-m", "fcn_gui", "train", data, "-o", tmp_path / "new.safetensors", "--from", tmp_path / "start.safetensors",
        *("--epochs", 1, "--device", "cpu", "--json"),
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    facts = json.loads(told.stdout)
    assert read_checkpoint(tmp_path / "new.safetensors").id == facts["id"], "the first process alone wrote and spoke"


@pytest.mark.parametrize("left_over", [{}, {"WORLD_SIZE": "4"}, {"RANK": "1", "WORLD_SIZE": "4"}])
def test_without_torchrun_there_is_one_process(monkeypatch: pytest.MonkeyPatch, left_over: dict[str, str]) -> None:
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in left_over.items():
        monkeypatch.setenv(name, value)
    with ranks("cpu") as processes:
        assert processes == ALONE and processes.is_first


def test_work_for_one_process_is_what_it_was() -> None:
    x = torch.ones(3, 2)
    assert ALONE.share_of_batch(x) is x and ALONE.whole_batch(x, 3) is x
    assert (ALONE.agreed(0.5), ALONE.total(0.5), ALONE.joined([1, 2])) == (0.5, 0.5, [1, 2])


def test_work_is_shared_out_without_a_rest() -> None:
    shares = [list(Ranks(index, 3).share(range(8))) for index in range(3)]
    assert sorted(item for share in shares for item in share) == list(range(8))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
