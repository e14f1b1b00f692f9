"""JSON texts as Avro Java reads them."""

from __future__ import annotations

import random

import pytest

from schemareg.avro.parse.source import (
    _read_exactly,
    _read_plain,
    load,
)
from schemareg.errors import SchemaParseError
from schemareg.places import ROOT


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "a": 2}', {"a": 2}),
        ("/**/ [1, // one\n 2]", [1, 2]),
        ('"// no comment"', "// no comment"),
        ("12345678901234567890123", 12345678901234567890123),
        ("-0.0e1", -0.0),
        ('"\\ud800"', "\ud800"),
        (' \t\r\n"x" \x1f\x00', "x"),
    ],
)
def test_load(text: str, value: object) -> None:
    assert load(text) == value


# Pieces of JSON, right and wrong, whose combinations two readers might take differently
PIECES = [
    "0", "-0", "-0.0", "1", "-12", "1.5", "1e5", "1E-5", "1e400", "-1e400", "1e-400", "01", "1.",
    ".5", "+1", "123456789012345", "1234567890123456", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "18446744073709551616", "0.1234567890123456789", "5e-324",
    "2.2250738585072011e-308", "1.7976931348623159e308", "123456789012345e-300", "true", "null",
    "NaN", "Infinity", '""', '"a"', '"\\u0000"', '"\\ud834\\udd1e"', '"\\ud834"', '"\\/"',
    '"\x7f"', '"\x1f"', '"é𝄞"', '"\\x"', "[]", "{}", '{"a":1,"b":2,"a":3}', "[1,]", "{,}",
    "/**/", "//", "\ufeff", " ", "\t\r\n", "\x0b", "\xa0",
]  # fmt: skip


def test_the_fast_reader_reads_as_the_exact_one_or_not_at_all() -> None:
    chance = random.Random(1)
    fast = 0
    for _ in range(20_000):
        parts = [chance.choice(PIECES) for _ in range(chance.randint(1, 4))]
        text = chance.choice(("{0}", "[{0}]", '{{"k":{0}}}', '{{"k":{0},"l":[{0}],"k":{1}}}'))
        text = text.format(chance.choice((",", "", ":")).join(parts), chance.choice(PIECES))
        quick = _read_plain(text)
        if quick is None:
            continue
        fast += 1
        exact = _read_exactly(text)
        assert repr(quick) == repr(exact), text
    assert fast > 2000


def test_a_refusal_has_its_place() -> None:
    with pytest.raises(SchemaParseError) as refusal:
        load('{\n  "a": [1,\n  2 3]}')
    (problem,) = refusal.value.problems
    assert (problem.line, problem.column, problem.pointer) == (3, 5, ROOT)
    assert "found '3]}'" in problem.message


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('/* one */ {"a": /* two', 1, 17, "a comment without an end"),
        ("// only\n/* comments */", 1, 1, "the text is empty"),
        ('// one\n["int" "string" // two\n]', 2, 8, "found '\"string\" // two'"),
    ],
)
def test_a_refusal_quotes_the_text_with_its_comments(
    text: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(SchemaParseError) as refusal:
        load(text)
    (problem,) = refusal.value.problems
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message
