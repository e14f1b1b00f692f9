"""Our answers beside Java's: every difference, by kind."""

from __future__ import annotations

import math
import re
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal, TypeAlias

from fuzz_java.generate import Group, NameRule
from fuzz_java.oracle import Answer
from schemareg.avro import Schema, parse
from schemareg.avro.binary import decode_node
from schemareg.avro.canonical import parsing_canonical_form, to_text
from schemareg.avro.depth import with_room
from schemareg.avro.resolution import sources_by_name
from schemareg.avro.schema import Array, Field, Map, NamedType, Record, Type, Union, resolve
from schemareg.compat import Kind, can_read
from schemareg.compat.hazard import AGREED, HazardKind
from schemareg.compat.hazards.default_use import default_use
from schemareg.compat.hazards.pairs import hazards
from schemareg.errors import DecodeError, SchemaParseError

# Kinds of difference. Those of KNOWN are Java's own quirks (see KNOWN_WHY) and fail nothing.
PARSE, VERDICT, KINDS, MESSAGES, LOCATIONS, TEXTS, VALUES = (
    "parse",
    "verdict",
    "kinds",
    "messages",
    "locations",
    "texts",
    "values",
)
AvroVersion: TypeAlias = Literal["1.11", "1.12"]

KNOWN_WHY = {
    "java reads by an alias in the null namespace": "its reader honours `.B`, its verdict does not",
    "java goes by an alias of another type": "its reader renames every writer's type of that name",
    "java forgets a field's aliases under another record name": "the pair is incompatible by name",
    "java reads otherwise where hazards warn": "a hazard of schemareg.compat.hazards describes it",
    "java matches enums and fixeds in a union by full name": "its verdict goes by the short name",
    "java reads by a record that it gave up": "one that comes to itself, and lacks a field",
    "java puts a default to another branch": "the pair is incompatible by name before that",
    "java overflows": "on a record that holds itself, met or not",
}
UNWARNED = "java reads a compatible pair otherwise, without a warning"
_REPLACED = re.compile("\ufffd+")


def parsed(text: str, names: NameRule, avro_version: AvroVersion) -> Schema | None:
    """The schema in `text`, None where we refuse it."""
    try:
        return parse(text, names=names, avro_version=avro_version)
    except SchemaParseError:
        return None


def differences(
    group: Group,
    schemas: Sequence[Schema | None],
    answer: Answer,
    tally: Counter[str],
    avro_version: AvroVersion,
) -> Iterator[tuple[int, str]]:
    """The kinds of difference, each behind the index of its pair in `group.pairs`.

    `schemas` are ours, None where we refuse one; `tally` counts what was compared.
    """
    refused = [index for index, schema in enumerate(schemas) if schema is None]
    odd = set(refused) ^ set(answer["refused"])
    texts = answer.get("texts") or [None] * len(schemas)
    other_texts = set()
    for index, (schema, text) in enumerate(zip(schemas, texts, strict=True)):
        if schema is not None and text is not None:
            tally["canonical texts"] += 2
            if text != [to_text(schema), parsing_canonical_form(schema)]:
                other_texts.add(index)
    for number, pair in enumerate(group.pairs):
        if odd & {*pair}:
            yield number, PARSE
            continue
        reader, writer = (schemas[index] for index in pair)
        if reader is None or writer is None:
            tally["refused by both"] += 1
            continue
        if pair[0] in other_texts:
            yield number, TEXTS
        for kind in _of_pair(reader, writer, answer["pairs"][number], tally, avro_version):
            yield number, kind


def _of_pair(
    reader: Schema, writer: Schema, answer: Answer, tally: Counter[str], avro_version: AvroVersion
) -> Iterator[str]:
    yield from _verdict(reader, writer, answer, tally, avro_version)
    if answer["verdict"] == "THROWS":
        return  # no verdict: each decoder takes another of the two fields
    for datum in answer.get("data", ()):
        yield from _datum(reader, writer, datum, answer["verdict"], tally)


def _verdict(
    reader: Schema, writer: Schema, answer: Answer, tally: Counter[str], avro_version: AvroVersion
) -> Iterator[str]:
    found = list(can_read(reader=reader, writer=writer, avro_version=avro_version))
    verdict = "INCOMPATIBLE" if found else "COMPATIBLE"
    if any(entry.kind is Kind.AMBIGUOUS_FIELD for entry in found):
        verdict = "THROWS"
    tally[answer["verdict"]] += 1
    if verdict != answer["verdict"]:
        yield VERDICT
        return
    if verdict == "THROWS":
        return
    ours = [[entry.kind.value, entry.message, entry.java_location] for entry in found]
    theirs = answer["incompatibilities"]
    for kind, _, _ in theirs:
        tally[kind] += 1
    if len(theirs) > 1:
        tally["several entries"] += 1
    for name, columns in ((KINDS, 1), (MESSAGES, 2), (LOCATIONS, 3)):
        if [entry[:columns] for entry in ours] != [entry[:columns] for entry in theirs]:
            yield name
            return


