"""Load over HTTP from one process that keeps one request in flight on every connection, and what a
process spends under it.
"""

from __future__ import annotations

import os
import selectors
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

TICKS_S = 1 / os.sysconf("SC_CLK_TCK")
LABEL = "application/vnd.schemaregistry.v1+json"


@dataclass(frozen=True, slots=True)
class Figures:
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    first_ms: float
    """The slowest first answer of a connection; all of them begin at once."""


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICKS_S


def memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def request(url: str, method: str, path: str, body: bytes = b"") -> bytes:
    address = urlsplit(url)
    head = [
        f"{method} {address.path}{path} HTTP/1.1",
        f"Host: {address.netloc}",
        f"Accept: {LABEL}",
    ]
    if body:
        head += [f"Content-Type: {LABEL}", f"Content-Length: {len(body)}"]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


class Connection:
    """One keep-alive connection with one request in flight."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname or "", address.port or 80))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self._received = b""

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """The body once the answer is whole; None while it is not."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        self._received += part
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        at = lower.find(b"content-length:")
        if at >= 0:
            length = int(lower[at + 15 :].split(b"\r\n", 1)[0])
            if len(rest) < length:
                return None
        elif b"chunked" in lower and not rest.endswith(b"0\r\n\r\n"):
            return None
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(self._received[:400].decode(errors="replace"))
        self._received = b""
        return rest

    def ask(self, request: bytes) -> bytes:
        self.send(request)
        while (body := self.receive()) is None:
            pass
        return body

    def close(self) -> None:
        self.socket.close()


def load(
    url: str, pid: int, connections: int, requests: Iterator[bytes], seconds: float
) -> Figures:
    """What the process `pid`, which serves `url`, did for so many connections."""
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        opened = [Connection(url) for _ in range(connections)]
        for connection in opened:
            stack.callback(connection.close)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        cpu_before, began = cpu_s(pid), time.perf_counter()
        latencies: list[float] = []
        first: dict[Connection, float] = {}
        for connection in opened:
            connection.send(next(requests))
        while (now := time.perf_counter()) - began < seconds or not latencies:
            for key, _ in selector.select(1):
                waiting: Connection = key.data
                if waiting.receive() is not None:
                    now = time.perf_counter()
                    latencies.append(now - waiting.sent_at)
                    first.setdefault(waiting, latencies[-1])
                    waiting.send(next(requests))
        spent_s = cpu_s(pid) - cpu_before
    latencies.sort()
    return Figures(
        len(latencies) / (now - began),
        1000 * statistics.median(latencies),
        1000 * latencies[int(len(latencies) * 0.99)],
        1000 * spent_s / len(latencies),
        1000 * max(first.values()),
    )


def switches_of(pid: int) -> int:
    """Voluntary context switches of all threads of a process."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("voluntary_ctxt_switches:"):
                total += int(line.split()[1])
    return total
