"""The simulated annotator through a real session, with an engine that goes by colour."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from fcn_gui.core.annotation_cost import LOOK_S, VERIFY_S, correction_cost, cost_by_hand
from fcn_gui.core.annotator_hand import Habit
from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import DatasetError, LearningError
from fcn_gui.core.label_map import LabelMap, own_label_map
from fcn_gui.core.progress import Job, Progress, run_to_end
from fcn_gui.core.refit import Refit
from fcn_gui.disk.dataset import read_dataset
from fcn_gui.disk.mask_file import write_mask
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.session.ports import FineTuneRequest, RefitRequest
from fcn_gui.session.simulate import SimulationRequest, simulate
from fcn_gui.session.simulate_clock import PersonClock
from fcn_gui.session.simulate_result import ImageResult, Mode, ModeResult, Simulation
from tests.fakes.segmenter import FakeSegmenter, WithoutRefit, write_start
from tests.unit.session.workshop import COW, GRASS, MAP, TREE, WRONG

SIZE = (72, 96)
RIGHT = np.array([GRASS, COW, TREE], np.float32)


def meadow(number: int, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """A few cows and trees on grass, and what is where."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[: size[0], : size[1]]
    truth = np.zeros(size, np.uint8)
    for label in (1, 2, 1, 2):
        at, radius = rng.uniform((0, 0), size), rng.uniform(7, 14) * size[0] / SIZE[0]
        truth[np.hypot(y - at[0], x - at[1]) < radius] = label
    image = np.array([GRASS, COW, TREE], np.int16)[truth] + rng.integers(-6, 7, (*size, 3))
    return image.astype(np.uint8), truth


def make_dataset(folder: Path, count: int = 4, label_map: LabelMap = MAP, size: tuple[int, int] = SIZE) -> Path:
    """A data set of `count` meadows m0, m1, … with the list `all`, last first."""
    for name in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
        (folder / name).mkdir(parents=True)
    for number in range(count):
        image, truth = meadow(number, size)
        PillowImage.fromarray(image).save(folder / f"JPEGImages/m{number}.png")
        write_mask(folder / f"SegmentationClass/m{number}.png", truth, label_map)
    (folder / "class_names.txt").write_text("\n".join(label_map.names) + "\n")
    (folder / "ImageSets/Segmentation/all.txt").write_text("".join(f"m{n}\n" for n in reversed(range(count))))
    return folder


def run(
    scratch: Path,
    *modes: Mode,
    count: int = 4,
    colors: np.ndarray = WRONG,
    pace: float | None = 1.0,
    segmenter: Callable[[], FakeSegmenter] = FakeSegmenter,
    seed: int = 0,
) -> Simulation:
    scratch.mkdir(parents=True, exist_ok=True)
    dataset = read_dataset(make_dataset(scratch / "dataset", count), "all")
    start = write_start(scratch, MAP, colors)
    request = SimulationRequest(dataset, start, modes or tuple(Mode), seed, pace)
    return run_to_end(simulate(request, segmenter, scratch / "work"))


def strokes_of(found: Simulation, mode: Mode) -> list[tuple[str, float, int]]:
    return [(image.image, image.seconds, image.strokes) for image in found.modes[mode].images]


def test_manual_takes_the_seconds_of_the_hand_in_the_order_given(tmp_path: Path) -> None:
    found, habit = run(tmp_path, Mode.MANUAL), Habit()
    expected = [(f"m{n}", cost_by_hand(meadow(n)[1], habit)) for n in (3, 2, 1, 0)]
    assert strokes_of(found, Mode.MANUAL) == [(name, pytest.approx(c.seconds), c.strokes) for name, c in expected]
    assert list(found.modes) == [Mode.MANUAL]
    assert found.modes[Mode.MANUAL].final_mean_iu > 0.8


def test_frozen_takes_the_seconds_that_correcting_the_prediction_costs(tmp_path: Path) -> None:
    found, habit = run(tmp_path, Mode.FROZEN), Habit()
    segmenter = FakeSegmenter()
    segmenter.load(Checkpoint({"colors": WRONG}, "colour", (1,), MAP, {}), MAP)
    costs = [correction_cost(segmenter.predict(meadow(n)[0]).labels, meadow(n)[1], habit) for n in (3, 2, 1, 0)]
    assert [s for _, s, _ in strokes_of(found, Mode.FROZEN)] == [pytest.approx(cost.seconds) for cost in costs]
    assert list(found.modes) == [Mode.MANUAL, Mode.FROZEN]


def test_a_prediction_that_is_right_costs_a_look_and_a_verify(tmp_path: Path) -> None:
    found = run(tmp_path, Mode.FROZEN, colors=RIGHT)
    result = found.modes[Mode.FROZEN]
    assert result.seconds == pytest.approx(4 * (LOOK_S + VERIFY_S))
    assert result.strokes == 0
    assert result.images[0].facts()["first_look_mean_iu"] == 1.0
    assert found.ratio(Mode.FROZEN) < 0.5


