"""What a training in stages sees: the truth at the working size, and early layers that are looked at once."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage
from torch import Tensor

from fcn_gui.core.label_map import own_label_map
from fcn_gui.disk.dataset import Dataset
from fcn_gui.learn.lessons import Pictures
from fcn_gui.learn.views import View, Views
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.device import Device
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import NATIVE, VOC21_LIGHT
from tests.unit.learn.workshop import shapes, untrained

LABELS = own_label_map(["red", "blue"])


def views_of(
    dataset: Dataset, long_side: int = 257, is_look_fixed: bool = True, dtype: torch.dtype | None = None
) -> Views:
    device = Device("cpu", "CPU", dtype or torch.float32)
    return Views(Pictures(LABELS), VOC21_LIGHT.at(long_side), device, is_look_fixed)


def early_part(network: FCN) -> list[Tensor]:
    """The convolutions that `look` of the light trunk runs."""
    return [value for name, value in network.named_parameters() if name.startswith("trunk.features")]


@pytest.mark.parametrize(("long_side", "size"), [(NATIVE, (64, 96)), (257, (171, 256))])
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_the_truth_is_that_of_the_nearest_pixel(
    tmp_path: Path, long_side: int, size: tuple[int, int], is_mirrored: bool
) -> None:
    dataset = shapes(tmp_path / "shapes", 1, LABELS)
    with PillowImage.open(dataset.items[0].mask_path) as picture:
        whole = np.array(picture)
    rows, cols = (((np.arange(n) + 0.5) * side / n).astype(int) for n, side in zip(size, whole.shape, strict=True))
    expected = whole[np.ix_(rows, cols)][:, :: -1 if is_mirrored else 1]
    found = views_of(dataset, long_side).truth(View(dataset.items[0], is_mirrored))
    assert found.dtype == np.int64
    assert found.shape == size
    assert (found == expected).mean() > 0.998, "ties are taken either way"


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_was_looked_at_once_gives_the_taps_of_the_whole_trunk(tmp_path: Path, dtype: torch.dtype) -> None:
    dataset, network = shapes(tmp_path / "shapes", 2, LABELS), network_from(untrained(LABELS))
    views = [View(dataset.items[0]), View(dataset.items[1], is_mirrored=True)]
    expected = views_of(dataset, is_look_fixed=False, dtype=dtype).taps(network, views)
    found = views_of(dataset, dtype=dtype).taps(network, views)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].shape == value.shape
        assert (found[name].float() - value.float()).abs().max() <= 2e-2 * value.abs().max(), name
    mirrored, plain = found["score_fr"][1], views_of(dataset).taps(network, [View(dataset.items[1])])["score_fr"][0]
    assert not torch.allclose(mirrored, plain.to(mirrored.dtype), atol=1e-2 * float(plain.detach().abs().max()))


def test_a_photograph_is_looked_at_once_and_its_mirror_image_apart(tmp_path: Path) -> None:
    dataset, network = shapes(tmp_path / "shapes", 1, LABELS), network_from(untrained(LABELS))
    views, plain, mirrored = views_of(dataset), View(dataset.items[0]), View(dataset.items[0], is_mirrored=True)
    before = views.taps(network, [plain])["score_fr"]
    with torch.no_grad():
        for value in early_part(network):
            value.zero_()
    assert torch.equal(views.taps(network, [plain])["score_fr"], before)
    assert not torch.allclose(views.taps(network, [mirrored])["score_fr"], before)


def test_no_gradient_reaches_early_layers_that_are_fixed(tmp_path: Path) -> None:
    dataset = shapes(tmp_path / "shapes", 1, LABELS)
    for is_fixed in (True, False):
        network = network_from(untrained(LABELS))
        taps = views_of(dataset, is_look_fixed=is_fixed).taps(network, [View(dataset.items[0])])
        taps["score_fr"].square().mean().backward()  # type: ignore[no-untyped-call]
        assert all((value.grad is None) == is_fixed for value in early_part(network))
        assert network.get_parameter("trunk.concat_projection.weight").grad is not None


def test_views_of_one_size_are_told_from_others(tmp_path: Path) -> None:
    dataset, network = shapes(tmp_path / "shapes", 2, LABELS), network_from(untrained(LABELS))
    with PillowImage.open(dataset.items[1].image_path) as picture:
        picture.resize((64, 64)).save(dataset.items[1].image_path)
    with PillowImage.open(dataset.items[1].mask_path) as picture:
        picture.resize((64, 64), PillowImage.Resampling.NEAREST).save(dataset.items[1].mask_path)
    views = views_of(dataset)
    assert [views.tensor_size(View(item), network) for item in dataset.items] == [(177, 257), (257, 257)]
