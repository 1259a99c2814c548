"""Where the network runs, and how: precision and memory layout go by a short measurement, never by a name.

`choose` finds the device; `measure` times one network in each way it could run there and takes the fastest. Full
precision is left only where the gain is clear and the labels stay what they are but for a few along borders.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from fcn_gui.core.errors import DeviceError, FcnGuiError

_log = logging.getLogger(__name__)

CLEAR_GAIN = 1.25
"""A lower precision must be this much faster than float32 to be taken."""
LEAST_ALIKE = 0.995
"""Of the labels of a real photograph: a lower precision that gives fewer of them as float32 does is not taken."""
_ROUNDS = 3
_ENOUGH_SECONDS = 2.0
_PROBE = (1, 3, 257, 257)
KINDS = ("cpu", "cuda", "mps")
_GUESSED_BYTES = 4 << 30


@dataclass(frozen=True)
class Timing:
    """One way to run, and the seconds of its fastest forward pass on a 257×257 image; infinite where it failed."""

    dtype: torch.dtype
    channels_last: bool
    seconds: float
    alike: float | None = None
    """Share (0…1) of labels that are those of float32; None where that was not asked."""

    @property
    def text(self) -> str:
        layout = "channels last" if self.channels_last else "channels first"
        return f"{str(self.dtype).removeprefix('torch.')}, {layout}"


@dataclass(frozen=True)
class Device:
    """A place to run: its name for torch, words for a person, and the way that the measurement chose."""

    name: str
    text: str
    dtype: torch.dtype = torch.float32
    channels_last: bool = False
    report: tuple[Timing, ...] = ()
    """What was measured, the chosen way first; empty before a measurement."""

    @property
    def precision(self) -> str:
        """For the status bar and `doctor`, such as "float32, channels last"."""
        return Timing(self.dtype, self.channels_last, 0.0).text

    @property
    def memory_format(self) -> torch.memory_format:
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def autocast(self) -> AbstractContextManager[object]:
        """Runs what it wraps in the chosen precision."""
        return torch.autocast(self.name, self.dtype, enabled=self.dtype != torch.float32)

    def place(self, x: Tensor) -> Tensor:
        """A 4-dimensional tensor, brought to this device in its layout."""
        return x.to(self.name, memory_format=self.memory_format)


def available() -> tuple[str, ...]:
    """The kinds of device that this machine has, best first."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return tuple(kind for kind, is_there in found.items() if is_there)


def choose(preference: str = "auto") -> Device:
    """The device that a person asked for, or the best there is for "auto". DeviceError where it is not there."""
    kinds = available()
    if preference not in ("auto", *KINDS):
        raise DeviceError(f"There is no device called {preference}; choose auto, {', '.join(KINDS)}.")
    if preference not in ("auto", *kinds):
        raise DeviceError(f"This machine has no {preference} device; choose auto or {', '.join(kinds)}.")
    kind = kinds[0] if preference == "auto" else preference
    if kind == "cuda":
        # Torch would compute convolutions in TF32 and call it float32: a lower precision has to be chosen.
        torch.backends.cudnn.allow_tf32 = False
    return Device(kind, _describe(kind))


