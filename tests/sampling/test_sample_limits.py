"""Schemas that ask for more than an example may cost: refused by name, quickly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemareg.avro import parse
from schemareg.errors import ContentError
from schemareg.patterns import compile_pattern, longest_match
from schemareg.sampling.edges import edge_cases
from schemareg.sampling.sample import sample


def field(type_: Any, **props: Any) -> Any:
    return {"type": "record", "name": "E", "fields": [{"name": "f", "type": type_, **props}]}


def laughs(depth: int, width: int) -> Any:
    """Records that hold the next one `width` times."""
    inner: Any = "int"
    for level in reversed(range(depth)):
        fields = [{"name": "f0", "type": inner}]
        name = inner["name"] if isinstance(inner, dict) else inner
        fields += [{"name": f"f{i}", "type": name} for i in range(1, width)]
        inner = {"type": "record", "name": f"R{level}", "fields": fields}
    return inner


REFUSED = [
    ("shared types that multiply", laughs(12, 10), "an example event has more than 20,000 values"),
    ("a long text", field("string", minLength=10**9), "minLength is 1,000,000,000, and an example"),
    ("long bytes", field("bytes", minLength=10**9), "minLength is 1,000,000,000, and an example"),
    (
        "many items",
        field({"type": "array", "items": "int"}, minItems=10**9),
        "minItems is 1,000,000,000, and an example",
    ),
    (
        "a fixed of two gigabytes",
        field({"type": "fixed", "name": "F", "size": 2**31 - 10}),
        "the size of a fixed is 2,147,483,638, and an example",
    ),
    (
        "repetitions that multiply",
        field("string", pattern="(((a+)+)+)b"),
        "may have more than 10,000 characters",
    ),
]


@pytest.mark.parametrize(("what", "schema", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_costly_example_is_refused(what: str, schema: Any, message: str) -> None:
    parsed = parse(json.dumps(schema))
    with pytest.raises(ContentError) as refusal:
        list(sample(parsed, seed=1, count=1))
    assert message in str(refusal.value)
    with pytest.raises(ContentError):
        list(edge_cases(parsed))


@pytest.mark.parametrize("pattern", ["((((a{99}){99}){99}){99})", "a{100000}", "(", "(?=a)b"])
def test_a_pattern_that_nobody_can_bound_is_no_constraint(pattern: str) -> None:
    schema = parse(json.dumps(field("string", pattern=pattern)))
    (event,) = sample(schema, seed=1, count=1)
    assert isinstance(event["f"], str)


def test_a_pattern_is_matched_in_linear_time() -> None:
    assert compile_pattern("(a+)+").fullmatch("a" * 100_000 + "B") is None
    assert compile_pattern(r"[A-Z]{2}\d+").fullmatch("AB12") is not None


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "is no regular expression of RE2: missing ): ("),
        ("a" * 1_001, "has 1001 characters, more than the 1000 allowed"),
        ("(?<=a)b", "is no regular expression of RE2: invalid perl operator: (?<="),
    ],
)
def test_a_pattern_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  # its words are compared below
        compile_pattern(pattern)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("pattern", "length"),
    [
        ("abc", 3),
        ("a|bcd", 3),
        ("[a-z]+", 101),
        ("(?:x|yy){2,3}", 6),
        ("^a$", 1),
        ("(a*)*", 10_000),
    ],
)
def test_longest_match(pattern: str, length: int) -> None:
    assert longest_match(pattern) == length
