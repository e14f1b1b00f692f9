"""Edits and layout of a JSON text: what changes, and that nothing else does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemareg.places import Pointer, child
from schemareg.syntax import Insert, Remove, Rename, Replace, format_text, parse_text, same_tokens
from schemareg.syntax.edits import Edit

P = Pointer
MULTI = """{
  "a": 1, // the first
  "b": 2,
  "c": 3 // the last
}
"""


@pytest.mark.parametrize(
    ("text", "edits", "expected"),
    [
        ("[1, 2, 3]", [Replace(P("/1"), '"x"')], '[1, "x", 3]'),
        ("[1, 2, 3]", [Remove(P("/1"))], "[1, 3]"),
        ("[1, 2, 3]", [Remove(P("/0"))], "[2, 3]"),
        ("[1, 2, 3]", [Remove(P("/2"))], "[1, 2]"),
        ("[1, 2, 3]", [Remove(P("/1")), Remove(P("/2"))], "[1]"),
        ("[1, 2, 3]", [Remove(P("/0")), Remove(P("/1"))], "[3]"),
        ("[ 1, 2 ]", [Remove(P("/0")), Remove(P("/1"))], "[]"),
        ("[1, 2, 3]", [Insert(P(""), "0", index=0)], "[0, 1, 2, 3]"),
        ("[1, 2, 3]", [Insert(P(""), "4")], "[1, 2, 3, 4]"),
        ("[1, 2]", [Insert(P(""), "8"), Insert(P(""), "9")], "[1, 2, 8, 9]"),
        ("[]", [Insert(P(""), "1"), Insert(P(""), "2")], "[1, 2]"),
        ("[1]", [Remove(P("/0")), Insert(P(""), "2")], "[2]"),
        ("[1, 2]", [Remove(P("/1")), Insert(P(""), "3")], "[1, 3]"),
        ("[1, 2,]", [Remove(P("/1"))], "[1]"),
        ("[1, 2,]", [Insert(P(""), "3")], "[1, 2, 3]"),
        ('{"a" : 1}', [Rename(P("/a"), "é")], '{"é" : 1}'),
        ('{"a": {"b": 1}}', [Insert(P("/a"), "2", key="c")], '{"a": {"b": 1, "c": 2}}'),
        (MULTI, [Remove(P("/b"))], MULTI.replace('  "b": 2,\n', "")),
        (MULTI, [Remove(P("/a"))], '{\n  // the first\n  "b": 2,\n  "c": 3 // the last\n}\n'),
        (
            MULTI,
            [Insert(P(""), "4", key="d")],
            MULTI.replace('"c": 3 //', '"c": 3,\n  "d": 4 //'),
        ),
        (
            MULTI,
            [Insert(P(""), "0", key="z", index=0)],
            MULTI.replace('  "a"', '  "z": 0,\n  "a"'),
        ),
        ("[1, // one\n2 ]", [Remove(P("/1"))], "[1 // one\n ]"),
    ],
)
def test_edit(text: str, edits: list[Edit], expected: str) -> None:
    assert parse_text(text).edit(edits) == expected


@pytest.mark.parametrize(
    "edits",
    [
        [Replace(P("/x"), "1")],
        [Rename(P("/a/0"), "b")],
        [Rename(P(""), "b")],
        [Remove(P(""))],
        [Insert(P("/a/0"), "1")],
    ],
)
def test_edit_of_what_the_text_does_not_have(edits: list[Edit]) -> None:
    with pytest.raises(LookupError):
        parse_text('{"a": [1]}').edit(edits)


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="two edits touch the characters at offset 7"):
        parse_text('{"a": [1]}').edit([Replace(P("/a"), "2"), Replace(P("/a/0"), "2")])


@given(
    st.lists(st.integers(0, 9), max_size=6),
    st.sets(st.integers(0, 5)),
    st.lists(st.tuples(st.integers(0, 6), st.integers(10, 19)), max_size=3),
    st.sampled_from([None, 2]),
)
@settings(max_examples=200, deadline=None)
def test_removed_and_inserted_items_are_those_of_a_list(
    items: list[int], removed: set[int], inserted: list[tuple[int, int]], indent: int | None
) -> None:
    text = json.dumps(items, indent=indent)
    removed = {index for index in removed if index < len(items)}
    edits: list[Edit] = [Remove(child(P(""), index)) for index in removed]
    edits += [Insert(P(""), str(value), index=index) for index, value in inserted]
    expected: list[int] = []
    for at in range(len(items) + 1):
        expected += [v for index, v in inserted if min(index, len(items)) == at]
        expected += [items[at]] if at < len(items) and at not in removed else []
    assert json.loads(parse_text(text).edit(edits)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":1,"b":[1,2]}', '{"a": 1, "b": [1, 2]}\n'),
        ('[{"a":1.50,"b":"\\u0041"}]', '[\n  {"a": 1.50, "b": "\\u0041"}\n]\n'),
        ("[]", "[]\n"),
        (
            '{"a":1,//one\n"b":[ // in\n2]}',
            '{\n  "a": 1, //one\n  "b": [ // in\n    2\n  ]\n}\n',
        ),
        ("/* top */\n{}", "/* top */\n{}\n"),
        ('{"a": [1,', '{"a": [1,\n'),
    ],
)
def test_format(text: str, expected: str) -> None:
    assert format_text(text) == expected


def _with_comments(text: str) -> str:
    return text.replace(",", ", // a comment\n").replace("[", "[/* b */")


@given(
    st.recursive(
        st.none() | st.integers() | st.text("ab", max_size=3),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab"), inner),
        max_leaves=20,
    ),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_format_changes_only_white_space_and_settles(
    value: object, flat: bool, with_comments: bool
) -> None:
    text = json.dumps(value)
    text = _with_comments(text) if with_comments else text
    once = format_text(text, flat=flat)
    assert same_tokens(once, text)
    assert len(parse_text(once).comments) == len(parse_text(text).comments)
    assert format_text(once, flat=flat) == once
