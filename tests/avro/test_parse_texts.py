"""Bytes, encodings, repeated keys, depth and size of a schema's text."""

from __future__ import annotations

import sys

import pytest

from schemareg.avro import parse
from schemareg.avro.canonical import to_text
from schemareg.avro.schema import (
    Field,
    Primitive,
    Record,
)
from tests.avro.texts import fields_of, problems


def test_of_two_equal_keys_the_last_one_counts() -> None:
    root = parse('{"type":"int","logicalType":"date","type":"string"}').root
    assert isinstance(root, Primitive)
    assert (root.kind, root.props) == ("string", {"logicalType": "date"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
def test_bytes_in_any_unicode_encoding(encoding: str) -> None:
    root = parse('{"type":"int","x":"é"}'.encode(encoding)).root
    assert isinstance(root, Primitive)
    assert root.props == {"x": "é"}


def test_bytes_that_are_no_text() -> None:
    (problem,) = problems(b'{"type":\n"in\xfft"}')
    assert (problem.line, problem.column, problem.code) == (2, 4, "not-text")


def nested_arrays(levels: int) -> str:
    return '{"type":"array","items":' * levels + '"int"' + "}" * levels


def nested_records(levels: int) -> str:
    text = '"int"'
    for i in range(levels):
        text = f'{{"type":"record","name":"R{i}","fields":[{{"name":"a","type":{text}}}]}}'
    return text


@pytest.mark.parametrize("text", [nested_arrays(1000), nested_records(333)])
def test_a_thousand_levels_are_read_and_written(text: str) -> None:
    limit = sys.getrecursionlimit()
    schema = parse(text)
    assert to_text(schema) == text
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize(
    "text",
    [nested_arrays(1001), nested_records(334), nested_arrays(10_000), "[" * 100_000, "[" * 1001],
)
def test_deeper_nesting_is_one_clear_refusal(text: str) -> None:
    (problem,) = problems(text)
    assert problem.message == "nested deeper than 1000 levels"
    assert problem.line == 1


def test_a_huge_text_is_read() -> None:
    text = fields_of(*(f'{{"name":"f{i}","type":"string"}}' for i in range(20_000)))
    root = parse(text).root
    assert isinstance(root, Record)
    assert isinstance(root.fields[-1], Field)
    assert root.fields[-1].name == "f19999"
