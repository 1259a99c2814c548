"""The paper's nets: equal to the published ones written out literally, at any size, for all strides."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import own_label_map
from fcn_gui.net.checkpoint import to_checkpoint
from fcn_gui.net.device import choose
from fcn_gui.net.fcn import FCN, build_trunk, strides_down_to
from fcn_gui.net.paper_lattice import PaperLattice
from fcn_gui.net.paper_tiles import parts, tiles, windows
from fcn_gui.net.preset import FCN_CAFFE, VGG_CAFFE, to_tensor
from fcn_gui.net.tiles import least_tile_px, scores_in_tiles
from fcn_gui.net.vgg16 import CHANNELS, FC_CHANNELS, VGG16, staged_from_at_once
from tests.unit.net.literal_fcn import (
    THIN,
    THIN_FC,
    LiteralFCN,
    product_of,
    seeded,
    torchvision_names,
    unpadded_units,
    with_published_convolutions,
)

SIZES = [
    (1, 1), (1, 7), (2, 3), (31, 32), (33, 64), (65, 97), (100, 101), (127, 129), (160, 95), (224, 224), (255, 257),
    (375, 500), (500, 333), (499, 1), (500, 500),
]  # fmt: skip
KINDS = [(32, False), (16, False), (8, False), (8, True)]


def image(height: int, width: int, seed: int = 0, batch: int = 1) -> Tensor:
    """Smooth and rough parts, as large as a photograph less its mean."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, 3, height, width, generator=generator) * 60


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("finest", "is_at_once"), KINDS)
def test_scores_and_labels_are_those_of_the_published_net(finest: int, is_at_once: bool, size: tuple[int, int]) -> None:
    literal = seeded(LiteralFCN(finest, 5, THIN, THIN_FC, is_at_once))
    product = product_of(literal)
    x = image(*size)
    with torch.inference_mode():
        expected = literal(x)
        found = product.at_pixels(product(x), size)
    expected_scale = max(1.0, float(expected.abs().max()))
    assert found.shape == expected.shape
    assert (found - expected).abs().max() <= 1e-4 * expected_scale
    assert_same_labels(found, expected, 1e-4 * expected_scale)


def assert_same_labels(found: Tensor, expected: Tensor, tolerance: float) -> None:
    """Identical but where the best two classes are closer than the tolerance of their scores."""
    best = expected.topk(2, 1).values
    is_clear = best[:, 0] - best[:, 1] > 2 * tolerance
    assert torch.equal(found.argmax(1)[is_clear], expected.argmax(1)[is_clear])
    assert is_clear.float().mean() > 0.99


@pytest.mark.parametrize("size", [(1500, 700), (700, 1411), (1025, 1057), (513, 3)])
def test_tiles_say_what_the_whole_image_says(size: tuple[int, int]) -> None:
    product = product_of(seeded(LiteralFCN(8, 5, THIN, THIN_FC)))
    x = image(*size)
    with torch.inference_mode():
        whole = product(x)
    tiled = scores_in_tiles(product, x, choose("cpu"), least_tile_px(product))
    assert len(product.trunk.tiles(max(size), 640)) > 1, "there are borders to look at"
    assert len(product.trunk.parts(1500, 640)) > 1
    assert tiled.shape == whole.shape
    assert (tiled - whole).abs().max() <= 1e-5 * whole.abs().max()
    assert torch.equal(tiled.argmax(1), whole.argmax(1))


def test_the_cells_that_tiles_fill_are_those_that_the_image_changes() -> None:
    """Each exactly once, at every size; the taps that are read lie within them."""
    for side in [*range(1, 70), *range(500, 1200, 7), *range(1021, 1090)]:
        pool3, pool4 = windows(0, side)
        rows3, rows4 = (PaperLattice().shape((side, side), stride)[0] for stride in (8, 16))
        wanted = {"score_fr": range(pool4.start, pool4.stop), "score_pool4": range(rows4), "score_pool3": range(rows3)}
        found = tiles(side, 640)
        for name, cells in wanted.items():
            assert [cell for tile in found for cell in range(tile.own[name].start, tile.own[name].stop)] == list(cells)
            for tile in found:
                assert tile.within[name].start >= 0
        units = [
            unit for part in parts(side, 640) for unit in range(part.own["score_fr"].start, part.own["score_fr"].stop)
        ]
        assert units == list(range(PaperLattice().shape((side, side), 32)[0]))
        assert pool3.start <= 11 and 11 + rows3 <= pool3.stop


