"""All versions of a subject beside each other: their fields, and which reads which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from schemareg.avro import Schema
from schemareg.errors import ContentError
from schemareg.lazy_dataclass import dataclass
from schemareg.site.schema_view import FieldRow, sections
from schemareg.site.source import Held, Source
from schemareg.site.views import clashes

ALL_PAIRS_MAX = 6
"""Live versions up to which every pair has a page of its own."""
COLUMNS_MAX = 40
"""Versions that one page shows beside each other, the newest."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field or symbol in one version; `changed` since the version to the left."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Versions oldest first; `rows` are fields with a cell for each version.

    `reads` has a row for each version as reader, and in it whether it reads each as writer.
    """

    subject: str
    versions: tuple[int, ...]
    left_out: int
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    reads: tuple[tuple[int, tuple[bool, ...]], ...]
    unreadable: tuple[int, ...]
    labels: Mapping[int, str]
    """What people call a version that is no registered one."""


def compared(versions: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The pairs, older first, that have a page of their own: all of few versions.

    Of more versions each with the one before and with the newest.
    """
    if len(versions) <= ALL_PAIRS_MAX:
        return tuple((old, new) for i, new in enumerate(versions) for old in versions[:i])
    neighbours = pairwise(versions[:-1])
    return (*neighbours, *((old, versions[-1]) for old in versions[:-1]))


def side_by_side(source: Source, live: Sequence[Held]) -> SideBySide:
    """The newest `COLUMNS_MAX` of `live` versions, which are oldest first."""
    schemas: dict[int, Schema] = {}
    unreadable = []
    for held in live[-COLUMNS_MAX:]:
        try:
            schemas[held.version] = source.schema(held)
        except ContentError:
            unreadable.append(held.version)
    return SideBySide(
        subject=live[0].subject,
        versions=tuple(schemas),
        left_out=max(0, len(live) - COLUMNS_MAX),
        rows=tuple(_rows(tuple(schemas.values()))),
        reads=tuple(
            (version, tuple(_reads(reader, writer) for writer in schemas.values()))
            for version, reader in schemas.items()
        ),
        unreadable=tuple(unreadable),
        labels={held.version: held.label for held in live if held.label},
    )


def _reads(reader: Schema, writer: Schema) -> bool:
    return reader is writer or not clashes(reader=reader, writer=writer)


def _rows(schemas: Sequence[Schema]) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Fields in the order of the newest version, those that are gone after them."""
    columns = [dict(_cells(schema)) for schema in schemas]
    names = dict.fromkeys(name for column in reversed(columns) for name in column)
    for name in names:
        texts = [column.get(name, "") for column in columns]
        before = [texts[0], *texts[:-1]]
        yield name, tuple(Cell(t, t != b) for t, b in zip(texts, before, strict=True))


def _cells(schema: Schema) -> Iterator[tuple[str, str]]:
    for section in sections(schema):
        for field in section.fields:
            yield f"{section.fullname}.{field.name}", _text(field)
        for symbol in section.symbols:
            yield f"{section.fullname}.{symbol}", "symbol"
        if section.size_bytes is not None:
            yield section.fullname, f"{section.size_bytes} bytes"
        if section.description:
            yield section.fullname or "value", "".join(word.text for word in section.description)


def _text(field: FieldRow) -> str:
    kind = "".join(word.text for word in field.type)
    kind += f" {field.logical}" if field.logical else ""
    return kind if field.default is None else f"{kind} = {field.default}"
