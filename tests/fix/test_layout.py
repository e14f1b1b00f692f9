"""The layout of schema texts: what changes, what stays, and that it is stable."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from schemareg.avro.canonical import to_text
from schemareg.avro.parse.parser import parse
from schemareg.errors import UsageError
from schemareg.fix.layout import LayoutSettings, laid_out, layout_settings
from schemareg.settings.toml_table import Table
from schemareg.syntax import same_tokens

ORDER = ("type", "name", "namespace", "doc", "aliases", "default")
REPOSITORY = Path(__file__).parents[2]

ROWS = [
    pytest.param(
        '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}',
        LayoutSettings(),
        '{\n  "type": "record",\n  "name": "R",\n  "fields": [\n'
        '    {"name": "a", "type": "int"}\n  ]\n}\n',
        id="one field a line",
    ),
    pytest.param(
        '{"type":"fixed","name":"F","size":1e1}',
        LayoutSettings(indent=4),
        '{"type": "fixed", "name": "F", "size": 1e1}\n',
        id="numbers keep their spelling",
    ),
    pytest.param(
        '{"doc": "d", "x": 1, "name": "F", "a": 2, "size": 4, "type": "fixed"}',
        LayoutSettings(key_order=ORDER),
        '{"type": "fixed", "name": "F", "doc": "d", "x": 1, "a": 2, "size": 4}\n',
        id="other keys keep their order",
    ),
    pytest.param(
        '[{"default": {"b": 1, "type": 2}, "name": "a", "type": {"values": "int", "type": "map"}}]',
        LayoutSettings(key_order=ORDER),
        "[\n"
        '  {"type": {"type": "map", "values": "int"}, "name": "a",'
        ' "default": {"b": 1, "type": 2}}\n'
        "]\n",
        id="defaults are no schemas",
    ),
    pytest.param(
        '{"name": "F", /* why four */ "size": 4, "type": "fixed"}',
        LayoutSettings(key_order=ORDER),
        '{\n  "name": "F", /* why four */\n  "size": 4,\n  "type": "fixed"\n}\n',
        id="comments keep the order",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "settings", "expected"), ROWS)
def test_layout_of_a_text(text: str, settings: LayoutSettings, expected: str) -> None:
    assert laid_out(text, settings) == expected
    assert laid_out(expected, settings) == expected


@pytest.mark.parametrize("settings", [LayoutSettings(), LayoutSettings(4, 60, ORDER)])
def test_layout_keeps_the_meaning_of_every_golden_schema(settings: LayoutSettings) -> None:
    texts = golden_schemas()
    assert len(texts) > 200
    for text in texts:
        once = laid_out(text, settings)
        assert laid_out(once, settings) == once
        assert json.loads(once) == json.loads(text)
        if not settings.key_order:
            assert same_tokens(once, text)
        assert to_text(parse(once)) == to_text(parse(text))


def golden_schemas() -> list[str]:
    """The schemas of the oracle, spelt as json does, and the files of this repository."""
    golden = REPOSITORY / "tests/golden/avro-java-1.12.1-canonical.jsonl.gz"
    with gzip.open(golden, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [json.dumps(row["schema"]) for row in rows if "pcf" in row]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"indent": 9}, "9 is out of range"),
        ({"width": 10}, "10 is out of range"),
        ({"key_order": ["a", "a"]}, "a key is listed twice"),
        ({"indnt": 2}, "indnt: unknown key"),
    ],
)
def test_layout_settings_refuse(values: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        layout_settings(Table(values, "schemareg.toml", "fmt"))
