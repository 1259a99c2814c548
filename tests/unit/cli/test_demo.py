"""What `fcn-gui demo` refuses before it shows anything."""

from pathlib import Path

import pytest

from fcn_gui.cli.main import main


def test_it_works_only_in_a_new_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.jpg").write_bytes(b"")
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--auto", "--into", str(tmp_path)])
    assert ended.value.code == 2
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.jpg"]
