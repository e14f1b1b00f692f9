"""Which defaults fit a type, as in Avro Java."""

from __future__ import annotations

import json

import pytest

from schemareg.avro import parse
from tests.avro.texts import fields_of, problems

DEFAULTS = [
    ("int", "1", True),
    ("int", "1.0", False),
    ("int", "2147483648", False),
    ("int", "true", False),
    ("long", "9223372036854775807", True),
    ("long", "9223372036854775808", False),
    ("float", '"NaN"', True),
    ("double", '" 0x1p3f "', True),
    ("double", '"1,5"', False),
    ("double", "123456789012345678901234567890", True),
    (["double"], '"1.5"', False),
    ("string", '"x"', True),
    ("string", "1", False),
    ("bytes", '"ÿ"', True),
    ("null", "null", True),
    ("boolean", "0", False),
    (["null", "int"], "1", True),
    (["int", "null"], "null", True),
    (["int", "null"], '"x"', False),
    ({"type": "array", "items": "int"}, "[1, 2]", True),
    ({"type": "array", "items": "int"}, '[1, "2"]', False),
    ({"type": "map", "values": "int"}, '{"k": 1}', True),
    ({"type": "map", "values": "int"}, "[]", False),
    ({"type": "enum", "name": "E", "symbols": ["A"]}, '"B"', True),
    ({"type": "fixed", "name": "F", "size": 2}, '"too long"', True),
    (
        {"type": "record", "name": "S", "fields": [{"name": "z", "type": "int"}]},
        "{}",
        False,
    ),
    (
        {"type": "record", "name": "S", "fields": [{"name": "z", "type": "int", "default": 1}]},
        "{}",
        True,
    ),
]


@pytest.mark.parametrize(("type_", "default", "fits"), DEFAULTS)
def test_a_default_fits_as_in_java(type_: object, default: str, fits: bool) -> None:
    text = fields_of(f'{{"name":"a","type":{json.dumps(type_)},"default":{default}}}')
    if fits:
        parse(text)
    else:
        assert [(p.pointer, p.code) for p in problems(text)] == [
            ("/fields/0/default", "invalid-default")
        ]


def test_a_default_of_a_type_that_is_defined_later_is_refused_with_the_way_out() -> None:
    text = fields_of(
        '{"name":"a","type":"E","default":"A"}',
        '{"name":"b","type":{"type":"enum","name":"E","symbols":["A"]}}',
    )
    (problem,) = problems(text)
    assert problem.message == "default \"A\" of field 'a' does not fit E, which is not defined yet"
    assert problem.advice == "define 'E' before this field, or drop the default"


@pytest.mark.parametrize(
    "fields",
    [
        # the record itself has no fields yet when its default is judged
        ('{"name":"a","type":["null","R"],"default":{}}',),
        ('{"name":"a","type":{"type":"array","items":"R"},"default":[{}]}',),
    ],
)
def test_a_default_that_needs_the_record_around_it_is_refused(fields: tuple[str, ...]) -> None:
    assert [p.code for p in problems(fields_of(*fields))] == ["invalid-default"]
