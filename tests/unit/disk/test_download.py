"""Downloads over a real server on this computer that does what servers do at their worst."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fcn_gui.core.errors import DownloadError, SaveError
from fcn_gui.core.progress import Progress, run_to_end
from fcn_gui.disk.download import cache_dir, download
from fcn_gui.disk.lock import ProjectLock
from fcn_gui.disk.published_weights import PUBLISHED, Published, published
from tests.fakes.file_server import Answer, Server, all_of_it, serving

DATA = bytes(range(256)) * 4000
SHA256 = f"sha256:{hashlib.sha256(DATA).hexdigest()}"


def breaks_off(answer: Answer) -> None:
    answer.wfile.write(answer.begin_range()[:300_000])


def stalls(answer: Answer) -> None:
    answer.wfile.write(answer.begin_range()[:200_000])
    answer.wfile.flush()
    answer.server_of.may_end.wait(60)


def says_nothing(answer: Answer) -> None:
    answer.server_of.may_end.wait(60)


def knows_no_ranges(answer: Answer) -> None:
    answer.begin(len(DATA))
    answer.wfile.write(DATA)


def claims_more(answer: Answer) -> None:
    if answer.start >= len(DATA):
        answer.begin(0, 416)
        return
    answer.begin(len(DATA) + 1000)
    answer.wfile.write(DATA)


def claims_less(answer: Answer) -> None:
    answer.begin(len(DATA) - 1000)
    answer.wfile.write(DATA[:-1000])


def sends_another(answer: Answer) -> None:
    answer.begin(len(DATA))
    answer.wfile.write(DATA[::-1])


def sends_another_part(answer: Answer) -> None:
    answer.begin(10, 206, Content_Range=f"bytes 0-9/{len(DATA)}")
    answer.wfile.write(DATA[:10])


def sends_without_end(answer: Answer) -> None:
    answer.send_response(200)
    answer.end_headers()
    try:
        for _ in range(100):
            answer.wfile.write(DATA)
    except ConnectionError:
        pass


def web_page(answer: Answer) -> None:
    answer.begin(6, Content_Type="text/html; charset=utf-8")
    answer.wfile.write(b"<html>")


def is_gone(answer: Answer) -> None:
    answer.send_error(404)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    """Start a server that answers in the given ways."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ExitStack() as running:
        yield lambda *ways: running.enter_context(serving(DATA, *ways))


def of(server: Server, digest: str = SHA256, size: int = 0) -> Published:
    return Published("w", "w.pth", server.url, digest, "mine", size)


Serve = Callable[..., Server]


def test_a_file_comes_whole_with_progress(serve: Serve, tmp_path: Path) -> None:
    server, seen = serve(all_of_it), []
    job = download(of(server), tmp_path / "cache")
    with pytest.raises(StopIteration) as stop:
        while True:
            seen.append(next(job))
    assert stop.value.value == tmp_path / "cache" / "w.pth"
    assert stop.value.value.read_bytes() == DATA
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.name != "lock"] == ["w.pth"]
    done = [progress.done for progress in seen if progress.text == "w"]
    assert done == sorted(done) and done[-1] == len(DATA)
    assert all(isinstance(progress, Progress) and progress.total == len(DATA) for progress in seen)


def test_what_is_there_is_not_fetched_again(serve: Serve, tmp_path: Path) -> None:
    server = serve(all_of_it)
    for _ in range(2):
        run_to_end(download(of(server), tmp_path))
    assert server.asked == [""]


def test_a_damaged_file_in_the_cache_is_fetched_again(serve: Serve, tmp_path: Path) -> None:
    server = serve(all_of_it)
    (tmp_path / "w.pth").write_bytes(DATA[:-1])
    assert run_to_end(download(of(server), tmp_path)).read_bytes() == DATA


def test_a_server_that_breaks_off_is_asked_for_the_rest(serve: Serve, tmp_path: Path) -> None:
    server = serve(breaks_off, breaks_off, all_of_it)
    assert run_to_end(download(of(server), tmp_path)).read_bytes() == DATA
    assert server.asked == ["", "bytes=300000-", "bytes=600000-"]


def test_an_interrupted_download_goes_on_at_the_next_call(serve: Serve, tmp_path: Path) -> None:
    server = serve(all_of_it)
    job = download(of(server), tmp_path)
    next(job)
    job.close()
    have = (tmp_path / "w.pth.part").stat().st_size
    assert 0 < have < len(DATA)
    assert run_to_end(download(of(server), tmp_path)).read_bytes() == DATA
    assert server.asked == ["", f"bytes={have}-"]