def _datum(
    reader: Schema, writer: Schema, datum: dict[str, Any], verdict: str, tally: Counter[str]
) -> Iterator[str]:
    tally["events"] += 1
    try:
        value = decode_node(
            bytes.fromhex(datum["hex"]),
            writer=writer.root,
            reader=reader.root,
            any_record_name=True,
        )
    except DecodeError:
        if "value" in datum:
            yield _quirk(reader, writer, datum, verdict) or VALUES
        return
    if "value" in datum and with_room(lambda: _equal(_recorded(value), datum["value"])):
        return
    yield _quirk(reader, writer, datum, verdict) or VALUES


def _quirk(reader: Schema, writer: Schema, datum: dict[str, Any], verdict: str) -> str | None:
    """Which of Java's own quirks explains another value, or a failure; None: it is on us."""
    if datum.get("fails") == "StackOverflowError":
        return "java overflows"
    if datum.get("fails") == "NullPointerException" and verdict == "INCOMPATIBLE":
        return "java reads by a record that it gave up" if _gives_up(reader, writer) else None
    if _renames(reader, writer):
        return "java goes by an alias of another type"
    if "value" in datum and any(alias.startswith(".") for alias in _aliases(reader)):
        return "java reads by an alias in the null namespace"
    warnings = {hazard.kind for hazard in hazards(reader=reader, writer=writer)} - AGREED
    if verdict == "COMPATIBLE":
        return "java reads otherwise where hazards warn" if warnings else UNWARNED
    if HazardKind.UNUSABLE_DEFAULT in warnings:
        return "java reads otherwise where hazards warn"
    if HazardKind.NAMESPACE in warnings:
        return "java matches enums and fixeds in a union by full name"
    if _has_misplaced_default(reader):
        return "java puts a default to another branch"
    if any(field.aliases for type_ in reader.names.values() for field in _fields(type_)):
        return "java forgets a field's aliases under another record name"
    return None


def _gives_up(reader: Schema, writer: Schema) -> bool:
    """A pair of records lacks a field without default, and comes to itself before that is seen.

    Java then refuses the pair, but keeps what it had made of it by then where it met it inside.
    """
    for written, read in _tried(resolve(writer.root), resolve(reader.root)):
        if (
            isinstance(written, Record)
            and isinstance(read, Record)
            and _lacks(read, written)
            and any(w is written and r is read for w, r in islice(_tried(written, read), 1, None))
        ):
            return True
    return False


def _tried(writer: Type, reader: Type) -> Iterator[tuple[Type, Type]]:
    """The pairs that Java's reader tries to bring together, from this one on.

    Each comes once, but for the first; in a union every record is tried, by its fields.
    """
    waiting, seen = [(writer, reader)], set[tuple[int, int]]()
    while waiting:
        pair = waiting.pop()
        yield pair
        for inner in _tried_inside(*pair):
            key = id(inner[0]), id(inner[1])
            if key not in seen:
                seen.add(key)
                waiting.append(inner)


def _tried_inside(writer: Type, reader: Type) -> Iterator[tuple[Type, Type]]:
    match writer, reader:
        case Union(), _:
            yield from ((resolve(branch), reader) for branch in writer.branches)
        case _, Union():
            yield from ((writer, resolve(branch)) for branch in reader.branches)
        case Array(), Array():
            yield resolve(writer.items), resolve(reader.items)
        case Map(), Map():
            yield resolve(writer.values), resolve(reader.values)
        case Record(), Record():
            sources = sources_by_name(writer, reader)
            for field in reader.fields:
                for index in sources.get(field.name, ())[:1]:
                    yield resolve(writer.fields[index].type), resolve(field.type)
        case _:
            pass


def _lacks(reader: Record, writer: Record) -> bool:
    sources = sources_by_name(writer, reader)
    return any(f.name not in sources and f.default is None for f in reader.fields)


def _has_misplaced_default(reader: Schema) -> bool:
    """A default of a union would be a hazard, were its record known by the writer's name."""
    return any(
        hazard.kind is HazardKind.UNUSABLE_DEFAULT
        for type_ in reader.names.values()
        for field in _fields(type_)
        if field.default is not None
        for hazard in default_use(field, field.default)
    )


def _fields(type_: NamedType) -> tuple[Field, ...]:
    return type_.fields if isinstance(type_, Record) else ()


def _aliases(schema: Schema) -> set[str]:
    return {alias for type_ in schema.names.values() for alias in type_.aliases}


def _renames(reader: Schema, writer: Schema) -> bool:
    """An alias of the reader is the full name of some type of the writer."""
    return any(alias.removeprefix(".") in writer.names for alias in _aliases(reader))


def _recorded(value: Any) -> Any:
    match value:
        case bytes():
            return value.decode("latin-1")
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case list():
            return [_recorded(item) for item in value]
        case dict():
            return {key: _recorded(item) for key, item in value.items()}
        case _:
            return value


def _equal(ours: Any, theirs: Any) -> bool:
    if type(ours) is not type(theirs):
        return False
    match ours:
        case float():
            return struct.pack("<d", ours) == struct.pack("<d", theirs)
        case list():
            return len(ours) == len(theirs) and all(map(_equal, ours, theirs))
        case dict():
            return ours.keys() == theirs.keys() and all(
                _equal(ours[key], theirs[key]) for key in ours
            )
        case str():
            # how many U+FFFD stand for bytes that are no text is the UTF-8 decoder's choice
            return _REPLACED.sub("\ufffd", ours) == _REPLACED.sub("\ufffd", theirs)
        case _:
            return bool(ours == theirs)
