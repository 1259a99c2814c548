import pytest
import torch
from torch import Tensor, nn

from fcn_gui.core.errors import DeviceError, ImageError
from fcn_gui.net.device import Device, Timing, available, choose, measure, pick, usable_cores


def test_the_cpu_is_always_there() -> None:
    assert available()[-1] == "cpu"
    assert choose("cpu").text.startswith("CPU, ")
    assert choose("auto").name == available()[0]


def test_a_device_that_is_not_there_is_refused_with_what_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="no cuda device; choose auto or"):
        choose("cuda")


def test_an_unknown_device_is_refused_with_the_choice() -> None:
    with pytest.raises(DeviceError, match="no device called tpu"):
        choose("tpu")


def _timing(dtype: torch.dtype, channels_last: bool, seconds: float) -> Timing:
    return Timing(dtype, channels_last, seconds)


@pytest.mark.parametrize(
    ("first", "last", "half", "chosen"),
    [(1.0, 0.9, 0.8, 1), (1.0, 1.1, 1.0, 0), (1.0, 0.9, 0.5, 2), (1.0, 2.0, float("inf"), 0)],
)
def test_the_fastest_is_taken_and_less_precision_only_for_a_clear_gain(
    first: float, last: float, half: float, chosen: int
) -> None:
    timings = [
        _timing(torch.float32, False, first),
        _timing(torch.float32, True, last),
        _timing(torch.bfloat16, True, half),
    ]
    assert pick(timings) is timings[chosen]


class _Clock:
    """Each forward pass takes what the precision that runs says, in seconds of this clock."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class _Paced(nn.Module):
    def __init__(self, clock: _Clock, plain: float, half: float, fails: bool = False) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 1, 1)
        self._clock, self._plain, self._half, self._fails = clock, plain, half, fails

    def forward(self, x: Tensor) -> Tensor:
        is_half = torch.is_autocast_enabled("cpu")
        if is_half and self._fails:
            raise RuntimeError("not implemented for BFloat16")
        self._clock.now += self._half if is_half else self._plain
        return x


def test_precision_goes_by_the_measurement() -> None:
    clock = _Clock()
    fast_half = measure(choose("cpu"), _Paced(clock, 1.0, 0.25), lambda _: 1.0, clock)
    slow_half = measure(choose("cpu"), _Paced(clock, 1.0, 0.95), lambda _: pytest.fail("too slow anyway"), clock)
    assert (fast_half.dtype, slow_half.dtype) == (torch.bfloat16, torch.float32)
    assert [timing.seconds for timing in fast_half.report] == [0.25, 1.0, 1.0]
    assert "bfloat16" in fast_half.precision


def test_a_precision_that_the_device_lacks_is_not_taken() -> None:
    clock = _Clock()
    device = measure(choose("cpu"), _Paced(clock, 1.0, 0.1, fails=True), lambda _: 1.0, clock)
    assert device.dtype == torch.float32
    assert device.report[-1].seconds == float("inf")


@pytest.mark.parametrize(("alike", "chosen"), [(0.9949, torch.float32), (0.995, torch.bfloat16)])
def test_a_precision_that_says_something_else_is_not_taken_however_fast(alike: float, chosen: torch.dtype) -> None:
    asked: list[Device] = []

    def share_alike(way: Device) -> float:
        asked.append(way)
        return alike

    clock = _Clock()
    device = measure(choose("cpu"), _Paced(clock, 1.0, 0.1), share_alike, clock)
    assert device.dtype == chosen
    assert [(way.dtype, way.channels_last) for way in asked] == [(torch.bfloat16, True)]
    assert [timing.alike for timing in device.report if timing.dtype == torch.bfloat16] == [alike]
    assert [timing.alike for timing in device.report if timing.dtype == torch.float32] == [None, None]


def test_a_precision_that_can_not_be_judged_is_not_taken() -> None:
    def share_alike(way: Device) -> float:
        raise ImageError("The sample is gone.")

    clock = _Clock()
    assert measure(choose("cpu"), _Paced(clock, 1.0, 0.1), share_alike, clock).dtype == torch.float32


def test_tensors_are_placed_in_the_chosen_layout() -> None:
    x = torch.zeros(2, 3, 4, 5)
    assert Device("cpu", "CPU", channels_last=True).place(x).is_contiguous(memory_format=torch.channels_last)
    assert Device("cpu", "CPU").place(x).is_contiguous()


def test_cores_are_counted() -> None:
    assert usable_cores() >= 1
