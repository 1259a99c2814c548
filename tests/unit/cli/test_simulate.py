"""What `simulate` prints and draws."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from fcn_gui.cli.simulate import lines
from fcn_gui.cli.simulate_plot import SIZE, dashed, draw_plot, nice_step, spread, write_plot
from fcn_gui.core.errors import SaveError
from fcn_gui.session.simulate_result import ImageResult, Mode, ModeResult, Simulation


def found() -> Simulation:
    right, wrong = np.diag([50, 50]), np.array([[50, 0], [25, 25]])
    modes = {
        mode: ModeResult(mode, [ImageResult(str(n), seconds, 1.0, 4, n == 0, wrong, final) for n in range(5)])
        for mode, seconds, final in ((Mode.MANUAL, 100.0, right), (Mode.FROZEN, 60.0, right), (Mode.FULL, 40.0, wrong))
    }
    modes[Mode.FULL].accepted, modes[Mode.FULL].refused = 2, 1
    return Simulation(modes, 0.25)


def test_the_table_says_seconds_strokes_and_what_is_void() -> None:
    text = lines(found())
    assert text[1].split() == ["manual", "500.0", "5.0", "20", "1", "1.0000", "1.010"]
    assert [line.split()[0] for line in text[1:4]] == ["manual", "frozen", "full"]
    assert "void" in text[3]
    assert "void" not in text[2]
    assert "2 accepted, 1 refused, 0 unfinished" in text[4]
    assert "--pace 0.25" in text[5]


def test_the_plot_is_twice_its_size_and_has_a_line_of_each_mode() -> None:
    plot = np.asarray(draw_plot(found(), "cows"))
    assert plot.shape == (2 * SIZE[1], 2 * SIZE[0], 3)
    for color in ((90, 90, 90), (0, 114, 178), (0, 158, 115)):
        assert (plot == color).all(2).sum() > 500
    assert not (plot == (213, 94, 0)).all(2).any()


def test_a_plot_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    write_plot(tmp_path / "plot.png", found(), "cows")
    with PillowImage.open(tmp_path / "plot.png") as plot:
        assert plot.format == "PNG"
    with pytest.raises(SaveError, match="no/plot"):
        write_plot(tmp_path / "no/plot.png", found(), "cows")


@pytest.mark.parametrize(("most", "step"), [(22, 5), (9.9, 2), (0.3, 0.1), (1000, 200)])
def test_ticks_are_round_numbers(most: float, step: float) -> None:
    assert nice_step(most) == pytest.approx(step)


def test_labels_keep_apart_and_on_the_page() -> None:
    assert spread([10, 11, 100], 20) == [10, 30, 100]
    low = spread([SIZE[1] - 60.0, SIZE[1] - 59.0], 30)
    assert low[1] - low[0] == 30
    assert low[1] < SIZE[1]


def test_a_path_is_cut_into_dashes_along_its_corners() -> None:
    parts = dashed([(0, 0), (10, 0), (10, 10)], (8, 4))
    assert parts == [[(0, 0), (8, 0)], [(10, 2), (10, 10)]]
