"""Every recorded answer of Avro Java's parsers: what they take, refuse, and keep."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemareg.avro import parse
from schemareg.avro.canonical import fingerprint, parsing_canonical_form, to_text
from schemareg.avro.schema import walk
from schemareg.errors import SchemaParseError

GOLDEN = Path(__file__).parent.parent / "golden"
PROFILES = {"1.12.1": "1.12", "1.11.5": "1.11"}
TAKEN = {"1.12.1": 600, "1.11.5": 500}


def lines(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(GOLDEN / name, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


@pytest.mark.parametrize("version", PROFILES)
def test_parse_agrees_with_java_on_every_recorded_text(version: str) -> None:
    differences = []
    taken = refused = 0
    for line in lines("avro-java-parser.jsonl.gz"):
        if line["avro"] != version:
            continue
        try:
            answer = to_text(parse(line["text"], avro_version=PROFILES[version]))
        except SchemaParseError:
            refused += 1
            if "refused" not in line:
                differences.append(("refused", line))
            continue
        taken += 1
        if answer != line.get("to_string"):
            differences.append((answer, line))
    assert differences == []
    assert taken == TAKEN[version]
    assert refused > 150


def test_every_node_has_the_pointer_of_its_value_in_the_text() -> None:
    count = 0
    for line in lines("avro-java-1.12.1-canonical.jsonl.gz"):
        schema = parse(json.dumps(line["schema"]))
        for node in walk(schema):
            count += 1
            pointer = schema.pointer(node)
            assert pointer == schema.value_of(node).pointer
    assert count > 1000


def test_canonical_texts_and_fingerprints_equal_java_on_every_recorded_schema() -> None:
    differences = []
    count = 0
    for line in lines("avro-java-1.12.1-canonical.jsonl.gz"):
        count += 1
        schema = parse(json.dumps(line["schema"]))
        answer = {
            "schema": line["schema"],
            "to_string": to_text(schema),
            "pcf": parsing_canonical_form(schema),
            "crc64": fingerprint(schema, "CRC-64-AVRO"),
            "md5": fingerprint(schema, "MD5"),
            "sha256": fingerprint(schema, "SHA-256"),
        }
        if answer != line:
            differences.append((answer, line))
    assert differences == []
    assert count == 1188


def test_a_rendered_schema_is_the_same_schema() -> None:
    """parse(to_text(s)) renders as s for all recorded schemas."""
    changed = []
    for line in lines("avro-java-1.12.1-canonical.jsonl.gz"):
        if '".' in json.dumps(line["schema"]):
            continue  # Java's text loses the dot of an alias in the null namespace
        try:
            again = to_text(parse(line["to_string"]))
        except SchemaParseError as error:
            changed.append((str(error), line["to_string"]))
            continue
        if again != line["to_string"]:
            changed.append((again, line["to_string"]))
    assert changed == []
