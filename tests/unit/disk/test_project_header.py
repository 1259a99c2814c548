"""project.json."""

import json
from pathlib import Path
from typing import Any

import pytest

from fcn_gui.core.errors import LabelMapError, NewerFormatError, ProjectError
from fcn_gui.core.label_map import own_label_map, voc_label_map
from fcn_gui.disk.project_header import ProjectHeader, is_checkpoint_id, read_header, write_header


def write(path: Path, **values: Any) -> Path:
    path.write_text(json.dumps({"version": 1, **values}))
    return path


def test_without_a_file_everything_is_open(tmp_path: Path) -> None:
    assert read_header(tmp_path / "project.json") == ProjectHeader()


def test_a_header_comes_back_as_it_was(tmp_path: Path) -> None:
    header = ProjectHeader(
        label_map=own_label_map(["fliege", "Käfer"]),
        live_checkpoint="0123456789abcdef",
        split_seed=7,
        settings={"learn.steps": 40},
    )
    write_header(tmp_path / "project.json", header)
    assert read_header(tmp_path / "project.json") == header


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b'"x"', b"{}", b'{"version": "1"}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "project.json"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match=r"project\.json is damaged.*move it away"):
        read_header(path)
    assert path.read_bytes() == content


def test_a_newer_project_is_refused_and_never_rewritten(tmp_path: Path) -> None:
    path = write(tmp_path / "project.json", version=2, label_map="something new")
    before = path.read_bytes()
    with pytest.raises(NewerFormatError, match="newer"):
        read_header(path)
    with pytest.raises(NewerFormatError):
        write_header(path, ProjectHeader(label_map=voc_label_map()))
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "a/b", "..", "", "x" * 200, 5, ["a"], "a\nb"])
def test_a_live_checkpoint_that_leads_elsewhere_is_refused(tmp_path: Path, name: Any) -> None:
    assert not is_checkpoint_id(name)
    with pytest.raises(ProjectError, match="no name of a checkpoint"):
        read_header(write(tmp_path / "project.json", live_checkpoint=name))


@pytest.mark.parametrize("values", [{"split_seed": "x"}, {"settings": [1]}])
def test_values_of_the_wrong_kind_are_refused(tmp_path: Path, values: dict[str, Any]) -> None:
    with pytest.raises(ProjectError, match="damaged"):
        read_header(write(tmp_path / "project.json", **values))


@pytest.mark.parametrize("rows", [[], "x", [{"name": "a"}], [{"name": "a", "color": "#000000"}] * 2])
def test_a_label_map_that_is_none_is_refused_by_name(tmp_path: Path, rows: Any) -> None:
    with pytest.raises(LabelMapError, match=r"project\.json"):
        read_header(write(tmp_path / "project.json", label_map=rows))
