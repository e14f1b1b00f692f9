"""The tree of a JSON text: ranges, positions, nodes, also of texts that are not JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemareg.places import ROOT, Pointer, Range, child
from schemareg.syntax import blank_comments, deeper_than, parse_text, tokens

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
    assert parse_text(TEXT).locate(Pointer(pointer)) == (line, column)


def test_columns_count_characters() -> None:
    assert parse_text('{"é𝄞": 1}').locate(Pointer("/é𝄞")) == (1, 8)


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
def test_repeated_keys(text: str, expected: list[str]) -> None:
    assert [node.pointer for node in parse_text(text).repeated()] == expected


@pytest.mark.parametrize(
    ("pointer", "value", "key"),
    [
        ("", '{"a": [1, {"b" : "x"}], "a/b": -1.5e3 }', None),
        ("/a", '[1, {"b" : "x"}]', '"a"'),
        ("/a/0", "1", None),
        ("/a/1/b", '"x"', '"b"'),
        ("/a~1b", "-1.5e3", '"a/b"'),
        ("/a/2", None, None),
        ("/a/01", None, None),
        ("/a/-", None, None),
        ("/a/0/x", None, None),
    ],
)
def test_ranges_of_value_and_key(pointer: str, value: str | None, key: str | None) -> None:
    text = '{"a": [1, {"b" : "x"}], "a/b": -1.5e3 }'
    tree = parse_text(text)
    ranges = tree.range(Pointer(pointer)), tree.key_range(Pointer(pointer))
    assert [r and text[r.start : r.end] for r in ranges] == [value, key]


@pytest.mark.parametrize(
    ("offset", "pointer"),
    [(0, ""), (1, "/a"), (4, "/a"), (7, "/a"), (8, "/a/0"), (9, "/a"), (11, "/a/1"),
     (12, "/a/1"), (13, "/a"), (14, ""), (15, ""), (16, None)],
)  # fmt: skip
def test_node_at_offset(offset: int, pointer: str | None) -> None:
    node = parse_text('{"a" : [1, 22] }').node_at(offset)
    assert (node and node.pointer) == pointer


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ("", []),
        (" // nothing\n", []),
        ("[1, 2,]", ["", "/0", "/1"]),
        ('{"a": 1 "b": 2}', ["", "/a", "/b"]),
        ('{"a": , "b": 2}', ["", "/a", "/b"]),
        ('{"a":}', ["", "/a"]),
        ('{"a": [1, {"b": 2', ["", "/a", "/a/0", "/a/1", "/a/1/b"]),
        ('{"a": [1, 2}, 3]', ["", "/a", "/a/0", "/a/1", ""]),
        ('["a\n, 1]', ["", "/0", "/1"]),
        ("{a: 1, 'b': 2}", ["", "/a", "/'b'"]),
        ("]}[1]", ["", "/0"]),
        ("{[1]: 2}", ["", "/", "//0"]),
        ("/* open", []),
        ('"\\', [""]),
    ],
)
def test_tree_of_a_broken_text(text: str, pointers: list[str]) -> None:
    nodes = parse_text(text).nodes
    assert [node.pointer for node in nodes][: len(pointers)] == pointers
    assert all(0 <= node.start <= node.end <= len(text) for node in nodes)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def _values(value: object, pointer: Pointer = ROOT) -> list[tuple[Pointer, object]]:
    result = [(pointer, value)]
    if isinstance(value, dict):
        for key, part in value.items():
            result += _values(part, child(pointer, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            result += _values(part, child(pointer, index))
    return result


@given(JSON_VALUES, st.sampled_from([None, 0, 2]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_pointers_are_those_of_the_decoded_value(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    tree = parse_text(text)
    expected = _values(value)
    assert [node.pointer for node in tree.nodes] == [pointer for pointer, _ in expected]
    for node, (pointer, part) in zip(tree.nodes, expected, strict=True):
        assert json.loads(text[node.start : node.end]) == part
        assert tree.find(pointer) is node
        assert tree.node_at(node.start) is node
        before = text[: node.start]
        line = (before.count("\n") + 1, node.start - (before.rfind("\n") + 1) + 1)
        assert tree.position(node.start) == line


@given(st.text(alphabet='{}[]",:/*\\ab1 \n\r\u00a0', max_size=60))
@example('"\\')
@settings(max_examples=300, deadline=None)
def test_any_text_has_a_tree_and_tokens_that_lose_nothing(text: str) -> None:
    tree = parse_text(text)
    assert all(0 <= node.start <= node.end <= len(text) for node in tree.nodes)
    end, rest = 0, ""
    for token in tokens(text):
        rest += text[end : token.start()]
        end = token.end()
    assert not (rest + text[end:]).strip(" \t\n\r")
    assert len(blank_comments(text)) == len(text)
    for offset in range(len(text)):
        tree.node_at(offset)


def test_comments_have_ranges() -> None:
    tree = parse_text('{ // one\n "a": /* two */ "// three" } /*')
    assert tree.comments == (Range(2, 8), Range(15, 24), Range(38, 40))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, "[1," * 200_000, "]" * 200_000])
def test_a_text_that_nests_very_deep_is_read_in_linear_time(text: str) -> None:
    tree = parse_text(text)
    assert tree.node_at(len(text) - 1) is not None or text[0] == "]"


@pytest.mark.parametrize(
    ("text", "depth", "offset"),
    [("[[1]]", 1, 1), ("[[1]]", 2, None), ('["[[["]', 1, None), ("[/*[*/ {}]", 1, 7)],
)
def test_deeper_than(text: str, depth: int, offset: int | None) -> None:
    assert deeper_than(text, depth) == offset


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"a":1 , "b" : "x"}', [("a", "1", 7), ("b", '"x"', -1)]),
        ('{"a":1 "b":2,,}', [("a", "1", -1), ("b", "2", 12)]),
        ('{"a":1x/y,"b":1/*,*/,"c"}', [("a", "1x/y", 9), ("b", "1", 20), ("c", "", -1)]),
        ('{"a":"x\\"","\\u0062":x"c"', [("a", '"x\\""', 10), ("b", "x", -1), ("c", "", -1)]),
        ('{"a":"x\n"b":"y",', [("a", '"x', -1), ("b", '"y"', 15)]),
        ('{"a" "b":1,x:2}', [("a", '"b"', -1), ("1", "", 10), ("x", "2", -1)]),
    ],
)
def test_members_of_texts_that_are_not_all_plain(
    text: str, values: list[tuple[str, str, int]]
) -> None:
    nodes = parse_text(text).nodes[1:]
    assert [(n.step, text[n.start : n.end], n.comma) for n in nodes] == values


@pytest.mark.timeout(20)
@pytest.mark.parametrize("rest", [" " * 10**5, '"a' * 10**5, '"a":' + "1" * 10**5 + "!"])
def test_a_member_without_an_end_is_read_in_linear_time(rest: str) -> None:
    assert parse_text("{" + rest).nodes[0].end <= len(rest) + 1
