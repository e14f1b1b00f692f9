"""Fields that another version of a text has, too: one node for both, and the same schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemareg.avro.canonical import to_text
from schemareg.avro.parse.parser import Outline, outline, read_document
from schemareg.avro.schema import Record

NULL = ["null", "string"]


def record(*fields: Any, **more: Any) -> str:
    return json.dumps({"type": "record", "name": "Paid", "fields": list(fields), **more})


def field(name: str = "a", type: Any = "int", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, **more}


def outlined(text: str, like: Outline | None = None) -> Outline:
    return outline(read_document(text), like=like)


def fields_of(own: Outline) -> dict[str, int]:
    assert own.schema is not None
    assert isinstance(own.schema.root, Record)
    return {each.name: id(each) for each in own.schema.root.fields}


def shown(own: Outline) -> object:
    """All that a text is read as."""
    if own.schema is None:
        return (own.unknown, str(own.error))
    root = own.schema.root
    shapes = [each.type.shape for each in root.fields] if isinstance(root, Record) else []
    return (to_text(own.schema), root.shape, shapes, own.definitions)


@pytest.mark.parametrize(
    ("before", "after", "shared"),
    [
        pytest.param(field(), field(), ["a"], id="equal"),
        pytest.param(field(doc="A."), field(doc="A."), ["a"], id="doc"),
        pytest.param(field(doc="A."), field(doc="B."), [], id="another-doc"),
        pytest.param(field(), field(type="long"), [], id="another-type"),
        pytest.param(
            field(type=NULL, default=None), field(type=NULL, default=None), ["a"], id="optional"
        ),
        pytest.param(field(type="string", default=""), field(type="string", default=""), ["a"],
            id="text-default"),
        pytest.param(field(default=1), field(default=1), [], id="number-default"),
        pytest.param(field(p=1), field(p=1), [], id="property"),
        pytest.param(field(p=1, q=2), field(q=2, p=1), [], id="order-of-properties"),
        pytest.param(field(aliases=["b"]), field(aliases=["b"]), [], id="alias"),
        pytest.param(field(order="ignore"), field(order="ignore"), [], id="sort-order"),
        pytest.param(field(type={"type": "int"}), field(type={"type": "int"}), [], id="object"),
        pytest.param(field(type="Paid"), field(type="Paid"), [], id="name"),
        pytest.param(field("größe"), field("größe"), [], id="not-ascii"),
        pytest.param(field(doc=1), field(doc=True), [], id="doc-that-is-none"),
    ],
)  # fmt: skip
def test_plain_field_is_shared_and_another_is_not(before: Any, after: Any, shared: Any) -> None:
    old = outlined(record(before, field("last", "bytes")))
    new = outlined(record(field("first"), after), like=old)
    ours, theirs = fields_of(old), fields_of(new)
    assert [name for name in theirs if theirs[name] == ours.get(name)] == shared
    assert shown(new) == shown(outlined(record(field("first"), after)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(record(field()), record(field(), field()), id="twice"),
        pytest.param(record(field(type="Other")), record(field(type="Other")), id="open-before"),
        pytest.param(record(field()), record(field(), field("b", "Other")), id="open-after"),
        pytest.param(record(field(default="x")), record(field(default="x")), id="refused-before"),
        pytest.param(record(field()), record(field(["a"])), id="name-that-is-a-list"),  # type: ignore[arg-type]
        pytest.param(record(field()), record(1, field()), id="no-field"),
        pytest.param(record(field()), record(field(), namespace="n"), id="another-name"),
        pytest.param(record(field()), record(field(), field("b:c")), id="odd-name"),
        pytest.param(record(field()), '"int"', id="no-record-after"),
        pytest.param('"int"', record(field()), id="no-record-before"),
        pytest.param(record(field(default=1)), record(field(default=True)), id="true-equals-one"),
    ],
)
def test_text_is_read_as_without_the_other(before: str, after: str) -> None:
    assert shown(outlined(after, like=outlined(before))) == shown(outlined(after))


def test_record_inside_has_fields_of_its_own() -> None:
    inner = {"type": "record", "name": "Inner", "fields": [field()]}
    old = outlined(record(field()))
    new = outlined(record(field(), field("inner", inner)), like=old)
    assert new.schema is not None
    outer, within = new.schema.names["Paid"], new.schema.names["Inner"]
    assert isinstance(outer, Record)
    assert isinstance(within, Record)
    assert fields_of(new)["a"] == fields_of(old)["a"] != id(within.fields[0])


def test_nothing_is_shared_by_avro_1_11_whose_namespaces_may_take_shapes_away() -> None:
    union = field(type=NULL, default=None)
    sound, odd = read_document(record(union)), read_document(record(union, namespace="a;b"))
    old = outline(sound, avro_version="1.11")
    outline(odd, avro_version="1.11", like=old)
    assert old.schema is not None
    assert isinstance(old.schema.root, Record)
    assert old.schema.root.fields[0].type.shape == "(null|string)"
