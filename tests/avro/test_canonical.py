"""Canonical texts: numbers, escapes, names; the recorded answers are in test_parse_golden."""

from __future__ import annotations

import pytest

from schemareg.avro import parse
from schemareg.avro.canonical import (
    crc64,
    fingerprint,
    java_number,
    json_string,
    parsing_canonical_form,
    to_text,
)

# Values of Double.toString, from its documentation and from Java itself
NUMBERS = [
    (0.0, "0.0"),
    (-0.0, "-0.0"),
    (1.0, "1.0"),
    (-1.5, "-1.5"),
    (0.001, "0.001"),
    (0.00099, "9.9E-4"),
    (9999999.0, "9999999.0"),
    (1e7, "1.0E7"),
    (12345678.9, "1.23456789E7"),
    (1e10, "1.0E10"),
    (1e-5, "1.0E-5"),
    (100.0, "100.0"),
    (123456.75, "123456.75"),
    (2.0**53, "9.007199254740992E15"),
    (0.1 + 0.2, "0.30000000000000004"),
    (1.7976931348623157e308, "1.7976931348623157E308"),
    (5e-324, "4.9E-324"),
    (1e-323, "9.9E-324"),
    (1e23, "1.0E23"),
    (float("nan"), '"NaN"'),
    (float("inf"), '"Infinity"'),
    (float("-inf"), '"-Infinity"'),
]


@pytest.mark.parametrize(("value", "text"), NUMBERS, ids=[text for _, text in NUMBERS])
def test_a_double_as_java_spells_it(value: float, text: str) -> None:
    assert java_number(value) == text


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("plain é 𝄞 / \x7f", '"plain é 𝄞 / \x7f"'),
        ('"\\', '"\\"\\\\"'),
        ("\b\t\n\f\r", '"\\b\\t\\n\\f\\r"'),
        ("\x00\x1f\x0b", '"\\u0000\\u001F\\u000B"'),
        ("half \ud835 of \U0001d49c", '"half ? of \U0001d49c"'),
    ],
)
def test_a_string_as_jackson_quotes_it(text: str, quoted: str) -> None:
    assert json_string(text) == quoted


TEXTS = [
    # a definition stands where its name is used first, even if the text has it later
    (
        '{"type":"record","name":"R","fields":[{"name":"a","type":"F"},'
        '{"name":"b","type":{"type":"fixed","name":"F","size":1}}]}',
        '{"type":"record","name":"R","fields":[{"name":"a","type":'
        '{"type":"fixed","name":"F","size":1}},{"name":"b","type":"F"}]}',
    ),
    # a name that is also the word of a type stays full
    (
        '{"type":"record","name":"x.R","fields":[{"name":"a","type":'
        '{"type":"record","name":"map","fields":[]}},{"name":"b","type":"x.map"}]}',
        '{"type":"record","name":"R","namespace":"x","fields":[{"name":"a","type":'
        '{"type":"record","name":"map","fields":[]}},{"name":"b","type":"x.map"}]}',
    ),
    # back in the null namespace
    (
        '{"type":"record","name":"x.R","fields":[{"name":"a","type":'
        '{"type":"fixed","name":"F","namespace":"","size":1}}]}',
        '{"type":"record","name":"R","namespace":"x","fields":[{"name":"a","type":'
        '{"type":"fixed","name":"F","namespace":"","size":1}}]}',
    ),
    (
        '{"items":{"type":"int"},"type":"array","z":[1e10,{}]}',
        '{"type":"array","items":"int","z":[1.0E10,{}]}',
    ),
]


@pytest.mark.parametrize(("text", "canonical"), TEXTS)
def test_to_text(text: str, canonical: str) -> None:
    assert to_text(parse(text)) == canonical


# Source: Avro specification, "Parsing Canonical Form for Schemas", and its fingerprints of "int"
def test_fingerprints_of_int_from_the_avro_project() -> None:
    schema = parse('{"type":"int","doc":"any"}')
    assert parsing_canonical_form(schema) == '"int"'
    assert fingerprint(schema, "CRC-64-AVRO") == "7275d51a3f395c8f"
    assert fingerprint(schema, "MD5") == "ef524ea1b91e73173d938ade36c1db32"
    assert (
        fingerprint(schema, "SHA-256")
        == "3f2b87a9fe7cc9b13835598c3981cd45e3e355309e5090aa0933d7becb6fba45"
    )


def test_crc64_of_nothing_is_the_polynomial() -> None:
    assert crc64(b"") == 0xC15D213AA4D7A795


def test_the_canonical_form_writes_references_in_full() -> None:
    money = parse('{"type":"fixed","name":"a.Money","size":8}')
    order = parse('{"type":"array","items":"a.Money"}', references=[money])
    assert parsing_canonical_form(order) == (
        '{"type":"array","items":{"name":"a.Money","type":"fixed","size":8}}'
    )
    assert to_text(order) == '{"type":"array","items":"a.Money"}'
