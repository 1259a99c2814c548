"""What `simulate` says to what it can't use."""

from pathlib import Path

from tests.e2e.program import fcn_gui, one_line_of_failure
from tests.unit.session.test_simulate import make_dataset


def test_no_data_set_and_no_such_split(tmp_path: Path) -> None:
    assert str(tmp_path) in one_line_of_failure(fcn_gui("simulate", tmp_path, "--mode", "manual"))
    dataset = make_dataset(tmp_path / "dataset", 1)
    assert "nowhere" in one_line_of_failure(fcn_gui("simulate", dataset, "--split", "nowhere", "--mode", "manual"))


def test_no_such_checkpoint_mode_or_place_for_the_plot(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "dataset", 1)
    assert "gone" in one_line_of_failure(fcn_gui("simulate", dataset, "--mode", "manual", "--checkpoint", "gone"))
    assert fcn_gui("simulate", dataset, "--mode", "fast").returncode == 2
    assert fcn_gui("simulate", dataset, "--pace", "-1").returncode == 2
    told = fcn_gui("simulate", dataset, "--mode", "manual", "--json", "--plot", tmp_path / "no/plot.png")
    assert "no/plot.png" in one_line_of_failure(told)


def test_a_broken_image_is_named(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "dataset", 2)
    (dataset / "JPEGImages/m1.png").write_bytes(b"no picture")
    assert "m1.png" in one_line_of_failure(fcn_gui("simulate", dataset, "--mode", "manual", "--json"))
