"""A registry's store whose truth is a log: its tables change by reading the log alone.

A write runs over the tables to find out what it would answer and which records make it, is undone
there, and is answered once its records are committed and have come back from the log.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from schemareg.errors import RegistryError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.store import Store, Tables
from schemareg.registry.store.checkpoints import Checkpoint, write_checkpoint
from schemareg.registry.store.job import Job
from schemareg.registry.topic.applying import TAKEN, Effect, apply
from schemareg.registry.topic.journal import JournaledTables, Record
from schemareg.registry.topic.log import Chunk, Log, LogFigures, LogMovedError
from schemareg.registry.topic.resuming import digest_of, resume

T = TypeVar("T")
READ_BACK_TIMEOUT_S = 10.0
"""How long a committed write may take to come back before its result is called unknown."""
_OWN_WRITES_TIMEOUT_S = 2.0
"""How long a write waits for those before it whose result was called unknown."""
_POLL_S = 0.2
_LOADED_AT_ONCE = 4000
"""Records that share a commit until the log was read to its end once."""
_NOTED_EVERY_MS = 10_000
"""How often an idle node notes that it is at the log's end."""
_LEAST_RETENTION_MS = 600_000
"""Deletions stay in the log longer than a topic's delete.retention.ms when that is less."""
_LOG = logging.getLogger("schemareg.registry.topic")


@dataclass(frozen=True, slots=True)
class TopicFigures:
    """What a node counts of the log that it follows, at one moment."""

    position: int
    log: LogFigures
    leads: bool
    has_alarm: bool
    effects: Mapping[Effect, int]
    foreign_records: int


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _no_write(alarm: str | None) -> RegistryError:
    # with an alarm no leader may write either: there is nobody to pass the request to
    return ErrorCode.NO_LEADER.refusal() if alarm is None else ErrorCode.STORE_FAILED.refusal(alarm)


