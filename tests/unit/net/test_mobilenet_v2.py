import pytest
import torch

from fcn_gui.net.fcn import FCN, build_trunk, strides_down_to
from fcn_gui.net.mobilenet_v2 import MobileNetV2


@pytest.fixture(scope="module")
def trunk() -> MobileNetV2:
    torch.manual_seed(0)
    return MobileNetV2().eval()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (17, 1), (33, 49), (1, 161)])
@torch.inference_mode()
def test_taps_have_the_strides_and_channels_that_they_promise(trunk: MobileNetV2, height: int, width: int) -> None:
    taps = trunk(torch.zeros(2, 3, height, width))
    assert set(taps) == set(trunk.taps)
    for name, tap in trunk.taps.items():
        assert taps[name].shape == (2, tap.channels, (height - 1) // tap.stride + 1, (width - 1) // tap.stride + 1)


@torch.inference_mode()
def test_shifting_the_image_by_the_stride_shifts_the_taps_by_one(trunk: MobileNetV2) -> None:
    wide = torch.randn(1, 3, 657, 673, generator=torch.Generator().manual_seed(2))
    left, right = wide[..., :657], wide[..., 16:]
    context = trunk.context_of(trunk.look(left))
    here, there = trunk(left, context), trunk(right, context)
    for name, tap in trunk.taps.items():
        by = 16 // tap.stride
        border = 304 // tap.stride  # beyond the reach of the zeros around the image
        a = here[name][..., border:-border, border + by : -border]
        b = there[name][..., border:-border, border : -border - by]
        assert a.shape[-1] > 0
        assert torch.allclose(a, b, atol=1e-4 * float(a.abs().max())), name


@torch.inference_mode()
def test_a_fixed_context_stands_for_the_image_s_own(trunk: MobileNetV2) -> None:
    x = torch.randn(1, 3, 49, 33, generator=torch.Generator().manual_seed(3))
    own = trunk.context_of(trunk.look(x))
    assert torch.equal(trunk(x)["score_fr"], trunk(x, own)["score_fr"])
    assert not torch.equal(trunk(x)["score_fr"], trunk(x, own + 1)["score_fr"])


@torch.inference_mode()
def test_a_batch_gives_what_its_images_give_alone() -> None:
    torch.manual_seed(1)
    built = build_trunk("mobilenet_v2")
    network = FCN(built, strides_down_to(built, 2), 3).eval()
    for parameter in network.parameters():
        if parameter.abs().max() == 0:
            torch.nn.init.normal_(parameter)
    x = torch.randn(3, 3, 33, 17)
    together = network(x)
    for index in range(3):
        assert torch.allclose(together[index], network(x[index : index + 1])[0], atol=1e-4)
