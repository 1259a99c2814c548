"""`predict` on many photographs, decoding and writing included, beside the bare network on ready tensors."""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
import torch

from fcn_gui.core.image_io import read_image
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.net.predict import Predictor
from fcn_gui.net.predict_files import at_once
from fcn_gui.net.preset import to_tensor

PHOTOS = 200
EARLY, LATE = range(40, 51), range(51, PHOTOS)
"""Numbers of written masks; after the last one a program that ends reads much of PyTorch's own files once more."""


@pytest.mark.timeout(600)
def test_throughput(shared, tmp_path, capsys):
    photos = sorted((shared / "data" / "photos").glob("*.jpg"))[:PHOTOS]
    predictor = Predictor.of(read_checkpoint(model_path("voc21-light")), "cpu")
    batch = at_once(predictor)
    tensors: dict[tuple[int, ...], list[torch.Tensor]] = {}
    for photo in photos:
        tensor = to_tensor(predictor.preset, read_image(photo).image, predictor.network.strides[0])
        tensors.setdefault(tuple(tensor.shape), []).append(tensor)
    batches = [torch.cat(same[i : i + batch]) for same in tensors.values() for i in range(0, len(same), batch)]
    with torch.inference_mode(), predictor.device.autocast():
        predictor.network(predictor.device.place(batches[0]))
        started = time.perf_counter()
        for batch in batches:
            scores = predictor.network(predictor.device.place(batch))
            size = batch.shape[2:]
            torch.nn.functional.interpolate(scores, size, mode="bilinear", align_corners=True).argmax(1)
        bare = PHOTOS / (time.perf_counter() - started)
    masks = tmp_path / "masks"
    running = subprocess.Popen(
        [sys.executable, "-m", "fcn_gui", "predict", *photos, "-o", masks, "--json"], stdout=subprocess.PIPE, text=True
    )
    most_mb = _most_mb(running, masks)
    rate = json.loads(running.communicate()[0])["images_per_second"]
    early, late = (max(mb for done, mb in most_mb.items() if done in span) for span in (EARLY, LATE))
    with capsys.disabled():
        print(f"\npredict: {rate:.2f} images/s, bare network {bare:.2f}, ratio {rate / bare:.2f}")
        print(f"memory: {early:.0f} MB at most about the {EARLY[-1]}th image, {late:.0f} MB from then to the last one")
    assert rate >= 0.85 * bare
    assert late <= 1.1 * early


def _most_mb(running: subprocess.Popen[str], masks: Path) -> dict[int, float]:
    """By the number of masks that are written, the most memory that the program was seen to hold by then, in MB."""
    most: dict[int, float] = defaultdict(float)
    page = os.sysconf("SC_PAGE_SIZE")
    while running.poll() is None:
        held = Path(f"/proc/{running.pid}/statm").read_text().split()
        done = len(list(masks.glob("*.png")))
        most[done] = max(most[done], int(held[1]) * page / 1e6 if len(held) > 1 else 0.0)
        time.sleep(0.02)
    return most
