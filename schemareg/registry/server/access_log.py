"""One JSON line per request, written by a thread of its own through `logging`."""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import QueueHandler, QueueListener, WatchedFileHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

from schemareg.errors import UsageError
from schemareg.limits import LIMITS

_MODE = 0o640
"""The rights of a new file: whoever reads logs is in its group."""
_encode = json.JSONEncoder(separators=(",", ":")).encode
"""ASCII only: no control character of a client reaches the terminal that shows the log."""


class AccessLog:
    """A queue of lines and the thread that writes them to `handler`; a request never waits.

    `dropped` counts the lines that were lost: the queue was full, or the file could not be written.
    """

    def __init__(self, handler: _FileLines | _StreamLines) -> None:
        self._handler = handler
        handler.setFormatter(_JsonLine())
        queue: SimpleQueue[Any] = SimpleQueue()
        self._queue = _BoundedQueueHandler(queue)
        self._listener = QueueListener(queue, handler)
        self._listener.start()

    @property
    def dropped(self) -> int:
        return self._queue.dropped + self._handler.dropped

    def write(self, at_s: float, line: dict[str, object]) -> None:
        """Queues one line; `at_s` is Unix time."""
        self._queue.handle(logging.makeLogRecord({"msg": line, "created": at_s}))

    def reopen(self) -> None:
        """Makes the next line open the file again."""
        self._handler.is_stale = True

    def close(self) -> None:
        """Writes what is queued and closes the file, if it is one."""
        self._listener.stop()
        self._handler.close()


class _JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        assert isinstance(record.msg, dict)
        return _encode({"time": at.replace("+00:00", "Z"), **record.msg})


class _BoundedQueueHandler(QueueHandler):
    queue: SimpleQueue[Any]
    dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record  # the listener's thread formats it

    def enqueue(self, record: logging.LogRecord) -> None:
        if self.queue.qsize() < LIMITS.access_log_pending_lines:
            self.queue.put_nowait(record)
        else:
            self.dropped += 1


class _Lines(logging.Handler):
    """Counts the lines that could not be written."""

    dropped = 0
    is_stale = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        self.dropped += 1


class _StreamLines(_Lines, logging.StreamHandler[TextIO]):
    """Lines to a stream that is open already."""


class _FileLines(_Lines, WatchedFileHandler):
    """Opens its file again when another process has renamed or removed it, or when it is stale.

    A line is in the file as a whole or not at all, also where the disk was full.
    """

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self.is_stale:
                self.is_stale = False
                self.close()
                self.stream = self._open()
            self.reopenIfNeeded()
            stream = self.stream or self._open()
            self.stream = stream
            line = self.format(record) + "\n"
            _append(stream.fileno(), line.encode("utf-8", "backslashreplace"))
        except (OSError, ValueError):
            self.handleError(record)

    def _open(self) -> TextIOWrapper:
        raw = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
        return os.fdopen(raw, "a", encoding=self.encoding, errors=self.errors)


def _append(file: int, line: bytes) -> None:
    """Write all of `line` at the end, or raise `OSError` and leave nothing of it."""
    start_bytes = os.fstat(file).st_size
    written = 0
    try:
        while written < len(line):
            written += os.write(file, line[written:])
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
        return AccessLog(_StreamLines(sys.stderr if target is None else target))
    try:
        return AccessLog(_FileLines(target, encoding="utf-8", errors="backslashreplace"))
    except OSError as error:
        raise UsageError(
            f"{target}: the access log cannot be opened: {error.strerror}",
            advice="give a file in a writable directory with --access-log",
        ) from error
