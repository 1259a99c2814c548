"""Label maps in files: the forms of CVAT and labelme, our own, and what each is refused for."""

import json
from pathlib import Path

import pytest

from fcn_gui.core.errors import LabelMapError
from fcn_gui.core.label_map import own_label_map, voc_label_map
from fcn_gui.core.label_map_text import class_names_txt, labelmap_txt, parse_label_map, read_label_map
from fcn_gui.core.palette import OWN_COLORS, voc_color

CVAT = "# label:color_rgb:parts:actions\nsky:0,0,0::\nroad:128,64,128::\ncar:0,0,142::\n"


def test_line_order_of_labelmap_txt_gives_the_indices() -> None:
    label_map = parse_label_map(CVAT, "labelmap.txt")
    assert label_map.names == ("sky", "road", "car")
    assert label_map.colors == ((0, 0, 0), (128, 64, 128), (0, 0, 142))


@pytest.mark.parametrize("label_map", [voc_label_map(), own_label_map(["cell", "Fußgänger links"])])
def test_what_is_written_is_read_again(label_map) -> None:
    assert parse_label_map(labelmap_txt(label_map), "labelmap.txt") == label_map
    assert parse_label_map(class_names_txt(label_map), "class_names.txt") == label_map


def test_the_forms_that_are_written() -> None:
    label_map = own_label_map(["cell"])
    assert labelmap_txt(label_map) == "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncell:255,178,36::\n"
    assert class_names_txt(label_map) == "_background_\ncell"


def test_class_names_keep_their_order_and_get_colors() -> None:
    label_map = parse_label_map("sky\nroad\n\ncar\n", "class_names.txt")
    assert label_map.names == ("sky", "road", "car")
    assert label_map.colors == OWN_COLORS[:3]


def test_class_names_of_voc_get_vocs_colors() -> None:
    assert parse_label_map("\n".join(voc_label_map().names), "class_names.txt") == voc_label_map()


def test_labelme_labels_have_ignore_as_void_and_background_first() -> None:
    for text in ("__ignore__\n_background_\nperson\ncat\n", "person\ncat\n"):
        label_map = parse_label_map(text, "labels.txt")
        assert label_map.names == ("background", "person", "cat")
        assert label_map.colors[0] == (0, 0, 0)


def test_void_in_a_labelmap_is_no_class() -> None:
    text = "background:0,0,0::\ncat:64,0,0::\nignored:224,224,192::\n"
    assert parse_label_map(text, "labelmap.txt").names == ("background", "cat")


def test_a_line_without_a_color_gets_one_that_is_not_taken() -> None:
    label_map = parse_label_map("background:::\ncat:255,178,36::\ndog:::\n", "labelmap.txt")
    assert label_map.colors == ((0, 0, 0), OWN_COLORS[0], OWN_COLORS[1])


def test_byte_order_mark_windows_lines_and_comments_do_no_harm() -> None:
    text = "\ufeff# label:color_rgb:parts:actions\r\nbackground:0,0,0::\r\n# ours\r\ncat:64,0,0:head,tail:sit\r\n"
    assert parse_label_map(text, "labelmap.txt").names == ("background", "cat")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no class"),
        ("# only a comment\n", "no class"),
        ("a:0,0,0::\nb:1,2\n", "line 2"),
        ("a:0,0,0::\nb:1,2,x::\n", "line 2"),
        ("a:0,0,0::\nb:1,2,256::\n", "line 2"),
        ("a:0,0,0::\n\nb:9,9,9:::::\n", "line 3"),
        ("# c\na:0,0,0::\nb:9,9,9::\na:8,8,8::\n", "line 4: the name a stands in line 2"),
        ("a:0,0,0::\nb:9,9,9::\nc:9,9,9::\n", r"line 3: b \(line 2\) has the colour #090909"),
        ("a:0,0,0::\n:9,9,9::\n", "line 2: the class has no name"),
        ("a:0,0,0::\nb:224,224,192::\n", "line 2: void has the colour"),
    ],
)
def test_a_bad_labelmap_is_refused_with_file_and_line(text: str, said: str) -> None:
    with pytest.raises(LabelMapError, match=rf"^some/labelmap\.txt.*{said}"):
        parse_label_map(text, "some/labelmap.txt")


def test_bad_class_names_are_refused_with_the_line() -> None:
    with pytest.raises(LabelMapError, match="line 4: the name cat stands in line 2"):
        parse_label_map("_background_\ncat\ndog\ncat\n", "class_names.txt")
    with pytest.raises(LabelMapError, match="line 255 is the first too many"):
        parse_label_map("\n".join(f"c{i}" for i in range(260)), "class_names.txt")


def test_a_project_gives_its_label_map(tmp_path: Path) -> None:
    label_map = own_label_map(["cell"])
    inner = tmp_path / "photos" / ".fcn-gui"
    inner.mkdir(parents=True)
    (inner / "project.json").write_text(json.dumps({"version": 1, "label_map": label_map.to_json()}), "utf-8")
    assert read_label_map(inner / "project.json") == label_map
    assert read_label_map(tmp_path / "photos") == label_map


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"label_map": 3}', "7"])
def test_a_project_without_one_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "project.json"
    path.write_text(text, "utf-8")
    with pytest.raises(LabelMapError, match=r"project\.json"):
        read_label_map(path)


def test_files_that_cant_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(LabelMapError, match=r"nothing\.txt can't be read"):
        read_label_map(tmp_path / "nothing.txt")
    (tmp_path / "labels.txt").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(LabelMapError, match="no text in UTF-8"):
        read_label_map(tmp_path / "labels.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LabelMapError, match="has no label map"):
        read_label_map(tmp_path / "empty")


def test_real_data_sets_are_read(shared: Path) -> None:
    assert read_label_map(shared / "data" / "voc21") == voc_label_map()
    camvid = read_label_map(shared / "data" / "camvid" / "labelmap.txt")
    assert (len(camvid), camvid.names[0], camvid.colors[1]) == (11, "sky", voc_color(1))
