"""One file, one writer: reads see one state, writes that arrive together share a commit."""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from schemareg.errors import ExternalFailureError, RegistryError, SchemaregError, UsageError
from schemareg.places import Location
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.store.changes import Changes
from schemareg.registry.store.checkpoints import drop_checkpoint
from schemareg.registry.store.columns import DamagedContentError
from schemareg.registry.store.ground import Ground
from schemareg.registry.store.job import Job, settle
from schemareg.registry.store.soundness import SoundnessCheck
from schemareg.registry.store.sqlite_file import (
    MEMORY,
    Ownership,
    check_readable,
    connect,
    prepare,
    unusable,
)
from schemareg.registry.store.tables import Tables

if TYPE_CHECKING:
    import asyncio

    from schemareg.registry.store.at_once import LoopWriter

T = TypeVar("T")
SOON_CHECKED_BYTES = 16 * 1024 * 1024
"""Reading that much through takes some 20 ms."""
PROBE_BYTES = 256 * 1024
"""What a probe writes after a write that failed."""
_BATCH = 256
"""The most writes that share one commit; a bound on how long the first of them waits."""


def _refusal(error: sqlite3.Error) -> RegistryError:
    return ErrorCode.STORE_FAILED.refusal(str(error))


@contextmanager
def reading_file(path: str) -> Iterator[Tables]:
    """One consistent state of the file `path`, which a server may have open and be writing to.

    Raises: `ExternalFailureError`.
    """
    if not Path(path).is_file():
        raise ExternalFailureError("there is no database here", location=Location(path))
    db = connect(path, reading=True)
    try:
        check_readable(db, path)
        db.execute("BEGIN")
        db.execute("SELECT 1 FROM contexts").fetchone()  # the state is fixed by the first read
        yield Tables(db)
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    finally:
        db.close()


