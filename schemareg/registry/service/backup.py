"""Everything a registry holds as JSON lines that diff well, and back again.

The last line seals the others with their count and digest, so that no part of a backup is taken
for the whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from schemareg.errors import ContentError, UsageError
from schemareg.places import Location
from schemareg.registry.api.contexts import qualified, qualified_in
from schemareg.registry.api.types import Lifecycle
from schemareg.registry.service.metadata import metadata_from, metadata_to
from schemareg.registry.store import Content, Store, StoredAssociation, Tables, reading_file
from schemareg.registry.store.identity import digest, semantic_digest
from schemareg.subjects import Reference, SchemaId, Subject, Version

FORMAT_VERSION = 2
_CUT = "copy the backup again from where it was made, or make a new one"


def backup_file(db: str) -> Iterator[str]:
    """The lines that hold what is in the database file; a server may be running on it.

    Raises: `ExternalFailureError` when the file cannot be read.
    """
    with reading_file(db) as tables:
        yield from backup(tables)


def backup(tables: Tables) -> Iterator[str]:
    """One line for each thing, in an order that does not change with the history of writes."""
    seal = _Seal()
    for line in _lines(tables):
        seal.add(line)
        yield line
    yield _line("end", seal.content())


class _Seal:
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
    if content.references:
        members["references"] = [[r.name, r.subject, r.version] for r in content.references]
    if content.metadata is not None:
        members["metadata"] = metadata_to(content.metadata)
    if content.rule_set is not None:
        members["ruleSet"] = content.rule_set
    return members


def restore(store: Store, lines: Iterable[str], *, path: str | None = None) -> int:
    """How many lines were restored; all of them or none. `path` is named in errors.

    Raises:
        UsageError: the store is not empty.
        ContentError: the lines are not a whole backup.
    """
    return store.write(lambda tables: _restore(tables, lines, path))


def _restore(tables: Tables, lines: Iterable[str], path: str | None) -> int:
    if not tables.is_empty():
        raise UsageError("the registry to restore into is not empty", advice="give a new --db")
    seal = _Seal()
    number = 0
    is_sealed = False
    try:
        for number, line in enumerate(lines, start=1):
            ((kind, what),) = json.loads(line).items()
            if is_sealed:
                raise ValueError("it follows the `end` line")
            if (kind == "backup") != (number == 1):
                raise ValueError("a backup begins with its `backup` line, and has one")
            if kind == "end":
                _check_seal(what, seal, Location(path, number, 1))
                is_sealed = True
                continue
            seal.add(line)
            _take(tables, kind, what)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        # a text that is not UTF-8 fails before its line is counted
        at = number + isinstance(error, UnicodeDecodeError)
        raise ContentError(
            f"not a line of a backup: {error}", location=Location(path, at, 1)
        ) from error
    if number == 0:
        raise ContentError("an empty file is not a backup", location=Location(path))
    if not is_sealed:
        raise ContentError(
            f"the backup is cut off after {number} lines: its `end` line is missing",
            location=Location(path, number, 1),
            advice=_CUT,
        )
    return number


def _check_seal(given: Mapping[str, Any], seal: _Seal, place: Location) -> None:
    counted = seal.content()
    if given["lines"] != counted["lines"]:
        message = (
            f"the backup had {given['lines']} lines before this one, and has {counted['lines']}"
        )
    elif given["sha256"] != counted["sha256"]:
        message = "the lines are not the ones that were written: their digest differs"
    else:
        return
    raise ContentError(message, location=place, advice=_CUT)


def _take(tables: Tables, kind: str, what: Mapping[str, Any]) -> None:
    match kind:
        case "backup":
            if what["format_version"] != FORMAT_VERSION:
                raise ValueError(
                    f"format_version {what['format_version']} is not {FORMAT_VERSION}; "
                    "make a new backup with this release"
                )
        case "context":
            tables.raise_last_id(what["name"], what["last_id"])
        case "config":
            tables.put_config(what["subject"], what["config"])
        case "mode":
            tables.put_mode(what["subject"], what["mode"])
        case "schema":
            _take_content(tables, what)
        case "version":
            _take_version(tables, what)
        case "association":
            lifecycle = Lifecycle(what["lifecycle"])
            tables.put_association(StoredAssociation(**{**what, "lifecycle": lifecycle}))
        case _:
            raise ValueError(f"unknown kind {kind!r}")


def _take_content(tables: Tables, what: Mapping[str, Any]) -> None:
    references = tuple(
        Reference(name, Subject(subject), Version(version))
        for name, subject, version in what.get("references", ())
    )
    metadata = metadata_from(what.get("metadata"))
    rule_set = what.get("ruleSet")
    text = what["schema"]
    named = ((r.name, r.subject, r.version) for r in references)
    content = Content(
        key=0,
        context=what["context"],
        id=SchemaId(what["id"]),
        digest=digest(text, named, metadata, rule_set),
        semantic=semantic_digest(text),
        text=text,
        references=references,
        metadata=metadata,
        rule_set=rule_set,
    )
    uses = [(str(qualified_in(content.context, r.subject)), r.version) for r in references]
    tables.add_content(content, uses)


def _take_version(tables: Tables, what: Mapping[str, Any]) -> None:
    subject = qualified(what["subject"])
    content = tables.content(subject.context, what["id"])
    if content is None:
        raise ValueError(f"id {what['id']} has no `schema` line before")
    tables.put_version(subject, what["version"], content, written_ms=what["written_ms"])
    if what["deleted"]:
        tables.soft_delete(str(subject), what["version"], written_ms=what["written_ms"])