def test_every_stroke_is_one_of_the_session_and_every_image_ends_verified(tmp_path: Path) -> None:
    found = run(tmp_path, Mode.MANUAL)
    project = ProjectFolder.open(tmp_path / "work/photos", tmp_path / "work/manual")
    rows = project.read_states()
    assert {row.status for row in rows.values()} == {"verified"}
    assert [rows[key].strokes for key in sorted(rows)] == [image.strokes for image in found.modes[Mode.MANUAL].images]
    vouch = project.read_vouch("00000.png")
    assert vouch is not None
    assert vouch.all()


def test_what_a_verify_teaches_was_solved_while_the_person_looked(tmp_path: Path) -> None:
    asked: list[RefitRequest] = []

    class Noting(FakeSegmenter):
        def refit(self, request: RefitRequest) -> Job[Refit | None]:
            asked.append(request)
            return (yield from super().refit(request))

    run(tmp_path, Mode.REFIT, segmenter=Noting, count=8)
    of_verify = [n for n, each in enumerate(asked) if each.is_thorough and each.is_kept and not each.is_ahead]
    assert len(of_verify) >= 2
    for number in of_verify:
        ahead, verify = asked[number - 1 : number + 1]
        assert ahead.is_ahead
        assert [(image.key, image.version) for image in ahead.images] == [(i.key, i.version) for i in verify.images]


def test_full_learns_on_the_persons_clock_and_the_same_pace_gives_the_same_strokes(tmp_path: Path) -> None:
    found = run(tmp_path / "a", Mode.FROZEN, Mode.REFIT, Mode.FULL, count=8)
    again = run(tmp_path / "b", Mode.FULL, count=8)
    full = found.modes[Mode.FULL]
    assert full.accepted + full.refused >= 1
    assert full.seconds < found.modes[Mode.FROZEN].seconds
    assert strokes_of(found, Mode.FULL) == strokes_of(again, Mode.FULL)
    assert strokes_of(found, Mode.FULL)[0] == strokes_of(found, Mode.REFIT)[0]


def ends(found: Simulation) -> dict[str, int]:
    kept: dict[str, int] = found.modes[Mode.FULL].facts()["fine_tunes"]
    return kept


def test_a_fine_tune_that_is_better_goes_live(tmp_path: Path) -> None:
    found = run(tmp_path, Mode.FROZEN, Mode.FULL, count=8, segmenter=WithoutRefit)
    assert found.modes[Mode.FULL].accepted >= 1
    assert found.modes[Mode.FULL].seconds < found.modes[Mode.FROZEN].seconds
    assert strokes_of(found, Mode.FULL)[0] == strokes_of(found, Mode.FROZEN)[0]


def test_a_candidate_that_waits_is_not_refused(tmp_path: Path) -> None:
    found = run(tmp_path, Mode.FULL, count=2, pace=0.001, segmenter=WithoutRefit)
    assert ends(found) == {"accepted": 0, "refused": 0, "unfinished": 1}


def test_a_candidate_that_waits_is_judged_when_three_images_are_verified(tmp_path: Path) -> None:
    found = run(tmp_path, Mode.FROZEN, Mode.FULL, count=4, pace=0.001, segmenter=WithoutRefit)
    assert ends(found) == {"accepted": 1, "refused": 0, "unfinished": 0}
    full, frozen = strokes_of(found, Mode.FULL), strokes_of(found, Mode.FROZEN)
    assert full[:3] == frozen[:3]
    assert full[3][2] < frozen[3][2]


def test_the_folds_that_judge_it_take_the_persons_time(tmp_path: Path) -> None:
    # None of the four is held out by this seed, so that folds judge.
    at_once = run(tmp_path / "a", Mode.FULL, count=4, pace=0.001, segmenter=WithoutRefit, seed=1)
    later = run(tmp_path / "b", Mode.FULL, count=4, pace=1, segmenter=WithoutRefit, seed=1)
    assert strokes_of(later, Mode.FULL)[:3] == strokes_of(at_once, Mode.FULL)[:3]
    assert strokes_of(later, Mode.FULL)[3][2] > strokes_of(at_once, Mode.FULL)[3][2]


def test_what_was_looked_at_in_one_mode_is_not_known_in_the_next(tmp_path: Path) -> None:
    made: list[FakeSegmenter] = []

    def segmenter() -> FakeSegmenter:
        made.append(FakeSegmenter())
        return made[-1]

    run(tmp_path, Mode.FROZEN, Mode.REFIT, segmenter=segmenter)
    assert len(made) == 2


def test_what_is_not_learned_in_time_changes_nothing(tmp_path: Path) -> None:
    found = run(tmp_path, Mode.REFIT, Mode.FULL, count=8, pace=1e6)
    assert strokes_of(found, Mode.FULL) == strokes_of(found, Mode.REFIT)
    assert ends(found) == {"accepted": 0, "refused": 0, "unfinished": 1}


def test_the_pace_is_measured_where_none_is_given(tmp_path: Path) -> None:
    found = run(tmp_path, Mode.FULL, pace=None)
    assert found.pace is not None
    assert 0 < found.pace < 60


