"""Texts that are often given as schemas: one clear piece of advice for each kind."""

from __future__ import annotations

import json

import pytest

from schemareg.avro import parse
from schemareg.errors import SchemaParseError

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


@pytest.mark.parametrize("text", ['{"type": "recrod"}', '{"name": "E"}', "{", "recordings", '"E"'])
def test_other_mistakes_are_none(text: str) -> None:
    with pytest.raises(SchemaParseError) as refusal:
        parse(text)
    assert "looks like" not in (refusal.value.problems[0].advice or "")
