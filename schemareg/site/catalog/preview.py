"""A catalog on this machine while somebody writes: its files, and a message when they changed."""

from __future__ import annotations

import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from schemareg.errors import UsageError

HOST: Final = "127.0.0.1"
EVENTS: Final = "/events"
_NAMES: Final = frozenset({"127.0.0.1", "localhost"})
_STREAMS_MAX = 32
_HEARTBEAT_S = 15.0
_TIMEOUT_S = 30
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".xml": "application/xml",
}
_PLAIN = "text/plain; charset=utf-8"


class Preview:
    """Serves `folder` at `url`, to this machine alone, between `__enter__` and `__exit__`.

    Raises:
        UsageError: the port cannot be used.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder.resolve()
        self.builds = 0
        self.changed = threading.Condition()
        self.streams = threading.BoundedSemaphore(_STREAMS_MAX)
        self.is_closed = False
        try:
            self._server = _Server((HOST, port), self)
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"port {port} of {HOST} cannot be used: {error}", advice="name another, or 0"
            ) from error
        self.url = f"http://{HOST}:{self._server.server_address[1]}/"

    def __enter__(self) -> Preview:
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closed = True
        with self.changed:
            self.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def built(self) -> None:
        """Open pages load again."""
        with self.changed:
            self.builds += 1
            self.changed.notify_all()

    def wait(self, seen: int) -> int:
        """The number of builds: once it is not `seen`, or after a while."""
        with self.changed:
            self.changed.wait_for(lambda: self.builds != seen or self.is_closed, _HEARTBEAT_S)
            return self.builds

    def file(self, address: str) -> Path | None:
        """The file at the path of a URL; None where there is none inside the folder."""
        path = unquote(_path(address)).lstrip("/")
        try:
            found = (self.folder / path).resolve()
            if found.is_dir():
                found /= "index.html"
            return found if found.is_relative_to(self.folder) and found.is_file() else None
        except (OSError, ValueError):  # no file system has such a name
            return None


def _path(address: str) -> str:
    """What is before the query of a request's target."""
    return address.partition("?")[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], preview: Preview) -> None:
        self.preview = preview
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    timeout = _TIMEOUT_S
    server: _Server

    def do_GET(self) -> None:
        preview = self.server.preview
        # a page of another site whose name leads here may read nothing
        if self.headers.get("Host", "").rpartition(":")[0] not in _NAMES:
            self._answer(421, b"Use the address that was printed\n", _PLAIN)
        elif _path(self.path) == EVENTS:
            self._events()
        elif (path := preview.file(self.path)) is None:
            self._answer(404, b"There is no such page\n", _PLAIN)
        else:
            self._answer(200, path.read_bytes(), _TYPES.get(path.suffix, _PLAIN))

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not printed."""

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self._headers(kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _headers(self, kind: str) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")

    def _events(self) -> None:
        """Server-Sent Events: `built` after each build, until the page or the server goes."""
        preview = self.server.preview
        if not preview.streams.acquire(blocking=False):
            self._answer(503, b"Too many pages are open\n", _PLAIN)
            return
        try:
            with suppress(OSError):
                self._send_events(preview)
        finally:
            preview.streams.release()

    def _send_events(self, preview: Preview) -> None:
        seen = preview.builds
        self.send_response(200)
        self._headers("text/event-stream")
        self.end_headers()
        self.wfile.write(b": connected\n\n")
        while not preview.is_closed:
            now = preview.wait(seen)
            self.wfile.write(b": waiting\n\n" if now == seen else b"event: built\ndata:\n\n")
            seen = now
