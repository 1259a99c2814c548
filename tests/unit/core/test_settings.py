"""Settings: only differences are kept, and nothing bad gets in unnoticed."""

import pytest

from fcn_gui.core.setting_rows import SETTINGS
from fcn_gui.core.settings import Settings


def test_defaults() -> None:
    values = Settings()
    assert values.get("view.opacity") == 0.45
    assert values.get("brush.radius_px") == 9
    assert values.get("learn.correction_emphasis") == 3
    assert values.get("export.only_verified") is True
    assert values.get("net.device") == "auto"
    assert values.get("keys.file.open_folder") == ""
    assert values.problems == []


def test_the_working_long_side_belongs_to_the_project() -> None:
    values = Settings()
    assert values.long_side is None, "as the checkpoint has it"
    values.set("net.long_side_px", 4096)
    assert values.long_side is None, "a number alone is not a choice"
    values.set("net.working_size", "own")
    assert values.long_side == 4096
    values.set("net.working_size", "native")
    assert values.long_side == "native"
    assert set(values.changed("project")) == {"net.long_side_px", "net.working_size"}
    for bad in (255, 4097):
        with pytest.raises(ValueError, match="256 to 4096"):
            values.set("net.long_side_px", bad)


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.id)
def test_every_row_has_words_and_a_default_that_fits(row) -> None:
    assert row.fitting(row.default) == row.default
    assert type(row.default) is row.type
    assert row.text
    assert row.tooltip
    assert row.scope in ("user", "project")


def test_no_id_stands_twice() -> None:
    assert len({row.id for row in SETTINGS}) == len(SETTINGS)
    assert len(Settings().rows) == len(SETTINGS)


def test_only_what_differs_is_stored_by_scope() -> None:
    values = Settings()
    values.set("view.opacity", 0.3)
    values.set("learn.edge_gain", 2)
    values.set("view.outline_px", 2.0)
    values.set("keys.file.save", "Ctrl+Alt+S")
    assert values.changed("user") == {"keys.file.save": "Ctrl+Alt+S", "view.opacity": 0.3}
    assert values.changed("project") == {"learn.edge_gain": 2.0}
    assert type(values.get("learn.edge_gain")) is float
    assert values.keys() == {"file.save": "Ctrl+Alt+S"}
    values.set("view.opacity", 0.45)
    assert values.is_default("view.opacity")
    values.reset("keys.file.save")
    assert values.changed("user") == {}


def test_what_was_stored_is_read_again() -> None:
    values = Settings({"view.theme": "dark", "learn.steps": 40, "keys.edit.undo": ""})
    again = Settings({**values.changed("user"), **values.changed("project")})
    assert (again.get("view.theme"), again.get("learn.steps")) == ("dark", 40)
    assert again.problems == []


@pytest.mark.parametrize(
    ("id", "value"),
    [
        ("view.opacity", 1.2),
        ("view.opacity", "much"),
        ("view.opacity", True),
        ("view.opacity", float("nan")),
        ("view.theme", "pink"),
        ("view.theme", 3),
        ("export.only_verified", 1),
        ("export.void_band_px", 2.5),
        ("learn.correction_emphasis", 0.5),
        ("learn.correction_emphasis", None),
    ],
)
def test_a_bad_value_is_refused_and_what_is_read_falls_back_and_says_so(id: str, value: object) -> None:
    values = Settings()
    with pytest.raises(ValueError, match=f"^{id} can't be .*, it is "):
        values.set(id, value)
    read = Settings({id: value, "brush.radius_px": 4.0})
    assert read.get(id) == values.get(id)
    assert read.get("brush.radius_px") == 4.0
    assert len(read.problems) == 1
    assert id in read.problems[0]


def test_an_unknown_setting_is_reported_and_cant_be_asked_for() -> None:
    values = Settings({"view.sparkle": 1})
    assert values.problems == ["There is no setting view.sparkle; it is left out."]
    with pytest.raises(KeyError):
        values.get("view.sparkle")
    with pytest.raises(KeyError):
        values.set("view.sparkle", 1)


def test_a_projects_settings_go_with_the_project() -> None:
    values = Settings({"view.opacity": 0.2, "learn.edge_gain": 4.0})
    values.open_project({"learn.edge_sigma_px": 5.0, "view.opacity": 0.9})
    assert values.get("learn.edge_gain") == 1.0
    assert values.get("learn.edge_sigma_px") == 5.0
    assert values.get("view.opacity") == 0.2
    assert "view.opacity does not belong here" in values.problems[0]
