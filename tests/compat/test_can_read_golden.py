"""Every recorded verdict of Avro Java 1.12.1."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemareg.avro import Schema, parse
from schemareg.compat import Incompatibility, Kind, can_read
from schemareg.errors import SchemaParseError
from schemareg.places import tokens

GOLDEN = Path(__file__).parent.parent / "golden" / "avro-java-1.12.1-pairs.jsonl.gz"


def pairs() -> Iterator[dict[str, Any]]:
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def parsed(value: object, avro_version: str = "1.12") -> Schema | None:
    try:
        return parse(json.dumps(value), avro_version=avro_version)
    except SchemaParseError:
        return None


ANSWERS = frozenset(("refused", "verdict", "incompatibilities"))


def said(found: list[Incompatibility]) -> list[dict[str, str]]:
    return [{"type": str(i.kind), "location": i.java_location, "message": i.message} for i in found]


def at(value: Any, pointer: str) -> Any:
    """What stands at `pointer`; KeyError or IndexError where nothing does."""
    for token in tokens(pointer):  # type: ignore[arg-type]  # a Pointer is a str
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


def test_verdict_kind_message_and_location_equal_java_on_every_recorded_pair() -> None:
    verdicts: Counter[str] = Counter()
    differences: list[tuple[object, object]] = []
    for pair in pairs():
        found = answer(pair, "1.12")
        expected = {key: pair[key] for key in pair.keys() & ANSWERS}
        if expected.get("verdict") == "THROWS":
            expected = {"verdict": "THROWS"}
        if found != expected:
            differences.append((found, pair))
        verdict = str(found.get("verdict", "refused"))
        verdicts[verdict] += 1
    assert differences == []
    assert verdicts == {
        "refused": 3402,
        "INCOMPATIBLE": 1988,
        "COMPATIBLE": 1718,
        "THROWS": 234,
    }


def answer(pair: dict[str, Any], avro_version: str) -> dict[str, Any]:
    """What we say of a pair, as the recorded lines have it."""
    schemas = {role: parsed(pair[role], avro_version) for role in ("reader", "writer")}
    reader, writer = schemas["reader"], schemas["writer"]
    if reader is None or writer is None:
        return {"refused": [role for role, schema in schemas.items() if schema is None]}
    found = list(can_read(reader=reader, writer=writer, avro_version=avro_version))
    if [i.kind for i in found] == [Kind.AMBIGUOUS_FIELD]:
        return {"verdict": "THROWS"}
    verdict = "INCOMPATIBLE" if found else "COMPATIBLE"
    return {"verdict": verdict, "incompatibilities": said(found)}


def test_every_recorded_pair_on_which_1_11_5_answers_otherwise() -> None:
    all_pairs = list(pairs())
    differences = []
    count = 0
    with gzip.open(
        GOLDEN.parent / "avro-java-1.11.5-pairs.jsonl.gz", "rt", encoding="utf-8"
    ) as file:
        for expected in map(json.loads, file):
            count += 1
            pair = all_pairs[expected.pop("line") - 1]
            if answer(pair, "1.11") != expected:
                differences.append((pair, expected))
            assert answer(pair, "1.12") != expected
    assert differences == []
    assert count == 112


def test_pointers_lead_to_the_clash_in_both_texts_on_every_recorded_pair() -> None:
    wrong = []
    for pair in pairs():
        if pair.get("verdict") != "INCOMPATIBLE":
            continue
        reader, writer = parsed(pair["reader"]), parsed(pair["writer"])
        assert reader is not None
        assert writer is not None
        for i in can_read(reader=reader, writer=writer):
            in_reader = at(pair["reader"], i.reader_pointer)
            in_writer = at(pair["writer"], i.writer_pointer)
            if not fits(i, in_reader, in_writer):
                wrong.append((i, pair))
    assert wrong == []


def kind_of(value: Any) -> str:
    """The Java name of the type that `value` describes."""
    if isinstance(value, list):
        return "UNION"
    kind = value["type"] if isinstance(value, dict) else value
    return "RECORD" if kind == "error" else str(kind).upper()


def fits(i: Incompatibility, in_reader: Any, in_writer: Any) -> bool:
    """Whether what stands at the two places is what the message speaks of."""
    match i.kind:
        case Kind.NAME_MISMATCH:
            name = i.message.removeprefix("expected: ").rpartition(".")[2]
            return in_writer.rpartition(".")[2] == name and isinstance(in_reader, str)
        case Kind.FIXED_SIZE_MISMATCH:
            return i.message == f"expected: {in_writer}, found: {in_reader}"
        case Kind.MISSING_ENUM_SYMBOLS:
            missing = i.message[1:-1].split(", ")
            return set(missing) == set(in_writer) - set(in_reader)
        case Kind.READER_FIELD_MISSING_DEFAULT_VALUE:
            return bool(in_reader["name"] == i.message) and kind_of(in_writer) == "RECORD"
        case Kind.TYPE_MISMATCH:
            return i.message == (
                f"reader type: {kind_of(in_reader)} "
                f"not compatible with writer type: {kind_of(in_writer)}"
            )
        case Kind.MISSING_UNION_BRANCH:
            kinds = kind_of(in_writer)
            named = kinds not in KINDS
            return isinstance(in_reader, list) and (
                named or i.message == f"reader union lacking writer type: {kinds}"
            )
        case _:
            return False


WORDS = "null boolean int long float double bytes string record enum fixed array map union"
KINDS = frozenset(WORDS.upper().split())


@pytest.mark.parametrize("role", ["reader", "writer"])
def test_a_schema_reads_itself_unless_it_is_ambiguous(role: str) -> None:
    broken = []
    for pair in pairs():
        schema, twin = parsed(pair[role]), parsed(pair[role])
        if schema is None or twin is None:
            continue
        kinds = {i.kind for i in can_read(reader=schema, writer=twin)}
        if kinds - {Kind.AMBIGUOUS_FIELD}:
            broken.append(pair[role])
    assert broken == []