def test_gradients_are_those_of_the_published_net() -> None:
    """Nothing that is saved for speed is lost to learning: the padding takes part through every layer."""
    literal = seeded(LiteralFCN(8, 4, THIN, THIN_FC))
    product = product_of(literal)
    x = image(61, 90)
    aim = torch.randn(1, 4, 61, 90, generator=torch.Generator().manual_seed(3))
    (literal(x) * aim).mean().backward()
    (product.at_pixels(product(x), (61, 90)) * aim).mean().backward()
    for theirs, ours in torchvision_names(literal).items():
        for part in ("weight", "bias"):
            expected = literal.get_parameter(f"{theirs}.{part}").grad
            found = product.get_parameter(f"{ours}.{part}").grad
            assert expected is not None and found is not None
            assert (found - expected).abs().max() <= 1e-4 * expected.abs().max(), (theirs, part)


def test_dropout_takes_elements_and_only_where_something_is_learned() -> None:
    product = product_of(seeded(LiteralFCN(32, 3, THIN, 400)))
    x = image(64, 64)
    with torch.no_grad():
        still = product.trunk(x)["score_fr"]
        assert torch.equal(product.trunk(x)["score_fr"], still)
        product.train()
        moved = product.trunk(x)["score_fr"]
    zeros = (moved == 0)[0]
    is_mixed = zeros.flatten(1).any(1) & ~zeros.flatten(1).all(1)
    assert is_mixed.float().mean() > 0.3, "elements, not whole channels"


def test_at_once_is_the_staged_net_with_scaled_score_rows() -> None:
    at_once = product_of(seeded(LiteralFCN(8, 4, THIN, THIN_FC, is_at_once=True)))
    staged = FCN(VGG16(THIN_FC, THIN), (32, 16, 8), 4).eval()
    state = at_once.state_dict()
    like = Checkpoint({}, "vgg16_at_once", (32, 16, 8), own_label_map(["a", "b", "c"]), FCN_CAFFE.to_json())
    folded = staged_from_at_once(to_checkpoint(at_once, like))
    assert folded.trunk == "vgg16"
    assert staged_from_at_once(folded) is folded, "once only"
    staged.load_state_dict({name: torch.from_numpy(value) for name, value in folded.tensors.items()})
    x = image(75, 50)
    with torch.inference_mode():
        expected, found = at_once(x), staged(x)
    assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()
    assert state.keys() == folded.tensors.keys()


def test_a_changed_weight_changes_what_is_kept_of_the_empty_canvas() -> None:
    literal = seeded(LiteralFCN(8, 4, THIN, THIN_FC))
    product = product_of(literal)
    x = image(40, 40)
    with torch.inference_mode():
        product(x)
    with torch.no_grad():
        for net, name in ((literal, "conv2_1.bias"), (product, "trunk.features.5.bias")):
            net.get_parameter(name).add_(1.0)
            net.get_parameter(name.replace("conv2_1", "fc6").replace("features.5", "fc6")).add_(0.5)
    with torch.inference_mode():
        expected, found = literal(x), product.at_pixels(product(x), (40, 40))
    assert (found - expected).abs().max() <= 1e-4 * expected.abs().max()


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_a_batch_in_any_layout_gives_what_each_image_gives_alone(memory_format: torch.memory_format) -> None:
    product = product_of(seeded(LiteralFCN(8, 4, THIN, THIN_FC)))
    x = image(70, 90, batch=3)
    with torch.inference_mode():
        alone = torch.cat([product(one[None]) for one in x])
        product.to(memory_format=memory_format)  # type: ignore[call-overload]
        together = product(x.contiguous(memory_format=memory_format))
    assert (together - alone).abs().max() <= 1e-5 * alone.abs().max()


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_in_bfloat16_it_says_nearly_the_same_also_after_its_weights_changed(memory_format: torch.memory_format) -> None:
    product = product_of(seeded(LiteralFCN(8, 4, THIN, THIN_FC)))
    product.to(memory_format=memory_format)  # type: ignore[call-overload]
    x = image(70, 90).contiguous(memory_format=memory_format)
    for _ in range(2):
        with torch.inference_mode():
            full = product(x)
            with torch.autocast("cpu", torch.bfloat16):
                rough = product(x)
        assert (rough - full).abs().max() <= 0.05 * full.abs().max()
        with torch.no_grad():
            product.get_parameter("trunk.fc6.weight").mul_(-1)


