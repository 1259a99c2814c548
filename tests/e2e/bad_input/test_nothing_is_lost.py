"""What a person said or painted outlives a file that goes away, a quick key, and a copy of a photograph."""

from pathlib import Path

from fcn_gui.core.split import Split
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.session.project import Status


def test_verified_survives_a_note_while_the_file_is_away(make_desk, photos: Path) -> None:  # type: ignore[no-untyped-def]
    desk = make_desk().open(photos)
    desk.paint((10.5, 10.5), label=2)
    desk.model.verify_and_next()
    desk.rest()
    desk.close()
    data = (photos / "p0.png").read_bytes()
    (photos / "p0.png").write_bytes(b"")
    again = make_desk().open(photos)
    again.model.select("p0.png")
    again.rest()
    again.model.set_note("p0.png", "file is away")
    again.rest()
    again.close()
    (photos / "p0.png").write_bytes(data)
    back = make_desk().open(photos)
    back.show("p0.png")
    assert back.item("p0.png").status is Status.VERIFIED
    assert back.item("p0.png").note == "file is away"


def test_a_smart_stroke_is_kept_when_the_next_image_is_wanted_at_once(make_desk, photos: Path) -> None:  # type: ignore[no-untyped-def]
    desk = make_desk().open(photos)
    desk.model.apply_stroke(Stroke(Tool.SMART, 2, ((3.5, 3.5),)))
    desk.model.go(1)
    desk.rest()
    assert desk.show("p0.png").masked.vouch.any()


def test_a_smart_stroke_is_kept_when_the_folder_is_closed_at_once(make_desk, photos: Path) -> None:  # type: ignore[no-untyped-def]
    desk = make_desk().open(photos)
    desk.model.apply_stroke(Stroke(Tool.SMART, 2, ((3.5, 3.5),)))
    desk.close()
    assert make_desk().open(photos).show("p0.png").masked.vouch.any()


def test_a_copy_follows_its_twin_also_where_the_group_is_full() -> None:
    for seed in range(20):  # the first image is never held out, whatever its digest draws: its copies neither
        split = Split(seed=seed)
        sides = {split.decide(f"copy{number}.png", "same digest", 7, images=20) for number in range(12)}
        assert sides == {False}, seed
