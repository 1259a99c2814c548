"""Goes through many images in the real window: `python -m tests.e2e.bad_input.viewer FOLDER HOME COUNT ENGINE`.

ENGINE is `fake` or `real`. Waits for each prediction, paints now and then, and prints one JSON object: the memory of
the process in MB after each image, and the seconds it took.
"""

import json
import sys
import time
from pathlib import Path

from fcn_gui.session.engine import SegmenterFactory
from tests.e2e.alone import desk_alone
from tests.e2e.desk import ByColour, Desk

STROKE_EVERY = 20


def memory_mb() -> float:
    """Resident memory of this process."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def engine(name: str) -> SegmenterFactory:
    if name == "fake":
        return lambda: ByColour(largest_px=30_000)
    from fcn_gui.learn.segmenter import TorchSegmenter

    return lambda: TorchSegmenter("cpu", measured=False)


def go_through(desk: Desk, count: int) -> list[float]:
    """Memory after each image."""
    found = []
    for number in range(count):
        before = desk.document.key
        desk.until(lambda: desk.model.document.prediction is not None)
        if number % STROKE_EVERY == 0:
            desk.paint((100.5, 100.5), (200.5, 150.5), label=2, radius_px=9)
            desk.rest()  # nobody is faster than the disk for long: what waits to be written is in memory
        found.append(memory_mb())
        if number + 1 < count:
            desk.window.trigger("image.next")
            desk.until(lambda before=before: desk.model.document.key != before)  # type: ignore[misc]
    return found


def main() -> None:
    folder, home, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    desk = desk_alone(home, engine(sys.argv[4])).open(folder, names="cow\nperson")
    begun = time.perf_counter()
    found = go_through(desk, count)
    print(json.dumps({"memory_mb": found, "seconds": time.perf_counter() - begun}), flush=True)
    desk.close()


if __name__ == "__main__":
    main()