def test_a_server_that_breaks_off_for_good_is_an_error_and_what_came_stays(serve: Serve, tmp_path: Path) -> None:
    server = serve(breaks_off, is_gone)
    with pytest.raises(DownloadError, match=r"does not give w\.pth \(404"):
        run_to_end(download(of(server), tmp_path))
    assert (tmp_path / "w.pth.part").read_bytes() == DATA[:300_000]
    assert not (tmp_path / "w.pth").exists()


def test_a_server_that_stalls_is_given_up_and_the_rest_asked_for(serve: Serve, tmp_path: Path) -> None:
    server = serve(stalls, all_of_it)
    assert run_to_end(download(of(server), tmp_path, timeout_s=0.3)).read_bytes() == DATA
    assert server.asked == ["", "bytes=200000-"]


def test_a_server_that_says_nothing_is_an_error(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="stopped answering after 0 bytes") as told:
        run_to_end(download(of(serve(says_nothing)), tmp_path, timeout_s=0.2))
    assert "\n" not in str(told.value)


def test_a_server_without_ranges_starts_again(serve: Serve, tmp_path: Path) -> None:
    server = serve(breaks_off, knows_no_ranges)
    assert run_to_end(download(of(server), tmp_path)).read_bytes() == DATA
    assert server.asked == ["", "bytes=300000-"]


@pytest.mark.parametrize("way", [sends_another, claims_less])
def test_a_wrong_sum_is_an_error_and_nothing_stays(serve: Serve, tmp_path: Path, way: Callable[[Answer], None]) -> None:
    with pytest.raises(DownloadError, match="checksum is wrong"):
        run_to_end(download(of(serve(way)), tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_server_that_claims_more_than_it_has_is_not_believed(serve: Serve, tmp_path: Path) -> None:
    assert run_to_end(download(of(serve(claims_more)), tmp_path)).read_bytes() == DATA


def test_another_length_than_the_published_one_is_refused_before_anything_comes(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=f"offers {len(DATA)} bytes, not the 5 of w.pth"):
        run_to_end(download(of(serve(all_of_it), size=5), tmp_path))
    assert not (tmp_path / "w.pth.part").exists()


def test_a_server_that_does_not_end_is_stopped(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=f"more than the {len(DATA)} bytes"):
        run_to_end(download(of(serve(sends_without_end), size=len(DATA)), tmp_path))
    assert (tmp_path / "w.pth.part").stat().st_size <= len(DATA)


def test_another_part_than_the_one_asked_for_is_refused(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "w.pth.part").write_bytes(DATA[:700])
    with pytest.raises(DownloadError, match="another part"):
        run_to_end(download(of(serve(sends_another_part)), tmp_path))


def test_a_web_page_in_its_place_says_what_to_do(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"fetch w\.pth with a browser, then `fcn-gui checkpoints import`"):
        run_to_end(download(of(serve(web_page)), tmp_path))


def test_offline_is_one_line(serve: Serve, tmp_path: Path) -> None:
    server = serve(all_of_it)
    nobody = Published("w", "w.pth", "http://127.0.0.1:9/w.pth", SHA256, "mine")
    with pytest.raises(DownloadError, match="is this computer online") as told:
        run_to_end(download(nobody, tmp_path))
    assert "\n" not in str(told.value) and server.asked == []


def test_an_md5_and_the_start_of_a_sum_are_sums_too(serve: Serve, tmp_path: Path) -> None:
    server = serve(all_of_it)
    for index, digest in enumerate((f"md5:{hashlib.md5(DATA).hexdigest()}", SHA256[:15])):
        assert run_to_end(download(of(server, digest), tmp_path / str(index))).read_bytes() == DATA


def test_a_second_download_into_the_same_folder_waits_for_the_person(serve: Serve, tmp_path: Path) -> None:
    with ProjectLock.acquire(tmp_path), pytest.raises(DownloadError, match="Another fcn-gui is downloading"):
        run_to_end(download(of(serve(all_of_it)), tmp_path))


def test_a_folder_that_can_t_be_made_is_an_error(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SaveError, match="could not be saved"):
        run_to_end(download(of(serve(all_of_it)), tmp_path / "file"))


def test_the_cache_is_the_user_s_own(own_home: Path) -> None:
    assert cache_dir().is_relative_to(own_home)


def test_every_published_file_has_what_a_download_needs() -> None:
    for name, row in PUBLISHED.items():
        kind, _, digits = row.digest.partition(":")
        assert published(name) is row
        assert row.url.startswith("https://") and row.licence and "/" not in row.file
        assert kind in ("md5", "sha256") and len(digits) >= 8 and int(digits, 16) >= 0
    with pytest.raises(DownloadError, match="there are: fcn32s"):
        published("fcn4s")
