"""Whether a log can be followed from a checkpoint on, or has to be read from its beginning."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from functools import partial

from schemareg.registry.store.checkpoints import (
    Checkpoint,
    clear,
    read_checkpoint,
    write_checkpoint,
)
from schemareg.registry.topic.log import Bounds, Entry, Log, LogIdentity, LogMovedError
from schemareg.registry.topic.node import read_origin

_LOG = logging.getLogger("schemareg.registry.topic")


def digest_of(entry: Entry) -> bytes:
    """16 bytes of the record's key and value; a tombstone has other ones than an empty value."""
    parts = (entry.key, entry.value)
    found = hashlib.blake2b(digest_size=16)
    for part in parts:
        found.update(b"-" if part is None else len(part).to_bytes(8) + part)
    return found.digest()


def why_not_resumed(
    checkpoint: Checkpoint,
    *,
    identity: LogIdentity,
    bounds: Bounds,
    last: Entry | None,
    now_ms: int,
) -> str | None:
    """Why the tables may not be those of the log at the checkpoint; None where they are.

    `last` is the record at the checkpoint's last offset, None where compaction removed it.
    """
    if checkpoint.cluster != identity.cluster:
        return f"it is of cluster {checkpoint.cluster}, this one is {identity.cluster}"
    if checkpoint.topic != identity.topic:
        return "the topic was made anew since"
    age_ms = now_ms - checkpoint.at_end_ms
    if not checkpoint.at_end_ms:
        return "it never held the whole log"
    if not 0 <= age_ms < identity.delete_retention_ms:
        return (
            f"it was last at the log's end {age_ms / 1000:.0f} s ago, and the topic's "
            f"delete.retention.ms is {identity.delete_retention_ms}: deletions may be missing"
        )
    if checkpoint.position > bounds.end:
        return f"it is at offset {checkpoint.position}, the log ends at {bounds.end}"
    if last is not None and digest_of(last) != checkpoint.digest:
        return f"the record at offset {checkpoint.last_offset} is another one than it was"
    return None


def nothing_read(identity: LogIdentity) -> Checkpoint:
    """The checkpoint of empty tables."""
    return Checkpoint(identity.cluster, identity.topic, 0, -1, -1, b"", 0)


def resume(db: sqlite3.Connection, log: Log, *, now_ms: int) -> Checkpoint:
    """Where `log` is read from next; what `db` held is removed where that is the beginning.

    Raises: `ExternalFailureError`.
    """
    found = read_checkpoint(db)
    if found is not None:
        why = _why_not(found, log, now_ms)
        if why is None:
            leader = None if found.leader is None else read_origin(found.leader)
            # an epoch ends after its last record, though a marker of the next one may follow
            behind = found.last_offset + 1 if found.last_offset >= 0 else found.position
            log.seek(behind, found.leader_epoch, leader)
            _LOG.info("the log is read from offset %d on", behind)
            return found
        _LOG.warning("the log is read from its beginning, the file's state is not used: %s", why)
        clear(db)
    log.seek(0)
    nothing = nothing_read(log.identity)
    write_checkpoint(db, nothing)  # whose file it is, from the first moment on
    return nothing


def _why_not(found: Checkpoint, log: Log, now_ms: int) -> str | None:
    state = partial(why_not_resumed, found, identity=log.identity, now_ms=now_ms)
    bounds = log.look_up_bounds()
    why = state(bounds=bounds, last=None)
    if why is not None or found.last_offset < 0:
        return why
    try:
        last = log.entry_at(found.last_offset, found.leader_epoch)
    except LogMovedError as error:
        return str(error)
    return state(bounds=bounds, last=last)
