"""One JSON line per request, written by a thread of its own, many at once."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import QueueListener, WatchedFileHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

from schemareg.errors import UsageError
from schemareg.limits import LIMITS
from schemareg.syntax import fast_json

_MODE = 0o640
"""The rights of a new file: whoever reads logs is in its group."""
_GATHERED_LINES = 256
_GATHERED_S = 0.01
"""A line waits so long for others."""
_encode = json.JSONEncoder(separators=(",", ":")).encode
"""ASCII only: no control character of a client reaches the terminal that shows the log."""


class AccessLog:
    """A queue of lines and the thread that writes them to `target`; a request never waits.

    `dropped` counts the lines that were lost: the queue was full, or the file could not be written.
    """

    def __init__(self, target: _FileLines | StreamLines) -> None:
        self._target = target
        self._overflow = 0
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._listener = Listener(self._queue, target)
        self._listener.start()

    @property
    def dropped(self) -> int:
        return self._overflow + self._target.dropped

    def write(self, at_s: float, line: dict[str, object]) -> None:
        """Queues one line; `at_s` is Unix time."""
        if self._queue.qsize() < LIMITS.access_log_pending_lines:
            self._queue.put_nowait((at_s, line))
        else:
            self._overflow += 1

    def reopen(self) -> None:
        """Makes the next line open the file again."""
        self._target.is_stale = True

    def close(self) -> None:
        """Writes what is queued and closes the file, if it is one."""
        self._listener.stop()
        self._target.close()


class Listener(QueueListener):
    """Takes many lines at once: a thread that every request wakes competes with the requests for
    the interpreter, before and after each of its system calls.
    """

    queue: SimpleQueue[Any]

    def __init__(self, queue: SimpleQueue[Any], target: _FileLines | StreamLines) -> None:
        super().__init__(queue)
        self._target = target

    def dequeue(self, block: bool) -> Any:
        first = self.queue.get(block)
        if first is None:  # the end
            return None
        if self.queue.qsize() < _GATHERED_LINES:
            time.sleep(_GATHERED_S)
        lines = [first]
        while len(lines) < _GATHERED_LINES and not self.queue.empty():
            following = self.queue.get()
            if following is None:
                self.queue.put(None)
                break
            lines.append(following)
        return lines

    def handle(self, record: Any) -> None:
        self._target.write_all([_encoded(at_s, line) for at_s, line in record])


def _encoded(at_s: float, line: dict[str, object]) -> bytes:
    at = datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")
    whole = {"time": at.replace("+00:00", "Z"), **line}
    with suppress(TypeError, ValueError):  # half a surrogate pair, which orjson does not write
        fast = fast_json.dumps(whole)
        if fast.isascii() and b"\x7f" not in fast:
            return fast + b"\n"
    return _encode(whole).encode() + b"\n"


class _Lines(logging.Handler):
    """Counts the lines that could not be written."""

    dropped = 0
    is_stale = False

    def write_all(self, lines: list[bytes]) -> None:
        """Writes the lines, or those of them that can be."""
        try:
            self._append(b"".join(lines))
        except (OSError, ValueError):
            if len(lines) == 1:
                self.dropped += 1
                return
            for line in lines:  # there may be room for some
                self.write_all([line])

    def _append(self, lines: bytes) -> None:
        """Raises: `OSError` or `ValueError` where nothing was written."""
        raise NotImplementedError


class StreamLines(_Lines, logging.StreamHandler[TextIO]):
    """Lines to a stream that is open already."""

    def _append(self, lines: bytes) -> None:
        self.stream.write(lines.decode("ascii"))
        self.flush()


class _FileLines(_Lines, WatchedFileHandler):
    """Opens its file again when another process has renamed or removed it, or when it is stale.

    A line is in the file as a whole or not at all, also where the disk was full.
    """

    def _append(self, lines: bytes) -> None:
        if self.is_stale:
            self.is_stale = False
            self.close()
            self.stream = self._open()
        self.reopenIfNeeded()
        stream = self.stream or self._open()
        self.stream = stream
        _append(stream.fileno(), lines)

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
        return AccessLog(StreamLines(sys.stderr if target is None else target))
    try:
        return AccessLog(_FileLines(target, encoding="utf-8", errors="backslashreplace"))
    except OSError as error:
        raise UsageError(
            f"{target}: the access log cannot be opened: {error.strerror}",
            advice="give a file in a writable directory with --access-log",
        ) from error
