"""What a store needs of the log that holds its truth: append all or nothing, read in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from schemareg.lazy_dataclass import dataclass
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.node import Origin


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as the log has it; offsets grow, by more than one where the log says so.

    `is_foreign`: written by something that is no node of ours. `leader_epoch` counts the leaders
    of the partition, -1 where the log has none.
    """

    offset: int
    key: bytes | None
    value: bytes | None
    written_ms: int
    is_foreign: bool = False
    leader_epoch: int = -1


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one poll gave; `position` is the offset from which the next one reads, `at_end`
    whether the log held no more then.
    """

    entries: Sequence[Entry]
    position: int
    at_end: bool


@dataclass(frozen=True, slots=True)
class LogFigures:
    """What a log counts: `end` is the offset behind its last record, None where it is unknown;
    `take_over_ms` is how long this node last took to become the leader, None where it never was.
    """

    end: int | None = None
    term: int = 0
    take_overs: int = 0
    lost_leaderships: int = 0
    take_over_ms: int | None = None


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """Which log this is: a topic made anew under the old name has another id.

    `delete_retention_ms` is how long a tombstone is certain to be readable.
    """

    cluster: str
    topic: str
    delete_retention_ms: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """The offsets of the first record and behind the last one, and when they were these (ms)."""

    begin: int
    end: int
    at_ms: int


class Log(Protocol):
    """One partition, read by one thread and appended to by another."""

    @property
    def can_write(self) -> bool:
        """Whether this node may append now; what it refuses holds only then."""
        ...

    @property
    def term(self) -> int | None:
        """The term in which this node may append now; None where it may not."""
        ...

    @property
    def leader(self) -> Origin | None:
        """Who leads, as far as the log says; None where nobody does."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why this node cannot read, be elected or take over; None where it can."""
        ...

    @property
    def alarm(self) -> str | None:
        """Why nothing may be written to this log now; None where something may."""
        ...

    @property
    def failure(self) -> str | None:
        """Which thread of the log ended, and why; None while all of them run."""
        ...

    @property
    def figures(self) -> LogFigures:
        """What the log has counted so far."""
        ...

    def append(self, records: Sequence[Record], term: int) -> int:
        """The offset of the last of `records`, once all of them are committed.

        `term` is the one in which they were decided: between two terms others may have written.

        Raises: `RegistryError` 50001: nothing was written; 50002: nobody knows yet;
        50004: this node may not write now, or not for that term.
        """
        ...

    def poll(self, timeout_s: float) -> Chunk:
        """The next entries, or none after `timeout_s`. Raises: `LogMovedError`."""
        ...

    @property
    def identity(self) -> LogIdentity:
        """Which log this was when it was opened."""
        ...

    @property
    def bounds(self) -> Bounds | None:
        """As last looked up; None: not yet."""
        ...

    def end_now(self, timeout_s: float) -> int | None:
        """The offset behind the last committed record; None where no answer comes in time."""
        ...

    def look_up_bounds(self) -> Bounds:
        """As they are now; before the first poll. Raises: `ExternalFailureError`."""
        ...

    def entry_at(self, offset: int, leader_epoch: int) -> Entry | None:
        """The record at `offset`, None where compaction removed it; before the first poll.

        Raises: `ExternalFailureError`; `LogMovedError` where that epoch had another history.
        """
        ...

    def seek(self, position: int, leader_epoch: int = -1, leader: Origin | None = None) -> None:
        """Read from `position` next, in the history of that epoch, where `leader` led; before the
        first poll.
        """
        ...

    def applied(self, position: int) -> None:
        """The tables hold everything below `position`."""
        ...

    def close(self) -> None:
        """No append is taken any more; polls go on until `close_reader`."""
        ...

    def close_reader(self) -> None:
        """After the last poll, by the thread that polled."""
        ...


class LogMovedError(RuntimeError):
    """The log is not the one that was read so far: emptied, cut off or made anew."""
