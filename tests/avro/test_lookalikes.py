"""Texts that are often given as schemas: one clear piece of advice for each kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemareg.avro import parse
from schemareg.errors import SchemaParseError
from schemareg.workspace import Config, build_project

SCHEMA = json.dumps({"type": "record", "name": "E", "fields": []})

ROWS = [
    (json.dumps({"subject": "a", "version": 1, "id": 7, "schema": SCHEMA}), "a registry's answer"),
    (json.dumps({"schema": SCHEMA}), "a registry's answer"),
    (json.dumps({"protocol": "Mail", "types": [], "messages": {}}), "an Avro protocol (.avpr)"),
    (json.dumps(SCHEMA), "the schema is encoded twice"),
    ("protocol Mail { record E { int x; } }", "Avro IDL (.avdl)"),
    ('@namespace("a.b")\nprotocol Mail {}', "Avro IDL (.avdl)"),
    ("/** Mail. */\n// by us\nnamespace a.b;\nschema E;", "Avro IDL (.avdl)"),
]


@pytest.mark.parametrize(("text", "advice"), ROWS)
def test_a_lookalike_is_named(text: str, advice: str) -> None:
    with pytest.raises(SchemaParseError) as refusal:
        parse(text)
    assert advice in (refusal.value.problems[0].advice or "")


def test_a_schema_encoded_twice_is_named_in_a_project() -> None:
    config = Config(cwd=Path("/nowhere"))
    project = build_project([("E.avsc", json.dumps(SCHEMA).encode())], config)
    assert [p.advice for e in project.failures for p in e.problems] == [
        "the schema is encoded twice: decode the JSON string, and give the text inside it"
    ]


@pytest.mark.parametrize("text", ['{"type": "recrod"}', '{"name": "E"}', "{", "recordings", '"E"'])
def test_other_mistakes_are_none(text: str) -> None:
    with pytest.raises(SchemaParseError) as refusal:
        parse(text)
    assert "looks like" not in (refusal.value.problems[0].advice or "")