def test_the_number_of_fully_connected_channels_goes_by_the_name_in_the_checkpoint() -> None:
    trunk = build_trunk("vgg16/24")
    assert (trunk.name, trunk.taps["score_fr"].channels) == ("vgg16/24", 24)
    assert VGG16().name == "vgg16"
    assert build_trunk("vgg16_at_once/8").name == "vgg16_at_once/8"
    for name in ("vgg16/0", "vgg16/many", "vgg16/1000000", "mobilenet_v2/24"):
        with pytest.raises(CheckpointError, match="is not known"):
            build_trunk(name)


def test_strides_of_the_paper() -> None:
    trunk = build_trunk("vgg16/8")
    assert [strides_down_to(trunk, finest) for finest in (32, 16, 8)] == [(32,), (32, 16), (32, 16, 8)]
    with pytest.raises(CheckpointError, match="4s can't be had with vgg16/8"):
        strides_down_to(trunk, 4)


def test_with_the_weights_of_vgg16_it_is_the_published_net_too(shared: Path) -> None:
    """All channels, VGG16's own convolutions, seeded fully connected layers, a part of a photograph."""
    literal = with_published_convolutions(seeded(LiteralFCN(8, 21, CHANNELS, FC_CHANNELS)), shared / "weights")
    product = product_of(literal)
    photo = read_image(sorted((shared / "data" / "voc21" / "JPEGImages").glob("*.jpg"))[0]).image[:120, :90]
    x = to_tensor(VGG_CAFFE, photo, product.align)
    with torch.inference_mode():
        expected, found = literal(x), product.at_pixels(product(x), (120, 90))
    assert (found - expected).abs().max() <= 1e-4 * expected.abs().max()
    assert_same_labels(found, expected, 1e-4 * float(expected.abs().max()))


@pytest.mark.parametrize("size", [(407, 410), (470, 700)])
def test_a_patch_of_404_px_alone_is_the_unit_of_the_dense_map_that_sees_it(size: tuple[int, int]) -> None:
    """The paper's §3.1, with few channels: unit i sees pixels 32i − 189 … 32i + 214 and nothing else."""
    literal = seeded(LiteralFCN(32, 5, THIN, THIN_FC))
    product = product_of(literal)
    x = image(*size)
    with torch.inference_mode():
        taps = product.trunk(x)
        dense = product.score({"score_fr": taps["score_fr"]})[32]
        units = [[i for i in range(6, 30) if 32 * i + 214 < side] for side in size]
        for i in units[0]:
            for j in units[1]:
                patch = x[..., 32 * i - 189 : 32 * i + 215, 32 * j - 189 : 32 * j + 215]
                alone = unpadded_units(literal, patch)
                assert alone.shape[2:] == (1, 1)
                assert (alone[..., 0, 0] - dense[..., i, j]).abs().max() <= 1e-4 * dense.abs().max()
        corner = x[..., 32 * units[0][0] - 189 :, 32 * units[1][0] - 189 :]
        whole = unpadded_units(literal, corner[..., : 404 + 32 * (len(units[0]) - 1), : 404 + 32 * (len(units[1]) - 1)])
        inside = dense[..., units[0][0] : units[0][-1] + 1, units[1][0] : units[1][-1] + 1]
        assert (whole - inside).abs().max() <= 1e-4 * dense.abs().max()
