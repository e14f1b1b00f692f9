"""Where a pointer stands in a text."""

from __future__ import annotations

import pytest

from schemareg.avro.source import duplicate_keys, load, locate, locate_all
from schemareg.errors import SchemaParseError
from schemareg.places import ROOT, Pointer

TEXT = """/* a "comment" { */
{ "type": "record", // the kind
  "a/b~c": [1, {"x": "}"}, []],
  "\\u0061": {"k": null},
  "dup": 1,
  "dup": [true]
}"""

PLACES = [
    ("", 2, 1),
    ("/type", 2, 11),
    ("/a~1b~0c", 3, 12),
    ("/a~1b~0c/0", 3, 13),
    ("/a~1b~0c/1", 3, 16),
    ("/a~1b~0c/1/x", 3, 22),
    ("/a~1b~0c/2", 3, 28),
    ("/a", 4, 13),
    ("/a/k", 4, 19),
    ("/dup", 6, 10),
    ("/dup/0", 6, 11),
    ("/missing", 0, 0),
    ("/a~1b~0c/3", 0, 0),
]


@pytest.mark.parametrize(("pointer", "line", "column"), PLACES)
def test_locate(pointer: str, line: int, column: int) -> None:
    assert locate(TEXT, Pointer(pointer)) == (line, column)


def test_locate_all_answers_in_the_order_asked() -> None:
    pointers = [Pointer(pointer) for pointer, _, _ in reversed(PLACES)]
    assert locate_all(TEXT, pointers) == [(line, col) for _, line, col in reversed(PLACES)]


def test_columns_count_characters() -> None:
    assert locate('{"é𝄞": 1}', Pointer("/é𝄞")) == (1, 8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", []),
        ('{"a": 1, "b": {"a": 2}}', []),
        ('{"a": 1, "a": {"b": 1, "\\u0062": 2}, "a": 3}', ["/a", "/a/b", "/a"]),
        ('[{"a": 1}, {"a": 1}, {"a": 1, "a": 1}]', ["/2/a"]),
        ('{"a": "\\"a\\": 1", /* "a": 2 */ "b": 3}', []),
    ],
)
def test_duplicate_keys(text: str, expected: list[str]) -> None:
    assert list(duplicate_keys(text)) == expected


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


def test_a_refusal_has_its_place() -> None:
    with pytest.raises(SchemaParseError) as refusal:
        load('{\n  "a": [1,\n  2 3]}')
    (problem,) = refusal.value.problems
    assert (problem.line, problem.column, problem.pointer) == (3, 5, ROOT)
    assert "found '3]}'" in problem.message
