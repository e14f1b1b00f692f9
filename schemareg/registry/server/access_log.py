"""One JSON line per request, written by a thread of its own, many at once."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Protocol, TextIO

from schemareg.errors import UsageError
from schemareg.limits import LIMITS

_MODE = 0o640
"""The rights of a new file: whoever reads logs is in its group."""
_GATHERED_S = 0.05
"""A line waits so long for others: a request that wakes the thread competes with it for the
interpreter, at each statement of SQL."""
_GATHERED_LINES = 256
_encode = json.JSONEncoder(separators=(",", ":")).encode
"""ASCII only: no control character of a client reaches the terminal that shows the log."""


class Lines(Protocol):
    """Where lines go. `append` raises `OSError` or `ValueError` where it wrote none of them."""

    def append(self, lines: bytes) -> None: ...
    def reopen(self) -> None: ...
    def close(self) -> None: ...


class AccessLog:
    """Lines that wait and the thread that writes them to `target`; a request never waits.

    `dropped` counts the lines that were lost: too many waited, or they could not be written.
    `logging`'s queue takes 33 microseconds of processor time for a line, this 19.
    """

    def __init__(self, target: Lines) -> None:
        self.dropped = 0
        self._target = target
        self._waiting: deque[tuple[float, Mapping[str, object]]] = deque()
        self._has_lines = threading.Event()
        self._is_closing = threading.Event()
        self._writer = threading.Thread(
            target=self._write_for_ever, name="schemareg-access-log", daemon=True
        )
        self._writer.start()

    def write(self, at_s: float, line: Mapping[str, object]) -> None:
        """Queues one line; `at_s` is Unix time."""
        if len(self._waiting) >= LIMITS.access_log_pending_lines:
            self.dropped += 1
            return
        self._waiting.append((at_s, line))
        if not self._has_lines.is_set():
            self._has_lines.set()

    def reopen(self) -> None:
        """Makes the next line open the file again."""
        self._target.reopen()

    def close(self) -> None:
        """Writes what is queued and closes the file, if it is one."""
        self._is_closing.set()
        self._has_lines.set()
        self._writer.join()
        self._write_waiting()
        self._target.close()

    def _write_for_ever(self) -> None:
        while not self._is_closing.is_set():
            self._has_lines.wait()
            self._is_closing.wait(_GATHERED_S)
            self._has_lines.clear()
            self._write_waiting()

    def _write_waiting(self) -> None:
        while self._waiting:
            count = min(len(self._waiting), _GATHERED_LINES)
            self._append([_encoded(*self._waiting.popleft()) for _ in range(count)])

    def _append(self, lines: list[bytes]) -> None:
        with suppress(OSError, ValueError):
            self._target.append(b"".join(lines))
            return
        for line in lines:  # there may be room for some of them
            try:
                self._target.append(line)
            except (OSError, ValueError):
                self.dropped += 1


def _encoded(at_s: float, line: Mapping[str, object]) -> bytes:
    at = datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")
    return _encode({"time": at.replace("+00:00", "Z"), **line}).encode() + b"\n"


class _Stream:
    """A stream that its caller has opened, such as stderr."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def append(self, lines: bytes) -> None:
        self._stream.write(lines.decode())
        self._stream.flush()

    def reopen(self) -> None:
        pass

    def close(self) -> None:
        pass


class _File(WatchedFileHandler):
    """Opens its file again when another process has renamed or removed it, or when it is stale.

    Lines are in the file as a whole or not at all, also where the disk was full.
    """

    _is_stale = False

    def append(self, lines: bytes) -> None:
        if self._is_stale:
            self._is_stale = False
            self.close()
            self.stream = self._open()
        self.reopenIfNeeded()
        stream = self.stream or self._open()
        self.stream = stream
        _append(stream.fileno(), lines)

    def reopen(self) -> None:
        self._is_stale = True

    def _open(self) -> TextIOWrapper:
        raw = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
        return os.fdopen(raw, "a", encoding=self.encoding, errors=self.errors)


def _append(file: int, lines: bytes) -> None:
    """Write all of `lines` at the end, or raise `OSError` and leave nothing of them."""
    start_bytes = os.fstat(file).st_size
    written = 0
    try:
        while written < len(lines):
            written += os.write(file, lines[written:])
    except OSError:
        if written:
            with suppress(OSError):  # a pipe has no beginning to go back to
                os.ftruncate(file, start_bytes)
        raise


def open_access_log(target: Path | TextIO | None) -> AccessLog:
    """An access log that appends to the file `target`, or writes to a stream (None: stderr).

    Raises:
        UsageError: the file cannot be opened for writing.
    """
    if not isinstance(target, Path):
        return AccessLog(_Stream(sys.stderr if target is None else target))
    try:
        return AccessLog(_File(target, encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{target}: the access log cannot be opened: {error.strerror}",
            advice="give a file in a writable directory with --access-log",
        ) from error
