"""Which folder is meant by something dropped."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from fcn_gui.widgets.dropping import dropped_folder


def data(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_a_folder_is_meant_before_a_file_beside_it(tmp_path: Path) -> None:
    folder, file = tmp_path / "photos", tmp_path / "a.jpg"
    folder.mkdir()
    file.write_bytes(b"x")
    assert dropped_folder(data(file, folder)) == folder


def test_a_photo_means_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "a photo.jpg"
    file.write_bytes(b"x")
    assert dropped_folder(data(file)) == tmp_path


def test_text_and_addresses_mean_nothing(tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setText("hello")
    assert dropped_folder(mime) is None
    mime.setUrls([QUrl("https://example.org/photos")])
    assert dropped_folder(mime) is None
    assert dropped_folder(data(tmp_path / "gone")) is None
