"""A log in this process, for a store that needs no broker."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.log import Bounds, Chunk, Entry, LogFigures, LogIdentity
from schemareg.registry.topic.node import Origin


class MemoryLog:
    """A log in this process, whose offsets have gaps as those of a log with transactions do.

    While it `is_held` nothing comes back of it; `before_append` are others' records that come just
    before the next of the node's, `led` is its term, and `sought` where it was read
    from, `looked` how often its end was asked for.
    """

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._position = 0
        self._changed = threading.Condition()
        self.can_write = True
        self.led = 1
        self.is_held = False
        self.before_append: list[Record] = []
        self.identity = LogIdentity("cluster", "topic", 86_400_000)
        self.leader: Origin | None = None
        self.trouble: str | None = None
        self.alarm: str | None = None
        self.failure: str | None = None
        self.breaks: BaseException | None = None
        self.sought: list[int] = []
        self.looked = 0

    def followed(self, leader: Origin) -> MemoryLog:
        """The same log as a node reads it that does not lead."""
        log = MemoryLog()
        log._entries, log._changed = self._entries, self._changed
        log.can_write, log.leader = False, leader
        return log

    @property
    def term(self) -> int | None:
        return self.led if self.can_write else None

    def append(
        self, records: Sequence[Record], term: int | None = None, *, is_foreign: bool = False
    ) -> int:
        if self.before_append:  # somebody else was first
            others, self.before_append = self.before_append, []
            self.append(others, is_foreign=True)
        if not self.can_write or (term is not None and term != self.led):
            raise ErrorCode.NO_LEADER.refusal()
        with self._changed:
            for offset, record in enumerate(records, start=self._end):
                self._entries.append(Entry(offset, record.key, record.value, 0, is_foreign))
            self._changed.notify_all()
            return self._entries[-1].offset

    @property
    def _end(self) -> int:
        # the marker that ends a transaction takes an offset too
        return self._entries[-1].offset + 2 if self._entries else 0

    def count(self) -> int:
        """How many records there are."""
        return len(self._entries)

    def since(self, count: int) -> list[tuple[bytes, bytes | None]]:
        """Keys and values of the records after the first `count`."""
        return [(e.key or b"", e.value) for e in self._entries[count:]]

    def last_value(self) -> bytes | None:
        """The value of the last record."""
        return self._entries[-1].value

    def poll(self, timeout_s: float) -> Chunk:
        with self._changed:
            if self.breaks is not None:
                raise self.breaks
            if self._position >= self._end or self.is_held:
                self._changed.wait(timeout_s)
            if self.is_held:
                return Chunk([], self._position, at_end=False)
            end = self._end
            entries = [e for e in self._entries if e.offset >= self._position]
            self._position = end
            return Chunk(entries, end, at_end=True)

    @property
    def figures(self) -> LogFigures:
        term = 0 if self.leader is None else self.leader.term
        return LogFigures(end=self._end, term=term, take_over_ms=120)

    @property
    def bounds(self) -> Bounds | None:
        return None

    def end_now(self, timeout_s: float) -> int | None:
        self.looked += 1
        return self._end

    def look_up_bounds(self) -> Bounds:
        return Bounds(0, self._end, 0)

    def entry_at(self, offset: int, leader_epoch: int) -> Entry | None:
        return next((e for e in self._entries if e.offset == offset), None)

    def seek(self, position: int, leader_epoch: int = -1, leader: Origin | None = None) -> None:
        self.leader = leader or self.leader
        self._position = position
        self.sought.append(position)

    def applied(self, position: int) -> None:
        pass

    def close(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def close_reader(self) -> None:
        pass
