"""What belongs to the person outlives the program, and a bad file breaks nothing."""

from pathlib import Path

import pytest

from fcn_gui.disk.user_data import UserData


@pytest.fixture
def user(tmp_path: Path) -> UserData:
    return UserData(tmp_path / "config", tmp_path / "data", tmp_path / "log")


def again(user: UserData) -> UserData:
    return UserData(user.config_dir, user.data_dir, user.log_dir)


def test_nothing_is_made_by_looking(user: UserData, tmp_path: Path) -> None:
    assert user.load_settings() == {}
    assert user.recent_folders() == []
    assert user.notices == []
    assert list(tmp_path.iterdir()) == []


def test_settings_come_back(user: UserData) -> None:
    user.save_settings({"view.opacity": 0.5, "keys.tool.brush": "Q"})
    assert again(user).load_settings() == {"view.opacity": 0.5, "keys.tool.brush": "Q"}


def test_recent_folders_come_newest_first_with_their_facts(user: UserData, tmp_path: Path) -> None:
    for name in ("a", "b ö\n", "a"):
        (tmp_path / name).mkdir(exist_ok=True)
        user.remember_folder(tmp_path / name, {"images": len(name)})
    found = again(user).recent_folders()
    assert [(each.path, each.facts) for each in found] == [
        (tmp_path / "a", {"images": 1}),
        (tmp_path / "b ö\n", {"images": 4}),
    ]
    user.forget_folder(tmp_path / "a")
    assert [each.path.name for each in again(user).recent_folders()] == ["b ö\n"]


def test_a_folder_that_is_gone_stays_listed_until_it_is_forgotten(user: UserData, tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    user.remember_folder(tmp_path / "usb")
    (tmp_path / "usb").rmdir()
    assert [each.path.name for each in again(user).recent_folders()] == ["usb"]
    user.forget_folder(tmp_path / "usb")
    assert again(user).recent_folders() == []


def test_the_list_stays_short(user: UserData, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / str(number)).mkdir()
        user.remember_folder(tmp_path / str(number))
    assert 5 <= len(user.recent_folders()) <= 20
    assert user.recent_folders()[0].path.name == "29"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"version": 99, "settings": {}}', b"[" * 100_000])
def test_a_file_that_cant_be_used_is_said_kept_and_replaced_by_defaults(user: UserData, content: bytes) -> None:
    user.config_dir.mkdir()
    user.settings_path.write_bytes(content)
    assert user.load_settings() == {}
    (notice,) = user.notices
    assert "settings.json" in notice
    user.load_settings()
    assert len(user.notices) == 1
    user.save_settings({"view.theme": "dark"})
    assert again(user).load_settings() == {"view.theme": "dark"}
    (kept,) = user.config_dir.glob("settings.json.kept-*")
    assert kept.read_bytes() == content


@pytest.mark.parametrize("text", ['{"version":1,"folders":5}', '{"version":1,"folders":[5,{"path":3},{"path":""}]}'])
def test_rows_that_make_no_sense_are_passed_over(user: UserData, text: str) -> None:
    user.data_dir.mkdir()
    (user.data_dir / "recent.json").write_text(text)
    assert user.recent_folders() == []


def test_the_standard_places_are_the_users_own(own_home: Path) -> None:
    user = UserData.standard()
    for path in (user.settings_path, user.data_dir, user.log_path):
        assert path.is_relative_to(own_home)
