"""`predict` on many photographs, decoding and writing included, beside the bare network on ready tensors."""

import json
import subprocess
import sys
import time

import pytest
import torch

from fcn_gui.core.image_io import read_image
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.net.predict import Predictor
from fcn_gui.net.predict_files import BATCH
from fcn_gui.net.preset import to_tensor

PHOTOS = 200


@pytest.mark.timeout(600)
def test_throughput(shared, tmp_path, capsys):
    photos = sorted((shared / "data" / "photos").glob("*.jpg"))[:PHOTOS]
    predictor = Predictor.of(read_checkpoint(model_path("voc21-light")), "cpu")
    tensors: dict[tuple[int, ...], list[torch.Tensor]] = {}
    for photo in photos:
        tensor = to_tensor(predictor.preset, read_image(photo).image, predictor.network.strides[0])
        tensors.setdefault(tuple(tensor.shape), []).append(tensor)
    batches = [torch.cat(same[i : i + BATCH]) for same in tensors.values() for i in range(0, len(same), BATCH)]
    with torch.inference_mode(), predictor.device.autocast():
        predictor.network(predictor.device.place(batches[0]))
        started = time.perf_counter()
        for batch in batches:
            scores = predictor.network(predictor.device.place(batch))
            size = batch.shape[2:]
            torch.nn.functional.interpolate(scores, size, mode="bilinear", align_corners=True).argmax(1)
        bare = PHOTOS / (time.perf_counter() - started)
    told = subprocess.run(
        [sys.executable, "-m", "fcn_gui", "predict", *photos, "-o", tmp_path / "masks", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    rate = json.loads(told.stdout)["images_per_second"]
    with capsys.disabled():
        print(f"\npredict: {rate:.2f} images/s, bare network {bare:.2f}, ratio {rate / bare:.2f}")
    assert rate >= 0.85 * bare