class Store:
    """The registry's tables in the SQLite file `path`, or in memory (`:memory:`).

    A write that was answered survives `kill -9` at any instant: the answer follows the commit,
    and the commit follows fsync (WAL, synchronous=FULL). `generation` grows with every commit
    that changed something; `settled` is the same, and None while a commit runs. An answer that was
    made while `settled` was a number holds as long as it is that number: whoever has seen a commit
    is not given an older answer afterwards.

    A file of more than `soon_checked_bytes` is checked for damage while it serves already; it
    takes no writes from the moment that damage is found.

    Raises: `ExternalFailureError` when the file is in use by another server, corrupt, of a newer
    version, not ours, or cannot be written.
    """

    takes_changes_at_once = True
    """Short changes may run on the event loop."""
    follows_a_log = False
    """The file is the state of a log and has a checkpoint, which any other writer removes."""

    def __init__(self, path: str = MEMORY, *, soon_checked_bytes: int = SOON_CHECKED_BYTES) -> None:
        if not path:
            raise UsageError("the database has no name", advice="give --db a file")
        path = path if path == MEMORY else os.path.realpath(path)
        self.path = path
        self.generation = 0
        self.settled: int | None = 0
        self.changes = Changes()
        self._ground: Ground | None = None
        self._moved: str | None = None
        self._damage: str | None = None
        self._failed_write: str | None = None
        self._closed = False
        self._in_memory = path == MEMORY
        self._ownership = None if self._in_memory else Ownership(path)
        try:
            self._writing = connect(path)
            is_checked = prepare(self._writing, path, soon_checked_bytes=soon_checked_bytes)
            if self._ownership:
                self._ground = Ground(path)
                self._ownership.remember(self._ground)
            if not self.follows_a_log:
                with suppress(sqlite3.Error):  # a damaged page is reported by the check
                    drop_checkpoint(self._writing)
            self.check = None if is_checked else SoundnessCheck(path)
        except SchemaregError:
            if self._ownership:
                self._ownership.release()
            raise
        self._guard = threading.RLock()
        self._turn = threading.Lock()
        self._at_once: sqlite3.Connection | None = None
        self._changes_before = 0
        self._loop_writer: LoopWriter | None = None
        self._committer = ThreadPoolExecutor(1, thread_name_prefix="schemareg-store-commit")
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        if not self._in_memory:
            self._writer = threading.Thread(
                target=self._write_for_ever, name="schemareg-store-writer", daemon=True
            )
            self._writer.start()

    @property
    def decides(self) -> bool:
        """Whether a change may be decided here now, or only where `Forwarding` sends it."""
        return True

    @property
    def failure(self) -> str | None:
        """Which thread ended before its time, and why: the process has to end then."""
        return None

    # reading

    @contextmanager
    def reading(self) -> Iterator[Tables]:
        """One consistent state, whatever is written meanwhile.

        Raises: `RegistryError` 50001 when the file cannot be read.
        """
        try:
            if self._in_memory:
                with self._guard:
                    yield Tables(self._writing)
                return
            db = self._reader()
            db.execute("BEGIN")
            try:
                yield Tables(db)
            finally:
                db.execute("COMMIT")
        except DamagedContentError as error:
            self._damage = str(error)
            raise _refusal(error) from error
        except sqlite3.Error as error:
            raise _refusal(error) from error

    @property
    def damage(self) -> str | None:
        """What is damaged in the file, as far as it was read."""
        return self._damage or (self.check.damage if self.check else None)

    def _reader(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            self._check_ground()
            db = connect(self.path, reading=True)
            self._local.db = db
            with self._guard:
                self._readers.append(db)
        return db

    # writing

    def write(self, change: Callable[[Tables], T]) -> T:
        """What `change` returned, once it is on disk; nothing is changed when it raises.

        Raises: what `change` raises, and `RegistryError` 50001 when the store failed.
        """
        return self.submit(change).result()

    def submit(self, change: Callable[[Tables], T]) -> Future[T]:
        """`write` for a caller that does not block; `change` runs on the writer's thread."""
        outcome: Future[T] = Future()
        with self._guard:
            self.check_takes_changes()
            job = Job(change, partial(settle, outcome))
            if self._in_memory:
                self._commit([job])
            else:
                self._jobs.put(job)
        return outcome

    def check_takes_changes(self) -> None:
        """Raises: `RegistryError` 50001 when the store is closed or damaged."""
        if self._closed:
            raise ErrorCode.STORE_FAILED.refusal("the store is closed")
        if self.damage:
            raise ErrorCode.STORE_FAILED.refusal(self.damage)

    def queue(self, batch: list[Job]) -> None:
        """Leave jobs to the writer's thread."""
        for job in batch:
            self._jobs.put(job)

    def loop_writer(self, loop: asyncio.AbstractEventLoop) -> LoopWriter | None:
        """What submits short changes from `loop`; None where every change goes to `submit`."""
        if self._in_memory or not self.takes_changes_at_once:
            return None
        if self._loop_writer is None or self._loop_writer.loop is not loop:
            from schemareg.registry.store.at_once import LoopWriter

            self._loop_writer = LoopWriter(self, loop)
        return self._loop_writer

    def begin_at_once(self) -> sqlite3.Connection | None:
        """A connection with a transaction, or None: another one is open. Never waits."""
        if not self._turn.acquire(blocking=False):
            return None
        try:
            if self._at_once is None:
                self._at_once = connect(self.path, timeout_s=0.0)
                self._at_once.execute("PRAGMA synchronous = FULL")
                self._at_once.execute("PRAGMA foreign_keys = ON")
                # what a savepoint would restore goes to memory: short changes have little of it,
                # and 17 of the 21 writes of 4 kB that a version took were to a file for it
                self._at_once.execute("PRAGMA temp_store = MEMORY")
            self._check_ground()
            self._at_once.execute("BEGIN IMMEDIATE")
            self._changes_before = self._at_once.total_changes
        except (sqlite3.Error, SchemaregError):
            self._turn.release()
            return None
        return self._at_once

    def commit_in_thread(
        self, db: sqlite3.Connection, trouble: sqlite3.Error | None
    ) -> Future[None]:
        """Done when the transaction is on disk; a batch that met `trouble` is undone."""
        return self._committer.submit(self._end_transaction, db, trouble)

    def _end_transaction(self, db: sqlite3.Connection, trouble: sqlite3.Error | None) -> None:
        try:
            if trouble is not None:
                raise trouble
            self._end(db, has_changed=db.total_changes != self._changes_before)
            self._check_ground()
        except (sqlite3.Error, RegistryError) as error:
            raise self._failed(db, error) from error
        finally:
            self.changes.end_transaction()
            self._turn.release()

    def _end(self, db: sqlite3.Connection, *, has_changed: bool) -> None:
        """Commit; nothing is settled from before readers can see it until it is counted."""
        if has_changed:
            self.settled = None
        try:
            db.execute("COMMIT")
            self.generation += has_changed
        finally:
            self.settled = self.generation

    def _failed(
        self, db: sqlite3.Connection, error: sqlite3.Error | RegistryError
    ) -> RegistryError:
        """The refusal of every job of a transaction that failed."""
        if db.in_transaction:
            db.execute("ROLLBACK")
        refusal = _refusal(error) if isinstance(error, sqlite3.Error) else error
        self._failed_write = refusal.message
        return refusal

    def probe(self) -> Future[None]:
        """Done when a write is on disk; fails as any write would now.

        After a write that failed it is a large one, until that succeeds: a disk that is full may
        still have room for the write that changes nothing.
        """
        if self._failed_write is None:
            return self.submit(Tables.touch)
        return self.submit(self._probe_with_room)

    def _probe_with_room(self, tables: Tables) -> None:
        tables.fill_probe(PROBE_BYTES)
        self._failed_write = None

    def _check_ground(self) -> None:
        """Raises: `RegistryError` 50001 once the files are not those that were opened."""
        if self._ground and not self._moved:
            self._moved = self._ground.trouble()
        if self._moved:
            raise ErrorCode.STORE_FAILED.refusal(self._moved)

    def _write_for_ever(self) -> None:
        while job := self._jobs.get():
            batch = [job]
            closing = False
            while len(batch) < _BATCH and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    closing = True
                    break
                batch.append(following)
            self._commit(batch)
            if closing:
                return

    def _commit(self, batch: list[Job]) -> None:
        """Run the batch in one transaction, and settle each job with what came of it."""
        db = self._writing
        before = db.total_changes
        outcomes: list[tuple[Job, Any, BaseException | None]] = []
        with self._turn:
            try:
                self._check_ground()
                db.execute("BEGIN IMMEDIATE")
                for job in batch:
                    outcomes.append((job, *self.attempt(db, job, Tables(db))))
                self._end(db, has_changed=db.total_changes != before)
                self._check_ground()
            except (sqlite3.Error, RegistryError) as error:
                refusal = self._failed(db, error)
                outcomes = [(job, None, refusal) for job in batch]
            self.changes.end_transaction()
        for job, value, failure in outcomes:
            job.settle(value, failure)

    def attempt(
        self, db: sqlite3.Connection, job: Job, tables: Tables
    ) -> tuple[Any, BaseException | None]:
        """What the job returned, or what it raised with its own changes undone."""
        db.execute("SAVEPOINT job")
        try:
            value = self._changed(job, tables)
        except DamagedContentError as error:
            self._damage = str(error)
            db.execute("ROLLBACK TO job")
            db.execute("RELEASE job")
            return None, _refusal(error)
        except sqlite3.Error:
            raise
        except BaseException as failure:  # noqa: BLE001  # its caller gets it; the writer lives on
            db.execute("ROLLBACK TO job")
            db.execute("RELEASE job")
            return None, failure
        db.execute("RELEASE job")
        return value, None

    def _changed(self, job: Job, tables: Tables) -> Any:
        judgement, changes = job.judgement, self.changes
        if judgement is None:
            changes.note(None)
            return job.change(tables)
        if changes.holds(judgement):
            changes.note(judgement.subject)
            return judgement.store(tables)
        changes.note(judgement.subject if changes.has_subjects_only(judgement) else None)
        return job.change(tables)

    def close(self) -> None:
        """Finish what was submitted, then let go of the file."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
        if self.check:
            self.check.stop()
        if self._writer:
            self._jobs.put(None)
            self._writer.join()
        self._committer.shutdown()
        with self._guard:
            for reader in self._readers:
                reader.close()
            if self._at_once:
                self._at_once.close()
            self._writing.close()
        if self._ownership:
            self._ownership.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