def test_a_fine_tune_that_fails_is_refused_and_the_work_goes_on(tmp_path: Path) -> None:
    class Failing(FakeSegmenter):
        def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
            yield Progress(1, 1)
            raise LearningError("The loss is not finite.")

    found = run(tmp_path, Mode.REFIT, Mode.FULL, segmenter=Failing)
    assert found.modes[Mode.FULL].refused >= 1
    assert strokes_of(found, Mode.FULL) == strokes_of(found, Mode.REFIT)


def test_refit_learns_from_strokes_without_a_fine_tune_and_keeps_it_from_image_to_image(tmp_path: Path) -> None:
    found = run(tmp_path / "a", count=8)
    assert list(found.modes) == [Mode.MANUAL, Mode.FROZEN, Mode.REFIT, Mode.FULL]
    refit, frozen = found.modes[Mode.REFIT], found.modes[Mode.FROZEN]
    assert refit.accepted + refit.refused == 0
    assert refit.seconds < frozen.seconds
    assert refit.images[-1].facts()["first_look_mean_iu"] > 0.9 > frozen.images[-1].facts()["first_look_mean_iu"]


def test_a_class_that_the_checkpoint_lacks_makes_a_new_label_map(tmp_path: Path) -> None:
    label_map = own_label_map(["background", "moss", "tree"])
    dataset = read_dataset(make_dataset(tmp_path / "dataset", 2, label_map), "all")
    request = SimulationRequest(dataset, write_start(tmp_path, MAP, RIGHT), (Mode.FROZEN,))
    found = run_to_end(simulate(request, FakeSegmenter, tmp_path / "work"))
    assert ProjectFolder.open(tmp_path / "work/photos", tmp_path / "work/frozen").header.label_map == label_map
    tree = found.modes[Mode.FROZEN].images[0].first_look[2]
    assert tree[2] == tree.sum() > 0  # the class of that name kept what is known of it
    assert found.modes[Mode.FROZEN].images[0].first_look[:, 1].sum() == 0


def test_a_large_image_is_worked_on_at_512(tmp_path: Path) -> None:
    dataset = read_dataset(make_dataset(tmp_path / "dataset", 1, size=(600, 800)), "all")
    request = SimulationRequest(dataset, write_start(tmp_path, MAP, WRONG), (Mode.MANUAL,))
    found = run_to_end(simulate(request, FakeSegmenter, tmp_path / "work"))
    assert int(found.modes[Mode.MANUAL].images[0].final.sum()) == 384 * 512


def test_an_empty_data_set_is_refused(tmp_path: Path) -> None:
    dataset = read_dataset(make_dataset(tmp_path / "dataset", 1))
    request = SimulationRequest(replace(dataset, items=[]), write_start(tmp_path, MAP))
    with pytest.raises(DatasetError, match="no image"):
        run_to_end(simulate(request, FakeSegmenter, tmp_path / "work"))


def test_waiting_is_what_is_felt() -> None:
    clock = PersonClock()
    clock.wait_after_stroke(0.2)
    assert clock.waiting == 0
    clock.wait_after_stroke(1.0)
    assert clock.waiting == pytest.approx(0.7)
    clock.work(10)
    clock.wait_until(9)  # made ahead while the person worked
    assert clock.waiting == pytest.approx(0.7)
    clock.wait_until(12)
    assert clock.waiting == pytest.approx(2.7)
    assert clock.seconds == 10


def result(mode: Mode, seconds: Sequence[float], right: int, waiting: float = 0.0) -> ModeResult:
    confusion = np.array([[right, 100 - right], [0, 100]])
    return ModeResult(mode, [ImageResult("a", s, waiting, 3, False, confusion, confusion) for s in seconds])


def test_the_ratio_counts_waiting_and_worse_masks_make_a_mode_void() -> None:
    manual, frozen = result(Mode.MANUAL, [60, 40], 90), result(Mode.FROZEN, [30, 10], 89, waiting=5)
    full = result(Mode.FULL, [10, 10], 80)
    found = Simulation({Mode.MANUAL: manual, Mode.FROZEN: frozen, Mode.FULL: full})
    assert found.ratio(Mode.FROZEN) == pytest.approx(0.5)
    assert [found.is_void(mode) for mode in found.modes] == [False, False, True]


def test_the_facts_have_all_that_the_command_promises() -> None:
    found = Simulation({Mode.MANUAL: result(Mode.MANUAL, [60, 40], 90)}, pace=0.5)
    facts = found.facts()
    assert set(facts) >= {"modes", "ratio", "pace"}
    mode = facts["modes"]["manual"]
    assert set(mode) >= {"seconds", "waiting", "strokes", "images", "hit_limit", "final_mean_iu", "fine_tunes"}
    assert (mode["seconds"], mode["strokes"]) == (100, 6)
    assert set(mode["per_image"][0]) >= {
        *("image", "seconds", "waiting", "strokes", "first_look_mean_iu", "first_look_pixel_accuracy"),
    }
