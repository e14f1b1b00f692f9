"""Everything a registry holds as JSON lines that diff well; `restoring` reads them.

The last line seals the others with their count and digest, so that no part of a backup is taken
for the whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from schemareg.registry.service.metadata import metadata_to
from schemareg.registry.store import AVRO, Content, Tables, reading_file

FORMAT_VERSION = 2


def backup_file(db: str) -> Iterator[str]:
    """The lines that hold what is in the database file; a server may be running on it.

    Raises: `ExternalFailureError` when the file cannot be read.
    """
    with reading_file(db) as tables:
        yield from backup(tables)


def backup(tables: Tables) -> Iterator[str]:
    """One line for each thing, in an order that does not change with the history of writes."""
    seal = Seal()
    for line in _lines(tables):
        seal.add(line)
        yield line
    yield _line("end", seal.content())


class Seal:
    """Count and digest of lines."""

    def __init__(self) -> None:
        self._count = 0
        self._digest = hashlib.sha256()

    def add(self, line: str) -> None:
        self._count += 1
        self._digest.update(line.encode(errors="surrogatepass"))

    def content(self) -> dict[str, Any]:
        return {"lines": self._count, "sha256": self._digest.hexdigest()}


def _lines(tables: Tables) -> Iterator[str]:
    yield _line("backup", {"format_version": FORMAT_VERSION})
    for context, last_id in tables.last_ids():
        yield _line("context", {"name": context, "last_id": last_id})
    for subject, config in tables.all_configs():
        yield _line("config", {"subject": subject, "config": config})
    for subject, mode in tables.all_modes():
        yield _line("mode", {"subject": subject, "mode": mode})
    for content in tables.all_contents():
        yield _line("schema", _content_object(content))
    for version in tables.versions_within(None, "", deleted=True):
        yield _line(
            "version",
            {
                "subject": version.subject,
                "version": version.version,
                "id": version.content.id,
                "deleted": version.deleted,
                "written_ms": version.written_ms,
            },
        )

    for association in tables.all_associations():
        yield _line("association", asdict(association))


def _line(kind: str, what: Mapping[str, Any]) -> str:
    return json.dumps({kind: what}, ensure_ascii=False, separators=(", ", ": ")) + "\n"


def _content_object(content: Content) -> dict[str, Any]:
    members: dict[str, Any] = {
        "context": content.context,
        "id": content.id,
        "schema": content.text,
    }
    if content.schema_type != AVRO:
        members["schemaType"] = content.schema_type
    if content.references:
        members["references"] = [[r.name, r.subject, r.version] for r in content.references]
    if content.metadata is not None:
        members["metadata"] = metadata_to(content.metadata)
    if content.rule_set is not None:
        members["ruleSet"] = content.rule_set
    return members
