"""A real server of one file on this computer, whose every answer a test can choose."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer


@dataclass
class Server:
    """What it does with each request in turn (the last way for all that follow), and the ranges it was asked for."""

    data: bytes
    ways: list[Callable[["Answer"], None]]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    may_end: threading.Event = field(default_factory=threading.Event)


class Answer(BaseHTTPRequestHandler):
    """One request, answered as the server's next way has it."""

    server_of: Server

    def do_GET(self) -> None:
        server = self.server_of
        server.asked.append(self.headers.get("Range", ""))
        way = server.ways[min(len(server.asked), len(server.ways)) - 1]
        way(self)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""

    @property
    def start(self) -> int:
        """Where the asked range begins."""
        return int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))

    def begin(self, length: int, status: int = 200, **more: str) -> None:
        """Status line and headers."""
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def begin_range(self) -> bytes:
        """Headers for the range asked for; what is to be sent."""
        whole = self.server_of.data
        rest = whole[self.start :]
        if self.start:
            self.begin(len(rest), 206, Content_Range=f"bytes {self.start}-{len(whole) - 1}/{len(whole)}")
        else:
            self.begin(len(rest))
        return rest


class Loopback(ThreadingHTTPServer):
    """Asks no name server who it is."""

    def server_bind(self) -> None:
        TCPServer.server_bind(self)


def all_of_it(answer: Answer) -> None:
    """What a good server does, ranges included."""
    answer.wfile.write(answer.begin_range())


@contextmanager
def serving(data: bytes, *ways: Callable[[Answer], None]) -> Iterator[Server]:
    """A server that answers in the given ways, in turn."""
    server = Server(data, list(ways))
    http = Loopback(("127.0.0.1", 0), type("Answer", (Answer,), {"server_of": server}))
    server.url = f"http://127.0.0.1:{http.server_address[1]}/w.pth"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.may_end.set()
        http.shutdown()
        http.server_close()
        thread.join()
