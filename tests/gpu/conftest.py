"""What a GPU has to do as the CPU does it; skipped where there is none."""

import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.image_io import read_image
from fcn_gui.core.raster import Image
from fcn_gui.disk.bundled import model_path, samples_dir
from fcn_gui.disk.checkpoint_file import read_checkpoint

GPU = "cuda"


@pytest.fixture(autouse=True)
def needs_a_gpu() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA GPU that torch can use (CUDA)")


@pytest.fixture(scope="session")
def bundled() -> Checkpoint:
    return read_checkpoint(model_path("voc21-light"))


@pytest.fixture(scope="session")
def photographs() -> list[Image]:
    """Four of the samples; the two first have one size."""
    names = ("cat.jpg", "cow.jpg", "kitten.jpg", "owl.jpg")
    return [np.asarray(read_image(samples_dir() / "photos" / name).image) for name in names]
