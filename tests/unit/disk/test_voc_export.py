"""The export: a data set that other tools read, as a whole or not at all."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fcn_gui.core.errors import ExportError, MaskError, SaveError
from fcn_gui.core.label_map import LabelClass, LabelMap, own_label_map, voc_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import Mask, Vouch
from fcn_gui.disk.dataset import read_dataset, read_truth
from fcn_gui.disk.image_keys import scan_images
from fcn_gui.disk.mask_file import read_voc_mask
from fcn_gui.disk.voc import VocFolder
from fcn_gui.disk.voc_export import ExportItem, ExportReport, ExportRequest, export_voc
from fcn_gui.disk.voc_truth import ExportOptions

VOC = voc_label_map()


def photo(path: Path, shape: tuple[int, int] = (6, 8), **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*shape, 3), (90, 120, 30), np.uint8)).save(path, **options)
    return path


def truth(shape: tuple[int, int] = (6, 8), label: int = 3) -> tuple[Mask, Vouch]:
    mask = np.zeros(shape, np.uint8)
    mask[: shape[0] // 2] = label
    return mask, np.ones(shape, np.uint8)


def item(folder: Path, key: str, held_out: bool = False, verified: bool = True, **given: Any) -> ExportItem:
    path = folder / key
    if not path.exists():
        photo(path)
    read: Callable[[], tuple[Mask, Vouch]] = given.get("read", truth)
    return ExportItem(key, path, read, verified, held_out)


def export(target: Path, items: list[ExportItem], label_map: LabelMap = VOC, **options: Any) -> ExportReport:
    return run_to_end(export_voc(ExportRequest(target, label_map, items, ExportOptions(**options))))


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return tmp_path / "photos"


def test_the_layout_is_vocs(tmp_path: Path, photos: Path) -> None:
    report = export(
        tmp_path / "out", [item(photos, "a.jpg"), item(photos, "b.png", held_out=True), item(photos, "c.jpg")]
    )
    written = files(tmp_path / "out")
    assert set(written) == {
        *(f"JPEGImages/{name}.jpg" for name in "abc"),
        *(f"SegmentationClass/{name}.png" for name in "abc"),
        *(f"ImageSets/Segmentation/{name}.txt" for name in ("train", "val", "trainval")),
        "labelmap.txt",
        "class_names.txt",
    }
    assert written["ImageSets/Segmentation/train.txt"] == b"a\nc\n"
    assert written["ImageSets/Segmentation/val.txt"] == b"b\n"
    assert written["ImageSets/Segmentation/trainval.txt"] == b"a\nb\nc\n"
    assert written["labelmap.txt"].startswith(
        b"# label:color_rgb:parts:actions\nbackground:0,0,0::\naeroplane:128,0,0::\n"
    )
    assert written["class_names.txt"].startswith(b"_background_\naeroplane\n")
    assert (report.written, report.verified, report.train, report.val, report.left_out) == (3, 3, 2, 1, [])
    assert report.compared == len(written)
    assert report.reencoded == ["b.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "photos"]


def test_masks_are_mode_p_with_the_whole_palette_and_the_indices(tmp_path: Path, photos: Path) -> None:
    export(tmp_path / "out", [item(photos, "a.jpg")])
    with Image.open(tmp_path / "out" / "SegmentationClass" / "a.png") as opened:
        assert opened.mode == "P"
        assert bytes(opened.getpalette() or ()) == VOC.palette()
        assert np.array_equal(np.asarray(opened), truth()[0])


def test_photographs_are_never_touched_and_jpegs_are_copied(tmp_path: Path, photos: Path) -> None:
    items = [item(photos, "a.jpg"), item(photos, "b.png")]
    before = files(photos)
    export(tmp_path / "out", items)
    assert files(photos) == before
    assert (tmp_path / "out" / "JPEGImages" / "a.jpg").read_bytes() == before["a.jpg"]


def test_only_verified_images_by_default(tmp_path: Path, photos: Path) -> None:
    items = [item(photos, "a.jpg"), item(photos, "b.jpg", verified=False)]
    report = export(tmp_path / "out", items)
    assert (report.written, report.left_out) == (1, [("b.jpg", "not verified")])
    report = export(tmp_path / "all", items, only_verified=False)
    assert (report.written, report.verified, report.left_out) == (2, 1, [])


def test_an_image_that_nobody_labelled_never_becomes_background(tmp_path: Path, photos: Path) -> None:
    untouched = item(photos, "b.jpg", verified=False, read=lambda: (truth()[0], np.zeros((6, 8), np.uint8)))
    for void_index in (255, "background"):
        target = tmp_path / str(void_index)
        report = export(target, [item(photos, "a.jpg"), untouched], only_verified=False, void_index=void_index)
        assert report.left_out == [("b.jpg", "nothing in it is vouched")]
        assert "b" not in (target / "ImageSets/Segmentation/trainval.txt").read_text()


def test_what_cant_be_exported_is_left_out_with_the_reason_and_the_rest_goes_on(tmp_path: Path, photos: Path) -> None:
    def damaged() -> tuple[Mask, Vouch]:
        raise MaskError("masks/e.png is damaged; replace it.")

    cut = photo(photos / "cut.jpg", (60, 80))
    cut.write_bytes(cut.read_bytes()[:300])
    (photos / "empty.png").write_bytes(b"")
    items = [
        item(photos, "a.jpg"),
        item(photos, "cut.jpg"),
        item(photos, "empty.png"),
        ExportItem("gone.jpg", photos / "gone.jpg", truth, True),
        item(photos, "size.jpg", read=lambda: truth((7, 9))),
        item(photos, "index.jpg", read=lambda: truth(label=99)),
        item(photos, "mask.jpg", read=damaged),
    ]
    report = export(tmp_path / "out", items)
    assert report.written == 1
    reasons = dict(report.left_out)
    assert set(reasons) == {"cut.jpg", "empty.png", "gone.jpg", "size.jpg", "index.jpg", "mask.jpg"}
    assert "9 × 7 pixels, the image 8 × 6" in reasons["size.jpg"]
    assert "99 in 24 pixels" in reasons["index.jpg"]
    assert "empty" in reasons["empty.png"]
    assert [path.name for path in (tmp_path / "out" / "JPEGImages").iterdir()] == ["a.jpg"]
    assert [path.name for path in (tmp_path / "out" / "SegmentationClass").iterdir()] == ["a.png"]


def test_odd_names_become_ids_and_are_reported(tmp_path: Path, photos: Path) -> None:
    keys = [
        "a.jpg",
        "a.png",
        "A.jpg",
        "new\nline.jpg",
        "day 1/b c.jpg",
        "写真.jpg",
        "x" * 251 + ".jpg",
        "caf\udce9.jpg",
    ]
    report = export(tmp_path / "out", [item(photos, key) for key in keys])
    assert report.written == len(keys)
    ids = (tmp_path / "out" / "ImageSets/Segmentation/trainval.txt").read_text("utf-8").split("\n")[:-1]
    assert ids == ["a", "a_2", "A_3", "new_line", "day_1_b_c", "写真", "x" * 200, "caf_"]
    assert dict(report.renamed)["A.jpg"] == "A_3"
    assert {key for key, _ in report.renamed} == set(keys) - {"a.jpg", "写真.jpg"}
    assert {path.stem for path in (tmp_path / "out" / "JPEGImages").iterdir()} == set(ids)


def test_ids_do_not_depend_on_which_images_are_verified(tmp_path: Path, photos: Path) -> None:
    export(tmp_path / "out", [item(photos, "a.jpg", verified=False), item(photos, "a.png")])
    assert (tmp_path / "out" / "ImageSets/Segmentation/train.txt").read_text() == "a_2\n"


def test_a_target_that_is_not_empty_is_refused_and_not_touched(tmp_path: Path, photos: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "theirs.txt").write_text("theirs")
    with pytest.raises(ExportError, match=r"not empty.*--overwrite"):
        export(tmp_path / "out", [item(photos, "a.jpg")])
    assert files(tmp_path / "out") == {"theirs.txt": b"theirs"}


def test_overwriting_replaces_the_whole(tmp_path: Path, photos: Path) -> None:
    export(tmp_path / "out", [item(photos, "old.jpg"), item(photos, "a.jpg")])
    export(tmp_path / "out", [item(photos, "a.jpg")], overwrite=True)
    assert {Path(name).stem for name in files(tmp_path / "out" / "JPEGImages")} == {"a"}


def test_photographs_and_projects_are_never_replaced(tmp_path: Path, photos: Path) -> None:
    items = [item(photos, "a.jpg")]
    for target in (photos, tmp_path):
        with pytest.raises(ExportError, match="not replaced"):
            export(target, items, overwrite=True)
    painted = tmp_path / "old export"
    (painted / ".fcn-gui").mkdir(parents=True)
    with pytest.raises(ExportError, match="holds a project"):
        export(painted, items, overwrite=True)
    (photos / "link").symlink_to(photos)
    with pytest.raises(ExportError, match="photographs themselves"):
        export(photos / "link", items, overwrite=True)
    assert (photos / "a.jpg").exists()


def test_a_target_that_is_a_file_is_refused(tmp_path: Path, photos: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(ExportError, match="is a file"):
        export(tmp_path / "out", [item(photos, "a.jpg")], overwrite=True)


@pytest.mark.parametrize("has_old", [False, True])
def test_a_closed_job_leaves_the_target_as_it_was(tmp_path: Path, photos: Path, has_old: bool) -> None:
    target = tmp_path / "out"
    if has_old:
        export(target, [item(photos, "old.jpg")])
    before = files(target)
    items = [item(photos, f"{n}.jpg") for n in range(4)]
    job = export_voc(ExportRequest(target, VOC, items, ExportOptions(overwrite=True)))
    fractions = [next(job).fraction for _ in range(3)]
    assert fractions == [0, 0.25, 0.5]
    job.close()
    assert files(target) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "photos"][not has_old :]


def test_a_full_disk_leaves_the_target_as_it_was(tmp_path: Path, photos: Path) -> None:
    export(tmp_path / "out", [item(photos, "old.jpg")])
    before = files(tmp_path / "out")
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(photos / "big.png")
    items = [item(photos, "a.jpg"), item(photos, "big.png", read=lambda: truth((200, 200)))]
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limit[1]))
    try:
        with pytest.raises(SaveError, match="free some space"):
            export(tmp_path / "out", items, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert files(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "photos"]


def test_with_nothing_to_write_nothing_is_made(tmp_path: Path, photos: Path) -> None:
    report = export(tmp_path / "out", [item(photos, "a.jpg", verified=False)])
    assert (report.written, len(report.left_out)) == (0, 1)
    report = export(tmp_path / "out", [])
    assert report.written == 0
    (photos / "bad.jpg").write_bytes(b"")
    assert export(tmp_path / "out", [item(photos, "bad.jpg")]).written == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photos"]


def test_void_as_background_is_said(tmp_path: Path, photos: Path) -> None:
    def half() -> tuple[Mask, Vouch]:
        mask, vouch = truth()
        vouch[0] = 0
        return mask, vouch

    report = export(tmp_path / "out", [item(photos, "a.jpg", read=half)], void_index="background")
    mask = read_voc_mask(tmp_path / "out" / "SegmentationClass" / "a.png", VOC)
    assert not mask[0].any()
    assert set(np.unique(mask)) == {0, 3}
    assert "void was written as background" in report.notes[0]


def test_metadata_can_be_left_out(tmp_path: Path, photos: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "SECRET"
    photo(photos / "a.jpg", exif=exif)
    export(tmp_path / "kept", [item(photos, "a.jpg")])
    report = export(tmp_path / "bare", [item(photos, "a.jpg")], keep_metadata=False)
    assert b"SECRET" in files(tmp_path / "kept")["JPEGImages/a.jpg"]
    assert b"SECRET" not in files(tmp_path / "bare")["JPEGImages/a.jpg"]
    assert report.reencoded == []


def test_a_class_name_with_a_meaning_of_its_own_is_refused_before_anything_is_written(
    tmp_path: Path, photos: Path
) -> None:
    label_map = LabelMap((LabelClass("background", (0, 0, 0)), LabelClass("__ignore__", (9, 9, 9))))
    with pytest.raises(ExportError, match="rename the class"):
        export(tmp_path / "out", [item(photos, "a.jpg", read=lambda: truth(label=1))], label_map)
    assert not (tmp_path / "out").exists()


def test_the_report_is_plain_json(tmp_path: Path, photos: Path) -> None:
    data = export(tmp_path / "out", [item(photos, "a.jpg"), item(photos, "b.jpg", verified=False)]).to_json()
    assert (data["written"], data["verified"]) == (1, 1)
    assert data["left_out"] == [{"file": "b.jpg", "reason": "not verified"}]


def test_torchvision_reads_it(tmp_path: Path, photos: Path) -> None:
    datasets = pytest.importorskip("torchvision.datasets")
    items = [item(photos, "a b.png"), item(photos, "写真.jpg", held_out=True)]
    export(tmp_path / "VOCdevkit" / "VOC2012", items)
    for split, count in (("train", 1), ("val", 1), ("trainval", 2)):
        found = datasets.VOCSegmentation(str(tmp_path), year="2012", image_set=split, download=False)
        assert len(found) == count
        image, mask = found[0]
        assert image.size == mask.size == (8, 6)
        assert np.array_equal(np.asarray(mask), truth()[0])


def test_an_export_of_an_export_is_the_same(tmp_path: Path, photos: Path) -> None:
    first = [item(photos, "c.jpg", held_out=True), item(photos, "day 1/a b.png"), item(photos, "day 2/C.jpg")]
    export(tmp_path / "one", first)
    voc = VocFolder.find(tmp_path / "one")
    assert voc is not None
    again = []
    for key in scan_images(tmp_path / "one"):
        mask = read_voc_mask(voc.mask_path(key) or Path(), VOC)
        read = partial(lambda mask: (mask, np.ones_like(mask)), mask)
        again.append(ExportItem(key, tmp_path / "one" / key, read, True, voc.held_out(key)))
    report = export(tmp_path / "two", again)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert (report.renamed, report.reencoded) == ([], [])


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_what_was_exported_comes_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("round")
    label_map = own_label_map([f"class {n}" for n in range(data.draw(st.integers(1, 40)))])
    wanted, items = {}, []
    for number in range(data.draw(st.integers(1, 4))):
        seed = np.random.default_rng(data.draw(st.integers(0, 2**32)))
        shape = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
        mask = seed.choice([*range(len(label_map)), 255], shape).astype(np.uint8)
        key = f"{number} {data.draw(st.sampled_from(['a', 'é', 'A/b']))}.{data.draw(st.sampled_from(['jpg', 'png']))}"
        photo(folder / "photos" / key, shape)
        held_out = data.draw(st.booleans())
        read = partial(lambda mask: (mask, np.ones_like(mask)), mask)
        items.append(ExportItem(key, folder / "photos" / key, read, True, held_out))
        wanted[key] = (mask, held_out)
    export(folder / "out", items, label_map)
    voc = VocFolder.find(folder / "out")
    assert voc is not None
    assert voc.label_map == label_map
    keys = list(scan_images(folder / "out"))
    assert len(keys) == len(items)
    found = [(read_voc_mask(voc.mask_path(key) or Path(), label_map).tolist(), voc.held_out(key)) for key in keys]
    assert sorted(found) == sorted((mask.tolist(), held_out) for mask, held_out in wanted.values())
    dataset = read_dataset(folder / "out", "trainval")
    assert sorted(read_truth(i, label_map).tolist() for i in dataset.items) == sorted(
        m.tolist() for m, _ in wanted.values()
    )


EXPORTER = """
import sys
from pathlib import Path
import numpy as np
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.voc_export import ExportItem, ExportRequest, export_voc
from fcn_gui.disk.voc_truth import ExportOptions
photos, target = Path(sys.argv[1]), Path(sys.argv[2])
read = lambda: (np.zeros((6, 8), np.uint8), np.ones((6, 8), np.uint8))
items = [ExportItem(p.name, p, read, True, False) for p in sorted(photos.iterdir())]
for _ in range(1000):
    for _ in export_voc(ExportRequest(target, voc_label_map(), items, ExportOptions(overwrite=True))):
        print("step", flush=True)
"""


@pytest.mark.parametrize("steps", [2, 9, 17, 30])
def test_a_killed_export_leaves_a_whole_data_set_or_none(tmp_path: Path, photos: Path, steps: int) -> None:
    items = [item(photos, f"{n}.jpg") for n in range(5)]
    process = subprocess.Popen(
        [sys.executable, "-c", EXPORTER, str(photos), str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    for _ in range(steps):
        process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    if steps > 7:
        assert len(files(tmp_path / "out")) == 15
    assert len(files(tmp_path / "out")) in (0, 15)
    export(tmp_path / "out", items, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "photos"]
