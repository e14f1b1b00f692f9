"""An HTTP proxy before a registry that breaks requests and answers by a seeded schedule."""

from __future__ import annotations

import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FAULTS = (
    "reset-before",  # the registry never got it
    "reset-after",  # the registry did it, and the answer is lost
    "half-closed",  # the registry did it, and half of the answer arrives
    "unavailable",  # 503 instead of asking the registry
    "gateway-timeout",  # the registry did it, and a gateway answers 504
    "too-many",  # 429 with Retry-After
    "store-timeout",  # 500 with 50003, which Confluent answers where Kafka is slow
    "slow",  # the answer comes byte by byte, with pauses
    "not-json",  # the registry did it, and something else answers
)


class Schedule:
    """Breaks one of `every` requests, at most `most` of them, by `seed`."""

    def __init__(self, seed: int, *, every: int = 6, most: int = 60) -> None:
        self._every = every
        self._most = most
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.broken: Counter[str] = Counter()

    def next(self) -> str | None:
        """The fault of the next request, None for none."""
        with self._lock:
            if sum(self.broken.values()) >= self._most or self._random.randrange(self._every):
                return None
            fault = self._random.choice(FAULTS)
            self.broken[fault] += 1
            return fault


class FaultyProxy:
    """A proxy before the registry at `upstream`; each block of it follows one schedule."""

    def __init__(self, upstream: str, schedule: Schedule) -> None:
        address = urlsplit(upstream)
        host, port = address.hostname or "", address.port or 80

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Nothing: a test's output is its own."""

            def forward(self) -> tuple[int, bytes]:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length) if length else None
                connection = http.client.HTTPConnection(host, port, timeout=20)
                headers = {"content-type": self.headers.get("content-type") or "application/json"}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                found = answer.status, answer.read()
                connection.close()
                return found

            def reset(self) -> None:
                linger = struct.pack("ii", 1, 0)  # closing sends RST
                with suppress(OSError):
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                with suppress(OSError):
                    self.connection.close()

            def skip_body(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))

            def answer(self, status: int, body: bytes, **headers: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", headers.pop("media", "application/json"))
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            def handle_any(self) -> None:
                with suppress(BrokenPipeError, ConnectionResetError):
                    self.break_or_forward(schedule.next())

            def break_or_forward(self, fault: str | None) -> None:
                match fault:
                    case "reset-before":
                        self.skip_body()
                        self.reset()
                    case "unavailable":
                        self.skip_body()
                        self.answer(503, b'{"error_code":503,"message":"down"}')
                    case "too-many":
                        self.skip_body()
                        self.answer(429, b'{"error_code":429,"message":"slow"}', Retry_After="0")
                    case "store-timeout":
                        self.skip_body()
                        self.answer(500, b'{"error_code":50003,"message":"timed out"}')
                    case "reset-after":
                        self.forward()
                        self.reset()
                    case "gateway-timeout":
                        self.forward()
                        self.answer(504, b"<html>gateway</html>", media="text/html")
                    case "not-json":
                        self.forward()
                        self.answer(200, b"<html>please log in</html>", media="text/html")
                    case "half-closed":
                        self.half(*self.forward())
                    case "slow":
                        self.slow(*self.forward())
                    case _:
                        self.answer(*self.forward())

            def half(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                self.close_connection = True

            def slow(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                for start in range(0, len(body), 1 + len(body) // 5):
                    self.wfile.write(body[start : start + 1 + len(body) // 5])
                    self.wfile.flush()
                    time.sleep(0.005)

        for method in ("GET", "POST", "PUT", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.handle_any)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultyProxy:
        poll = {"poll_interval": 0.02}
        threading.Thread(target=self._server.serve_forever, kwargs=poll, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
