"""How far a file holds the log that it is the state of; a registry of its own has none."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from pathlib import Path

from schemareg.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tables are those of the log `topic` of `cluster` below `position`.

    `last_offset`, `leader_epoch` and `digest` are those of the last record that was applied: -1,
    -1 and no bytes where there was none. `at_end_ms` is when the log certainly held no more than
    the tables, in milliseconds since 1970; 0: never. `leader` is who last led, as the log spells
    it.
    """

    cluster: str
    topic: str
    position: int
    last_offset: int
    leader_epoch: int
    digest: bytes
    at_end_ms: int
    leader: str | None = None


_MEMBERS = frozenset(Checkpoint.__annotations__)
_UNKNOWN = {
    "cluster": "",
    "topic": "",
    "position": 0,
    "last_offset": -1,
    "leader_epoch": -1,
    "digest": "",
}


def write_checkpoint(db: sqlite3.Connection, checkpoint: Checkpoint) -> None:
    """The file's checkpoint, within the transaction that brought the tables there."""
    members = {**asdict(checkpoint), "digest": checkpoint.digest.hex()}
    db.execute(
        "INSERT OR REPLACE INTO checkpoints (key, content) VALUES (1, ?)", (json.dumps(members),)
    )


def read_checkpoint(db: sqlite3.Connection) -> Checkpoint | None:
    """The file's checkpoint; None where the file is a registry of its own.

    Of another version's, members that are not known here are passed over, and one that is missing
    makes it a checkpoint that never held the whole log: it is read anew.
    """
    row = db.execute("SELECT content FROM checkpoints").fetchone()
    if row is None:
        return None
    members = json.loads(row[0])
    known = {name: members[name] for name in _MEMBERS if name in members}
    if known.keys() | {"leader"} != _MEMBERS:
        known = {**_UNKNOWN, **known, "at_end_ms": 0}
    return Checkpoint(**{**known, "digest": bytes.fromhex(known["digest"])})


def drop_checkpoint(db: sqlite3.Connection) -> None:
    """Make the file a registry of its own: from now on it holds more than the log does."""
    if read_checkpoint(db) is not None:
        db.execute("DELETE FROM checkpoints")


def clear(db: sqlite3.Connection) -> None:
    """Remove everything, in one transaction."""
    db.execute("BEGIN IMMEDIATE")
    for table in (
        "uses",
        "versions",
        "contents",
        "contexts",
        "configs",
        "modes",
        "associations",
        "spellings",
        "checkpoints",
    ):
        db.execute(f"DELETE FROM {table}")
    db.execute("COMMIT")


def is_state_of_a_log(path: str) -> bool:
    """Whether the file at `path` has a checkpoint; False too where it cannot be read."""
    db = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
    try:
        return read_checkpoint(db) is not None
    except sqlite3.Error:
        return False
    finally:
        db.close()
