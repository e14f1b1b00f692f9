"""Puts something into the tables, below everything that judges it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

from schemareg.registry.api.contexts import qualified
from schemareg.registry.store import AVRO, Content, Store, Tables
from schemareg.registry.store.identity import digest, semantic_digest_of
from schemareg.subjects import SchemaId


def add(tables: Tables, subject: str, text: str = '"string"') -> int:
    """Registers, as far as the tables go; the id."""
    context = qualified(subject).context
    content = tables.add_content(
        Content(
            key=0,
            context=context,
            id=SchemaId(tables.last_id(context) + 1),
            digest=digest(text),
            semantic=semantic_digest_of(text, AVRO),
            text=text,
        ),
        [],
    )
    version = tables.last_version(subject) + 1
    tables.put_version(qualified(subject), version, content, written_ms=7)
    return content.id


def adding(subject: str, text: str = '"string"') -> Callable[[Tables], int]:
    """`add` as a change to submit."""
    return partial(_add_to, subject, text)


def _add_to(subject: str, text: str, tables: Tables) -> int:
    return add(tables, subject, text)


def golden_store(directory: Path) -> Store:
    """A store on a file in `directory`, with what tests/golden/store/shape-1.sql holds."""
    dump = Path(__file__).parents[1] / "golden" / "store" / "shape-1.sql"
    path = str(directory / "golden.db")
    db = sqlite3.connect(path)
    db.executescript(dump.read_text(encoding="utf-8"))
    db.close()
    return Store(path)
