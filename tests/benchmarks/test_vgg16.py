"""The paper's FCN-8s beside the published net written out literally: time for the labels of a photograph, and memory.

Both run in turns in the same process, on as many threads as there are; the ratio of their times is what counts.
"""

import copy
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from fcn_gui.core.label_map import voc_label_map
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.disk.checkpoint_file import write_checkpoint
from fcn_gui.net.checkpoint import fresh
from fcn_gui.net.fcn import FCN
from fcn_gui.net.grid_labels import grid_labels
from fcn_gui.net.preset import FCN_CAFFE, grid_axes
from fcn_gui.net.vgg16 import CHANNELS, FC_CHANNELS
from tests.unit.net.literal_fcn import LiteralFCN, product_of, seeded, with_published_convolutions

SIZE = (375, 500)
ROUNDS = 3
MB = 1 << 20


def labels(product: FCN, x: Tensor) -> Tensor:
    """As `Predictor` makes them: argmax at pixels without interpolating where it can't change anything."""
    rows, cols = grid_axes(FCN_CAFFE, SIZE, product.strides[-1], product.first_px)
    return torch.from_numpy(grid_labels(ScoreGrid(product(x)[0].numpy(), SIZE, rows, cols)))


def in_turns(*ways: Callable[[], Tensor]) -> tuple[list[float], list[Tensor]]:
    """Processor seconds of the fastest of some rounds of each, and what they gave."""
    best, given = [float("inf")] * len(ways), [way() for way in ways]
    for _ in range(ROUNDS):
        for index, way in enumerate(ways):
            started = time.process_time()
            way()
            best[index] = min(best[index], time.process_time() - started)
    return best, given


@pytest.mark.timeout(1200)
def test_labels_of_a_photograph(capsys: pytest.CaptureFixture[str]) -> None:
    literal = seeded(LiteralFCN(8, 21, CHANNELS, FC_CHANNELS))
    weights = Path(os.environ.get("FCN_GUI_SHARED", Path(__file__).parents[3] / "shared")) / "weights"
    if weights.is_dir():
        with_published_convolutions(literal, weights)
    product = product_of(literal)
    x = 60 * torch.randn(1, 3, *SIZE, generator=torch.Generator().manual_seed(0))
    lower_product = copy.deepcopy(product).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    laid = x.contiguous(memory_format=torch.channels_last)

    def in_bfloat16() -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return labels(lower_product, laid)

    with torch.inference_mode():
        (plain, full, lower), (expected, found, rough) = in_turns(
            lambda: literal(x).argmax(1)[0], lambda: labels(product, x), in_bfloat16
        )
    has_bfloat16 = "avx512_bf16" in Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else False
    agree = float((rough == expected).float().mean())
    with capsys.disabled():
        print(
            f"\nFCN-8s on VGG16 at 500x375: literal {plain:.2f} s; float32 {full:.2f} s, {plain / full:.2f} x;", end=""
        )
        print(f" bfloat16 {lower:.2f} s, {plain / lower:.2f} x, {agree:.4f} of labels alike", end="")
        print("" if has_bfloat16 else " (not in this processor)")
    assert torch.equal(found.long(), expected)
    assert plain / full >= 1.4
    if has_bfloat16:
        assert plain / lower >= 4


_PEAK = """
import json, sys, time
import numpy as np, torch
from pathlib import Path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.net.device import Device
from fcn_gui.net.predict import Predictor
path, height, width, dtype = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), getattr(torch, sys.argv[4])
status = lambda: Path("/proc/self/status").read_text().splitlines()
peak = lambda: 1024 * next(int(line.split()[1]) for line in status() if line.startswith("VmHWM:"))
base = peak()
predictor = Predictor.of(read_checkpoint(Path(path)), "cpu", measured=False)
predictor.device = Device("cpu", "CPU", dtype, dtype != torch.float32)
loaded = peak()
image = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
started = time.perf_counter()
found = predictor.predict(image)
assert found.labels.shape == (height, width)
print(json.dumps({"base": base, "loaded": loaded, "peak": peak(), "seconds": time.perf_counter() - started}))
"""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vgg16") / "vgg16.safetensors"
    write_checkpoint(path, fresh("vgg16", voc_label_map()))
    return path


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("size", "dtype", "most_mb"),
    [
        pytest.param((375, 500), "float32", 1.5 * 513 + 600, id="photograph"),
        pytest.param((1080, 1920), "float32", 3000, id="full HD"),
        pytest.param((6000, 8000), "bfloat16", 4000, id="48 megapixels", marks=pytest.mark.slow),
    ],
)
def test_peak_memory(
    checkpoint: Path, size: tuple[int, int], dtype: str, most_mb: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a whole process that loads the checkpoint and predicts one image; what Python and torch take is printed."""
    command = [sys.executable, "-c", _PEAK, str(checkpoint), *map(str, size), dtype]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    with capsys.disabled():
        print(f"\nFCN-8s on VGG16 at {size[1]}x{size[0]} in {dtype}: peak {told['peak'] / MB:.0f} MB,", end="")
        print(f" {told['loaded'] / MB:.0f} when loaded, {told['base'] / MB:.0f} before; {told['seconds']:.1f} s")
    assert told["peak"] <= most_mb * MB
