"""An HTTP proxy on the loopback interface whose answers and connections can be broken."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

import httpx

from schemareg.lazy_dataclass import dataclass
from schemareg.pytest_plugin.registry import lent
from schemareg.registry.client.connect import open_transport

_UPSTREAM_S = 30.0
_IDLE_S = 60.0
_POLL_S = 0.02
_HOP_BY_HOP = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "date",
        "host",
        "keep-alive",
        "server",
        "transfer-encoding",
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; its length is given as `missing_bytes` more than there are."""

    status: int
    body: bytes
    media_type: str
    headers: tuple[tuple[str, str], ...] = ()
    missing_bytes: int = 0


Answering: TypeAlias = "Callable[[str, str, list[tuple[str, str]], bytes], Answer]"
"""Method, target (path and query), headers, body."""


class Forward:
    """Sends the request to the registry, at `url` or through `transport`; returns its answer."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None) -> None:
        self._base = (url or "http://in-process").rstrip("/")
        self._client = httpx.Client(
            timeout=_UPSTREAM_S,
            transport=lent(transport) if transport else open_transport(self._base),
        )

    def __call__(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> Answer:
        request = httpx.Request(
            method, self._base + target, headers=_kept(headers), content=body or None
        )
        try:
            answer = self._client.send(request)
        except httpx.HTTPError as error:
            return Answer(502, f"no registry behind the faults: {error}".encode(), "text/plain")
        kept = _kept(answer.headers.multi_items())
        return Answer(answer.status_code, answer.content, "", tuple(kept))

    def close(self) -> None:
        self._client.close()


class Proxy:
    """An HTTP server on a free loopback port, which stays its own while the door is shut."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._waiting = _bound(0)
        self._port: int = self._waiting.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def open_door(self) -> None:
        """Connections are taken; if they were already, nothing happens."""
        if self._server is not None:
            return
        self._server = _Server(self._waiting, self._answering)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            args=(_POLL_S,),
            name="schemareg-registry-faults",
            daemon=True,
        )
        self._thread.start()

    def close_door(self) -> None:
        """Connections are cut and new ones refused."""
        self._stop()
        # bound and not listening: nobody else gets the port, whoever connects is refused
        self._waiting = _bound(self._port)

    def close(self) -> None:
        """The port is free for others."""
        self._stop()
        self._waiting.close()

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is None:
            self._waiting.close()
            return
        server.shutdown()
        server.server_close()
        server.cut_all()
        if self._thread is not None:
            self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, waiting: socket.socket, answering: Answering) -> None:
        super().__init__(waiting.getsockname(), _Exchange, bind_and_activate=False)
        self.socket.close()
        self.socket = waiting
        self.answering = answering
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self.server_activate()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is printed: a client that goes away, or was cut off, is what tests are about."""

    def cut_all(self) -> None:
        """Every connection ends at once, as if the process had died."""
        with self._guard:
            for connection in self._open:
                with suppress(OSError):
                    connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                    connection.shutdown(socket.SHUT_RDWR)


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def _answer(self) -> None:
        answer = self.server.answering(self.command, self.path, self.headers.items(), self._body())
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.media_type:
            self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body) + answer.missing_bytes))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()
        self.close_connection = self.close_connection or answer.missing_bytes > 0

    def _body(self) -> bytes:
        """The request's body; what http.server leaves to its users is that of RFC 9112, 7.1."""
        if "transfer-encoding" not in self.headers:
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts: list[bytes] = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(parts)

    # the names by which http.server finds them
    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """No log: tests assert the requests."""


def _bound(port: int) -> socket.socket:
    """A socket that has `port` of the loopback interface (0: a free one) and does not listen."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound


def _kept(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers that are not about the one connection they came over."""
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]
