"""One JSON line per request, written away from the event loop."""

from __future__ import annotations

import asyncio
import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from schemareg.errors import UsageError

FLUSH_AFTER_S = 0.2
"""How long a line may wait in memory before it is written."""
PENDING_LINES_MAX = 50_000
"""Beyond this many unwritten lines (a reader that stands still) lines are dropped and counted."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class AccessLog:
    """Lines kept for at most `FLUSH_AFTER_S` seconds, then written in one go by a thread.

    A request never waits for the disk or for a full pipe. `dropped` counts the lines lost because
    the stream stood still; `close` writes what is left.
    """

    def __init__(self, stream: TextIO, *, owns_stream: bool = False) -> None:
        self._stream = stream
        self._owns_stream = owns_stream
        self._lines: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="schemareg-access-log")
        self._writing: Future[None] | None = None
        self._second = -1
        self._second_text = ""
        self.dropped = 0

    def write(
        self,
        *,
        at_s: float,
        request_id: str,
        client: str,
        principal: str | None,
        method: str,
        target: str,
        route: str,
        status: int,
        duration_s: float,
        size_bytes: int,
    ) -> None:
        """Keeps one line; must be called on the event loop.

        `at_s` is Unix time, `target` path and query as sent, `principal` None for anonymous.
        """
        if len(self._lines) >= PENDING_LINES_MAX:
            self.dropped += 1
            return
        second = int(at_s)
        if second != self._second:
            self._second = second
            self._second_text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        self._lines.append(
            _encode(
                {
                    "time": f"{self._second_text}.{int((at_s - second) * 1000):03d}Z",
                    "request_id": request_id,
                    "client": client,
                    "principal": principal,
                    "method": method,
                    "target": target,
                    "route": route,
                    "status": status,
                    "duration_ms": round(duration_s * 1000, 3),
                    "size_bytes": size_bytes,
                }
            )
        )
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(
                FLUSH_AFTER_S, self._flush_in_thread
            )

    def close(self) -> None:
        """Writes what is left and closes the file if it was opened here."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._thread.submit(self._write, self._take())
        self._thread.shutdown(wait=True)
        if self._owns_stream:
            self._stream.close()

    def _flush_in_thread(self) -> None:
        self._timer = None
        if self._writing is not None and not self._writing.done():
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(FLUSH_AFTER_S, self._flush_in_thread)
            return
        self._writing = self._thread.submit(self._write, self._take())

    def _take(self) -> list[str]:
        lines, self._lines = self._lines, []
        return lines

    def _write(self, lines: list[str]) -> None:
        if not lines:
            return
        try:
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream was closed under us
            self.dropped += len(lines)


def open_access_log(target: Path | None) -> AccessLog:
    """An access log that appends to the file `target`, or (None) writes to stderr.

    Raises:
        UsageError: the file cannot be opened for writing.
    """
    if target is None:
        return AccessLog(sys.stderr)
    try:
        stream = target.open("a", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(
            f"{target}: the access log cannot be opened: {error.strerror}",
            advice="give a file in a writable directory with --access-log",
        ) from error
    return AccessLog(stream, owns_stream=True)
