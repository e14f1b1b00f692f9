"""Generated classes: what they look like, and that the codec reads and writes them."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from schemareg.avro.parse.parser import parse
from schemareg.avro.schema import Node, Schema, Type, resolve
from schemareg.codec import Decoder, compile_decoder, compile_encoder, maker
from schemareg.errors import UsageError
from schemareg.generate.python import Style, python_source
from schemareg.sampling.sample import sample
from schemareg.workspace import load_config, load_project

REPOSITORY = Path(__file__).parents[2]

# Names of fields that hide builtins and types, records of one shape in a union, hostile docs,
# symbols that are keywords, and a default of every kind.
HARD: dict[str, Any] = {
    "type": "record",
    "name": "Hard",
    "namespace": "shop",
    "doc": 'ends with """ and \\',
    "fields": [
        {"name": "str", "type": "string", "default": 'a"b\n\u202e', "doc": 'quoted"'},
        {"name": "list", "type": {"type": "array", "items": "string"}, "default": ["x"]},
        {"name": "dict", "type": {"type": "map", "values": "int"}, "default": {}},
        {"name": "int", "type": ["null", "int"], "default": None},
        {
            "name": "Paid",
            "type": [
                {"type": "record", "name": "Paid", "fields": [{"name": "at", "type": "long"}]},
                {"type": "record", "name": "Lost", "fields": [{"name": "at", "type": "long"}]},
            ],
            "default": {"at": 7},
        },
        {
            "name": "kind",
            "type": {"type": "enum", "name": "Kind", "symbols": ["None", "name", "A", "name_"]},
            "default": "None",
        },
        {"name": "day", "type": {"type": "int", "logicalType": "date"}, "default": 1},
        {
            "name": "at",
            "type": {"type": "long", "logicalType": "timestamp-millis"},
            "default": 1500,
        },
        {
            "name": "price",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            "default": "\u0001\u0000",
        },
        {"name": "raw", "type": ["bytes", "null"], "default": "\u00ff"},
        {"name": "ratio", "type": "double", "default": "NaN"},
        {"name": "share", "type": "float", "default": -0.5},
        {"name": "inner", "type": ["null", "Hard"], "default": None},
        {
            "name": "many",
            "type": {"type": "array", "items": ["Paid", "Lost", "Kind"]},
            "default": [],
        },
        {"name": "text", "type": ["string", "Kind"], "default": "A"},
    ],
}


@pytest.fixture
def module(request: pytest.FixtureRequest) -> Iterator[types.ModuleType]:
    """The hard schema as a module that hints can be looked up in."""
    source = python_source([hard()], request.param)
    made = types.ModuleType("generated_events")
    sys.modules[made.__name__] = made
    exec(compile(source, made.__name__, "exec"), made.__dict__)
    yield made
    del sys.modules[made.__name__]


def hard() -> Schema:
    return parse(json.dumps(HARD))


def decoder(schema: Schema) -> Decoder:
    return compile_decoder(writer=schema, branch_names=True)


BOTH = pytest.mark.parametrize("module", list(Style), indirect=True)


@BOTH
def test_events_of_every_kind_come_back_as_the_bytes_they_were(module: types.ModuleType) -> None:
    schema = hard()
    encode, decode = (
        compile_encoder(schema),
        compile_decoder(reader=schema, writer=schema, branch_names=True),
    )
    make = maker(module.Hard, classes=module.CLASSES)
    for event in sample(schema, seed=4, count=40):
        written = encode(event)
        made = make(decode(written))
        assert type(made) is module.Hard
        assert encode(made) == written


@BOTH
def test_records_of_one_shape_stay_apart(module: types.ModuleType) -> None:
    schema = hard()
    lost = module.Hard(
        Paid=module.Lost(at=1), many=[module.Paid(at=2), module.Lost(at=2)], text=module.Kind.A
    )
    decoded = compile_decoder(reader=schema, writer=schema, branch_names=True)(
        compile_encoder(schema)(lost)
    )
    back = maker(module.Hard, classes=module.CLASSES)(decoded)
    assert (back.Paid, back.many) == (lost.Paid, lost.many)
    assert (type(back.Paid), type(back.text)) == (module.Lost, module.Kind)
    assert type(maker(module.Hard)(decoder(schema)(compile_encoder(schema)(module.Hard())))) is (
        module.Hard
    )


@BOTH
def test_defaults_are_those_of_the_schema(module: types.ModuleType) -> None:
    made = module.Hard()
    nothing = parse('{"type": "record", "name": "shop.Hard", "fields": []}')
    defaults = compile_decoder(writer=nothing, reader=hard(), branch_names=True)(b"")
    encode = compile_encoder(hard())
    assert encode(made) == encode({**defaults, "Paid": ("shop.Paid", {"at": 7})})
    assert (made.str, made.list, made.dict, made.int) == ('a"b\n\u202e', ["x"], {}, None)
    assert (made.Paid, made.kind.value) == (module.Paid(at=7), "None")
    assert (str(made.day), made.at.isoformat()) == (
        "1970-01-02",
        "1970-01-01T00:00:01.500000+00:00",
    )
    assert (str(made.price), made.raw, made.share) == ("2.56", b"\xff", -0.5)
    with pytest.raises(FrozenInstanceError):
        made.int = 3


def test_docs_are_docstrings_and_hold_no_code() -> None:
    source = python_source([hard()])
    assert '    """ends with \\"\\"\\" and \\\\"""\n' in source
    assert '    """quoted\\""""\n' in source
    assert "\u202e" not in source
    assert python_source([hard()]) == source


REFUSED = [
    ("from", "Order", "shop.Order.from cannot be a field in Python: 'from' has a meaning there"),
    ("_id", "Order", "shop.Order._id cannot be a field in Python: '_id' has a meaning there"),
    ("id", "int", "shop.int cannot be a class in Python: 'int' has a meaning there"),
]


@pytest.mark.parametrize(("field", "name", "words"), REFUSED)
def test_a_name_that_python_cannot_have_is_reported(field: str, name: str, words: str) -> None:
    fields = [{"name": field, "type": "int"}]
    text = json.dumps({"type": "record", "name": f"shop.{name}", "fields": fields})
    with pytest.raises(UsageError, match=words):
        python_source([parse(text)])


def test_types_of_one_short_name_are_reported() -> None:
    texts = [f'{{"type": "record", "name": "{n}.Order", "fields": []}}' for n in ("a", "b")]
    with pytest.raises(UsageError, match=r"a\.Order and b\.Order would both be the class Order"):
        python_source(map(parse, texts))


def test_schemas_of_this_repository_have_classes() -> None:
    project = load_project(load_config(None, REPOSITORY), None)
    source = python_source(file.schema for file in project.files)
    assert "class OrderCreated:" in source
    compile(source, "events.py", "exec")


def test_a_record_of_many_fields_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = [{"name": f"f{i}", "type": "int"} for i in range(3_000)]
    schema = parse(json.dumps({"type": "record", "name": "E", "fields": fields}))
    resolved: list[object] = []

    def counted(node: Node) -> Type:
        resolved.append(node)
        return resolve(node)

    monkeypatch.setattr("schemareg.generate.python.resolve", counted)
    python_source([schema])
    assert len(resolved) < 10 * len(fields)