def measure(
    device: Device,
    network: nn.Module,
    share_alike: Callable[[Device], float],
    clock: Callable[[], float] = time.perf_counter,
) -> Device:
    """`device` with the fastest way to run `network` on it, and all timings; takes a second or so.

    `share_alike` says which share (0…1) of its labels a lower precision gives as float32 does; it is asked only of one
    that would be fast enough.
    """
    ways = [(torch.float32, False), (torch.float32, True), (_half(device.name), True)]
    best = [float("inf")] * len(ways)
    for _ in range(_ROUNDS):  # in turn, so that a busy moment of the machine does not fall on one way alone
        for index, (dtype, channels_last) in enumerate(ways):
            way = replace(device, dtype=dtype, channels_last=channels_last)
            best[index] = min(best[index], _seconds(way, network, clock))
        if sum(seconds for seconds in best if seconds < float("inf")) > _ENOUGH_SECONDS:
            break  # a busy moment matters less in a network that takes this long
    timings = [Timing(*way, seconds) for way, seconds in zip(ways, best, strict=True)]
    chosen = pick(timings)
    if chosen.dtype != torch.float32:
        way = replace(device, dtype=chosen.dtype, channels_last=chosen.channels_last)
        judged = replace(chosen, alike=_alike(way, network, share_alike))
        timings = [judged if timing is chosen else timing for timing in timings]
        chosen = pick(timings)
    report = (chosen, *(timing for timing in timings if timing is not chosen))
    network.to(memory_format=torch.channels_last if chosen.channels_last else torch.contiguous_format)
    return replace(device, dtype=chosen.dtype, channels_last=chosen.channels_last, report=report)


def pick(timings: list[Timing]) -> Timing:
    """The fastest in float32, or a lower precision that is `CLEAR_GAIN` times faster still and says the same."""
    full = min((t for t in timings if t.dtype == torch.float32), key=lambda t: t.seconds)
    fastest = min((t for t in timings if t.alike is None or t.alike >= LEAST_ALIKE), key=lambda t: t.seconds)
    return fastest if fastest.seconds * CLEAR_GAIN <= full.seconds else full


def threads() -> int:
    """How many threads the network uses on the CPU."""
    return torch.get_num_threads()


def use_threads(count: int) -> None:
    """Use `count` CPU threads, at least 1 and at most as many as this process may have."""
    torch.set_num_threads(max(1, min(count, usable_cores())))


def usable_cores() -> int:
    """Cores that this process may run on; fewer than the machine has where it is confined."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_bytes(kind: str) -> int | None:
    """Memory of the accelerator, None where there is none to ask."""
    if kind == "cuda":
        return int(torch.cuda.get_device_properties(0).total_memory)
    return None


def free_bytes(kind: str) -> int:
    """Memory that this process may still take on a kind of device; a guess where the system does not say."""
    if kind == "cuda":
        unused = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
        return int(torch.cuda.mem_get_info()[0] + unused)
    if kind == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return _GUESSED_BYTES


def is_out_of_memory(error: RuntimeError) -> bool:
    """Torch has a class of its own for this on a GPU only; on the CPU and on Apple's it goes by words."""
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, torch.OutOfMemoryError) or any(word in str(error) for word in words)


def release_memory(kind: str) -> None:
    """Give what torch keeps in reserve back to the device."""
    if kind == "cuda":
        torch.cuda.empty_cache()
    elif kind == "mps":
        torch.mps.empty_cache()


def _describe(kind: str) -> str:
    if kind == "cuda":
        return f"GPU {torch.cuda.get_device_name(0)}"
    if kind == "mps":
        return "GPU (Apple)"
    count = threads()
    return f"CPU, {count} thread{'' if count == 1 else 's'}"


def _half(kind: str) -> torch.dtype:
    return torch.bfloat16 if kind == "cpu" else torch.float16


def _alike(way: Device, network: nn.Module, share_alike: Callable[[Device], float]) -> float:
    network.to(memory_format=way.memory_format)
    try:
        return share_alike(way)
    except (FcnGuiError, RuntimeError) as error:  # without the sample there is nothing that speaks for it
        _log.warning("a lower precision could not be judged: %s", error)
        return 0.0


def _seconds(way: Device, network: nn.Module, clock: Callable[[], float]) -> float:
    try:
        network.to(way.name, memory_format=way.memory_format)  # type: ignore[call-overload]
        x = way.place(torch.zeros(_PROBE))
        with torch.inference_mode(), way.autocast():
            started = clock()
            network(x).sum().item()  # the number waits for a GPU to finish
            return clock() - started
    except RuntimeError:  # this precision is not to be had on this device
        return float("inf")