class TopicStore(Store):
    """`Store` over `log`, with its tables in the SQLite file `path`, or (None) in a file that goes
    when the store is closed.

    `effects` counts what the records did; `is_caught_up` is set once the log was read to its end
    for the first time. `trouble` is why the log cannot be followed any more, `failure` which
    thread ended for a reason of its own: then the process has to end.
    """

    takes_changes_at_once = False
    follows_a_log = True

    def __init__(self, log: Log, path: str | None = None, *, names_avro: bool = True) -> None:
        self._directory = TemporaryDirectory() if path is None else None
        super().__init__(
            path or str(Path(self._directory.name if self._directory else "") / "state.db")
        )
        # the log is what survives; the file has to be consistent, not the newest
        self._writing.execute("PRAGMA synchronous = NORMAL")
        self._log = log
        self._names_avro = names_avro
        self._changing = threading.Lock()
        self._came_back = threading.Condition()
        try:
            self._checkpoint = resume(self._writing, log, now_ms=_now_ms())
        except BaseException:
            super().close()
            raise
        self._position = self._checkpoint.position
        self._written = self._passed_over = -1
        self._polled_ms = 0
        self._stop = threading.Event()
        self.effects: Counter[Effect] = Counter()
        self.foreign_records = 0
        self.trouble: str | None = None
        self._failure: str | None = None
        self._foreign: str | None = None
        self.is_caught_up = threading.Event()
        self._follower = threading.Thread(
            target=self._follow, name="schemareg-topic-follower", daemon=True
        )
        self._follower.start()

    @property
    def position(self) -> int:
        """The offset up to which (exclusive) the tables hold the log."""
        return self._position

    @property
    def can_write(self) -> bool:
        """Whether this node leads, and may write."""
        return self._log.can_write and self.alarm is None

    @property
    def decides(self) -> bool:
        """Also with an alarm, for then nobody else does: each change has its refusal here."""
        return self.can_write or self.alarm is not None

    @property
    def alarm(self) -> str | None:
        """Why nothing may be written to the log, by whom ever; reads and exports go on."""
        return self.trouble or self._foreign or self._log.alarm

    @property
    def failure(self) -> str | None:
        """Which thread ended, and why: what this node answers is out of date from then on."""
        return self._failure or self._log.failure

    @property
    def figures(self) -> TopicFigures:
        """What the node has counted so far."""
        return TopicFigures(
            position=self._position,
            log=self._log.figures,
            leads=self.can_write,
            has_alarm=self.alarm is not None,
            effects=dict(self.effects),
            foreign_records=self.foreign_records,
        )

    @property
    def leader_url(self) -> str | None:
        """Where the leader can be asked; None where nobody leads."""
        leader = self._log.leader
        return None if leader is None else leader.url

    @property
    def is_loaded(self) -> bool:
        """The log was read to its end once."""
        return self.is_caught_up.is_set()

    def probe(self) -> Future[None]:
        """Fails while the tables are not those of the log, or this node can take no part."""
        outcome: Future[None] = Future()
        why = self.alarm or self.failure or self._log.trouble
        if not self.is_loaded:
            why = why or f"reading the log: at offset {self._position}"
        if why:
            outcome.set_exception(ErrorCode.STORE_FAILED.refusal(why))
        else:
            outcome.set_result(None)
        return outcome

    # writing

    def submit(self, change: Callable[[Tables], T]) -> Future[T]:
        if self.decides:
            return super().submit(change)
        outcome: Future[T] = Future()  # the leader decides: nothing is run here for nothing
        outcome.set_exception(_no_write(None))
        return outcome

    def _commit(self, batch: list[Job]) -> None:
        """Run the batch, undo it, and let the log carry what it wrote."""
        outcomes: list[tuple[Job, Any, BaseException | None]] = []
        records: list[Record] = []
        alarm = self.alarm
        term = self._log.term if alarm is None else None
        db = self._writing
        try:
            if term is not None:
                self._wait_for_own_writes()
            with self._changing:
                since = self._position
                db.execute("BEGIN IMMEDIATE")
                try:
                    for job in batch:
                        tables = JournaledTables(db, names_avro=self._names_avro)
                        value, failure = self.attempt(db, job, tables)
                        if term is None and (failure or tables.records):
                            # what a follower would refuse may be right by now: the leader decides
                            value, failure = None, _no_write(alarm)
                        if failure is None:
                            records += tables.records
                        outcomes.append((job, value, failure))
                finally:
                    db.execute("ROLLBACK")
            if records and term is not None:
                self._written = self._log.append(records, term)
                self._wait_for(self._written, since)
        except sqlite3.Error as error:
            refusal: RegistryError = ErrorCode.STORE_FAILED.refusal(str(error))
        except RegistryError as error:
            if error.code == ErrorCode.TOO_LARGE.number and len(batch) > 1:
                for job in batch:  # one of them is: the others are not refused for it
                    self._commit([job])
                return
            refusal = error
        else:
            for job, value, failure in outcomes:
                job.settle(value, failure)
            return
        for job in batch:
            job.settle(None, refusal)

    def _wait_for_own_writes(self) -> None:
        """Nothing may be decided before: an id that was given may not be in the tables yet.

        Raises: `RegistryError` 50001.
        """
        if not self.wait_for(self._written, _OWN_WRITES_TIMEOUT_S):
            raise ErrorCode.STORE_FAILED.refusal("the write before has not come back from the log")

    def _wait_for(self, offset: int, since: int) -> None:
        """Until the tables hold the record at `offset`.

        Raises: `RegistryError` 50002 after `READ_BACK_TIMEOUT_S`, where a record from `since` on
        was passed over, such as one whose id somebody else used in between, and where `offset` was
        read before the write: the log is another one.
        """
        if (
            offset < since
            or not self.wait_for(offset, READ_BACK_TIMEOUT_S)
            or self._passed_over >= since
        ):
            raise ErrorCode.OPERATION_TIMED_OUT.refusal()

    def wait_for(self, offset: int, timeout_s: float) -> bool:
        """Whether the tables hold the record at `offset` within `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        with self._came_back:
            while self._position <= offset:
                left = deadline - time.monotonic()
                if left <= 0 or self.trouble:
                    return False
                self._came_back.wait(left)
        return True

    def catch_up(self, timeout_s: float) -> bool:
        """Whether the log's end of this moment was read within about `timeout_s`."""
        end = self._log.end_now(timeout_s)
        return end is not None and self.wait_for(end - 1, timeout_s)

    # following

    def _follow(self) -> None:
        try:
            while not self._stop.is_set():
                self._take(self._poll())
        except LogMovedError as error:
            self.trouble = f"{error}; export this node's state before it ends"
            _LOG.error("%s", self.trouble)
            with self._came_back:
                self._came_back.notify_all()
        except Exception as error:  # noqa: BLE001
            # whatever it was, the tables are out of date from now on, and must not seem otherwise
            self.trouble = self._failure = str(error) or type(error).__name__
            _LOG.exception("the topic is not followed any more")
            with self._came_back:
                self._came_back.notify_all()
        finally:
            self._log.close_reader()

    def _poll(self) -> Chunk:
        """What came next; while the log is still being loaded, as much of it as is at hand."""
        self._polled_ms = _now_ms()
        chunk = self._log.poll(_POLL_S)
        if self.is_loaded or not chunk.entries:
            return chunk
        entries = list(chunk.entries)
        while chunk.entries and not chunk.at_end and len(entries) < _LOADED_AT_ONCE:
            chunk = self._log.poll(_POLL_S)
            entries += chunk.entries
        return Chunk(entries, chunk.position, chunk.at_end)

    def _take(self, chunk: Chunk) -> None:
        reached = self._reached(chunk)
        if chunk.entries:
            self._check_age()
            with self._changing:
                self._apply(chunk, reached)
        elif reached.at_end_ms - self._checkpoint.at_end_ms > _NOTED_EVERY_MS:
            with self._changing:
                write_checkpoint(self._writing, reached)
            self._checkpoint = reached
        self._log.applied(chunk.position)
        with self._came_back:
            self._position = chunk.position
            self._came_back.notify_all()
        if chunk.at_end:
            self.is_caught_up.set()

    def _reached(self, chunk: Chunk) -> Checkpoint:
        """The checkpoint of the tables once they hold `chunk`."""
        bounds, at_end_ms = self._log.bounds, self._checkpoint.at_end_ms
        if chunk.at_end:
            at_end_ms = self._polled_ms  # the broker answered later than it was asked
        elif bounds is not None and bounds.end <= chunk.position:
            at_end_ms = max(at_end_ms, bounds.at_ms)
        reached = replace(self._checkpoint, position=chunk.position, at_end_ms=at_end_ms)
        if not chunk.entries:
            return reached
        last, leader = chunk.entries[-1], self._log.leader
        return replace(
            reached,
            last_offset=last.offset,
            leader_epoch=last.leader_epoch,
            digest=digest_of(last),
            leader=None if leader is None else leader.text(),
        )

    def _check_age(self) -> None:
        """Raises: `RuntimeError` where deletions may have gone from the log unseen."""
        age_ms = _now_ms() - self._checkpoint.at_end_ms
        kept_ms = max(self._log.identity.delete_retention_ms, _LEAST_RETENTION_MS)
        if self._checkpoint.at_end_ms and age_ms >= kept_ms:
            raise RuntimeError(
                f"this node was last at the log's end {age_ms / 1000:.0f} s ago, longer than the "
                "topic keeps deletions: its state has to be read anew"
            )

    def _apply(self, chunk: Chunk, reached: Checkpoint) -> None:
        db = self._writing
        db.execute("BEGIN IMMEDIATE")
        before = db.total_changes
        try:
            for entry in chunk.entries:
                effect, why = apply(Tables(db), entry.key, entry.value, written_ms=entry.written_ms)
                self.effects[effect] += 1
                if entry.is_foreign:
                    self._note_foreign(entry.offset, effect)
                if effect not in TAKEN:
                    if not entry.is_foreign:
                        self._passed_over = entry.offset
                    _LOG.warning("record at offset %d passed over: %s", entry.offset, why)
            has_changed = db.total_changes != before
            write_checkpoint(db, reached)
            self._end(db, has_changed=has_changed)
        except BaseException:
            db.execute("ROLLBACK")
            raise
        self._checkpoint = reached

    def _note_foreign(self, offset: int, effect: Effect) -> None:
        """Count a record that no node of ours wrote, and stop writing beside its writer."""
        self.foreign_records += 1
        # what was written before this node was up to date, was written with somebody's consent;
        # and any registry of another kind appends a NOOP when it starts, to follow or to lead
        # and what means nothing to a registry, no registry wrote
        harmless = effect in (Effect.IDLE, Effect.UNREADABLE)
        if self.is_loaded and not harmless and self._foreign is None:
            self._foreign = (
                f"the record at offset {offset} was written by a registry of another kind; "
                "stop that one, then start the nodes of this one again"
            )
            _LOG.error("%s", self._foreign)

    def close(self) -> None:
        self._log.close()
        self._stop.set()
        self._follower.join(READ_BACK_TIMEOUT_S)
        super().close()
        if self._directory is not None:
            self._directory.cleanup()
