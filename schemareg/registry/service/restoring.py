"""A backup's lines into an empty registry: all of them, by the rules of the API, or none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from schemareg.errors import ContentError, RegistryError, UsageError
from schemareg.places import Location
from schemareg.registry.service.backup import FORMAT_VERSION, Seal
from schemareg.registry.service.reaching import schema_of
from schemareg.registry.service.restored import Line, association, config, content, mode, version
from schemareg.registry.service.session import Policy, Session
from schemareg.registry.store import AVRO, Store, Tables

_CUT = "copy the backup again from where it was made, or make a new one"


def restore(store: Store, lines: Iterable[str], *, path: str | None = None) -> int:
    """How many lines were restored; all of them or none. `path` is named in errors.

    Raises:
        UsageError: the store is not empty.
        ContentError: the lines are not a whole backup, or hold what no registry may hold.
    """
    return store.write(lambda tables: _restore(tables, lines, path))


def _restore(tables: Tables, lines: Iterable[str], path: str | None) -> int:
    if not tables.is_empty():
        raise UsageError("the registry to restore into is not empty", advice="give a new --db")
    seal = Seal()
    number = 0
    is_sealed = False
    schema_lines: dict[int, int] = {}
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
            if (key := _take(tables, kind, what)) is not None:
                schema_lines[key] = number
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
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
    _check_schemas(tables, schema_lines, path)
    return number


def _check_seal(given: Mapping[str, Any], seal: Seal, place: Location) -> None:
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


def _take(tables: Tables, kind: str, what: Mapping[str, Any]) -> int | None:
    """The key of a content that was taken, None for anything else."""
    line = Line(what)
    match kind:
        case "backup":
            if what["format_version"] != FORMAT_VERSION:
                raise ValueError(
                    f"format_version {what['format_version']} is not {FORMAT_VERSION}; "
                    "make a new backup with this release"
                )
        case "context":
            tables.raise_last_id(line.context("name"), line.integer("last_id"))
        case "config":
            tables.put_config(line.scope("subject"), config(line))
        case "mode":
            tables.put_mode(line.scope("subject"), mode(line))
        case "schema":
            return content(tables, line)
        case "version":
            version(tables, line)
        case "association":
            tables.put_association(association(line))
        case _:
            raise ValueError(f"unknown kind {kind!r}")
    return None


def _check_schemas(tables: Tables, lines: Mapping[int, int], path: str | None) -> None:
    """Every schema can be read with what it refers to, which is there while a version has it."""
    session = Session(Policy(lambda: 0), tables)
    for key, number in lines.items():
        try:
            _check_references(tables, key)
            stored = tables.content_of_key(key)
            if stored.schema_type == AVRO:
                schema_of(session, stored)
        except (RegistryError, ValueError) as error:
            if not tables.holders_of(key, limit=1):
                continue  # nothing has it any more, so it may refer to what is gone
            raise ContentError(
                f"a schema that no registry may hold: {error}", location=Location(path, number, 1)
            ) from error


def _check_references(tables: Tables, key: int) -> None:
    graph = tables.references_from([key], limit=1)
    held = any(not holder.deleted for holder in tables.holders_of(key))
    for name, subject, number in graph.references.get(key, ()) if held else ():
        if (subject, number) not in graph.targets:
            raise ValueError(f"it refers to {name} in {subject} version {number}, which is missing")
