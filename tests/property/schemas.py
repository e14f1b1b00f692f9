"""Hypothesis strategies: schemas, a schema after a few changes, and values of a schema."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from schemareg.avro import Schema, parse
from schemareg.avro.binary import Branch
from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    Union,
    resolve,
)

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
FIELDS = ("id", "total", "note", "state", "at")
SYMBOLS = ("NEW", "PAID", "SENT")
LONG = 2**63


@st.composite
def schema_values(draw: st.DrawFn) -> Any:
    """The JSON of a valid schema: records, enums and fixeds of different names, some recursion."""
    names = (f"T{number}" for number in range(10_000))
    return draw(_type(lambda: next(names), depth=3, open_records=()))


@st.composite
def record_values(draw: st.DrawFn) -> Any:
    """The JSON of a valid record of two or more fields, one of them a plain one."""
    names = (f"T{number}" for number in range(10_000))
    fields = [
        {"name": name, "type": draw(_type(lambda: next(names), depth=2, open_records=()))}
        for name in draw(st.lists(st.sampled_from(FIELDS[1:]), unique=True, min_size=1))
    ]
    plain = {"name": FIELDS[0], "type": draw(st.sampled_from(PRIMITIVES))}
    return {"type": "record", "name": "Order", "fields": [plain, *fields]}


@st.composite
def _type(
    draw: st.DrawFn, new_name: Callable[[], str], depth: int, open_records: tuple[str, ...]
) -> Any:
    kinds = ["primitive", "enum", "fixed"]
    if depth:
        kinds += ["array", "map", "union", "record", "record"]
    if open_records:
        kinds.append("recursion")
    kind = draw(st.sampled_from(kinds))

    def inner() -> Any:
        return draw(_type(new_name, depth - 1, open_records))

    match kind:
        case "primitive":
            return draw(st.sampled_from(PRIMITIVES))
        case "array":
            return {"type": "array", "items": inner()}
        case "map":
            return {"type": "map", "values": inner()}
        case "union":
            return draw(_union(new_name, depth, open_records))
        case "recursion":
            # nullable, so that the record has values
            return ["null", draw(st.sampled_from(open_records))]
        case "enum":
            symbols = draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, unique=True))
            default = draw(st.sampled_from([{}, {"default": symbols[0]}]))
            return {"type": "enum", "name": new_name(), "symbols": symbols, **default}
        case "fixed":
            return {"type": "fixed", "name": new_name(), "size": draw(st.integers(0, 4))}
        case _:
            name = new_name()
            fields = [
                {"name": field, "type": draw(_type(new_name, depth - 1, (*open_records, name)))}
                for field in draw(st.lists(st.sampled_from(FIELDS), unique=True))
            ]
            return {"type": "record", "name": name, "fields": fields}


@st.composite
def _union(
    draw: st.DrawFn, new_name: Callable[[], str], depth: int, open_records: tuple[str, ...]
) -> Any:
    kinds = draw(st.lists(st.sampled_from(PRIMITIVES), min_size=1, max_size=3, unique=True))
    last = draw(_type(new_name, depth - 1, open_records))
    # no union in a union, and no kind twice
    return kinds if isinstance(last, list) or last in kinds else [*kinds, last]


def schemas() -> st.SearchStrategy[Schema]:
    return schema_values().map(lambda value: parse(json.dumps(value)))


@dataclass(frozen=True, slots=True)
class Evolution:
    """A schema before and after a few changes that authors make."""

    old: Schema
    new: Schema


@st.composite
def evolutions(draw: st.DrawFn) -> Evolution:
    old = draw(record_values())
    new = copy.deepcopy(old)
    for _ in range(draw(st.integers(1, 3))):
        _change(draw, new)
    return Evolution(parse(json.dumps(old)), parse(json.dumps(new)))


def _change(draw: st.DrawFn, schema: Any) -> None:
    """One change in place; now and then one that has nothing to change."""
    objects = _objects(schema)
    record = draw(st.sampled_from([node for node in objects if node["type"] == "record"]))
    fields = record["fields"]
    spare = [name for name in FIELDS if name not in {field["name"] for field in fields}]
    field = draw(st.sampled_from(fields)) if fields else {"name": "", "type": []}
    plain = [each for each in fields if each["type"] in PRIMITIVES]
    enums = [node for node in objects if node["type"] == "enum"]
    match draw(st.sampled_from(["add", "drop", "retype", "wrap", "rename", "shuffle", "symbol"])):
        case "add" if spare:
            default = draw(st.sampled_from([{}, {"default": 0}]))
            fields.append({"name": draw(st.sampled_from(spare)), "type": "int", **default})
        # a definition that goes may be used elsewhere
        case "drop" if not any("name" in part for part in _objects(field["type"])):
            if field in fields:
                fields.remove(field)
        case "retype" if plain:
            chosen = draw(st.sampled_from(plain))
            chosen["type"] = draw(st.sampled_from(PRIMITIVES))
            chosen.pop("default", None)
        case "wrap" if plain:
            chosen = draw(st.sampled_from(plain))
            chosen["type"] = ["null", chosen["type"]] if chosen["type"] != "null" else ["null"]
            chosen.pop("default", None)
        case "rename" if spare and fields:
            field["aliases"] = [field["name"]]
            field["name"] = draw(st.sampled_from(spare))
        case "shuffle":
            fields.reverse()
        case "symbol" if enums:
            enum = draw(st.sampled_from(enums))
            absent = [symbol for symbol in (*SYMBOLS, "GONE") if symbol not in enum["symbols"]]
            enum["symbols"] += absent[:1]
        case _:
            pass


def _objects(schema: Any) -> list[dict[str, Any]]:
    """The objects that are types, outermost first."""
    if isinstance(schema, list):
        return [found for branch in schema for found in _objects(branch)]
    if not isinstance(schema, dict):
        return []
    inner = [schema.get("items"), schema.get("values")]
    inner += [field["type"] for field in schema.get("fields", ())]
    return [schema, *(found for part in inner if part is not None for found in _objects(part))]


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Plain values, union values as `Branch`, so that each encodes in one way."""
    return _values(schema.root, depth=4)


def _values(node: Node, depth: int) -> st.SearchStrategy[Any]:
    type_ = resolve(node)
    match type_:
        case Primitive():
            return _primitives(type_.kind)
        case Fixed():
            return st.binary(min_size=type_.size, max_size=type_.size)
        case Enum():
            return st.sampled_from(type_.symbols)
        case Array():
            size = 3 if depth > 0 else 0
            return st.lists(st.deferred(lambda: _values(type_.items, depth - 1)), max_size=size)
        case Map():
            size = 3 if depth > 0 else 0
            inner = st.deferred(lambda: _values(type_.values, depth - 1))
            return st.dictionaries(st.text(max_size=3), inner, max_size=size)
        case Union():
            # at the bottom the first branch, which is never a record here
            last = len(type_.branches) if depth > 0 else 1
            return st.one_of(
                *(
                    st.builds(Branch, st.just(index), _values(branch, depth - 1))
                    for index, branch in enumerate(type_.branches[:last])
                )
            )
        case Record():
            return st.fixed_dictionaries(
                {field.name: _values(field.type, depth - 1) for field in type_.fields}
            )


def _primitives(kind: str) -> st.SearchStrategy[Any]:
    match kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "int":
            return st.integers(-(2**31), 2**31 - 1)
        case "long":
            return st.integers(-LONG, LONG - 1)
        case "float":
            return st.floats(width=32, allow_nan=False)
        case "double":
            return st.floats(allow_nan=False)
        case "bytes":
            return st.binary(max_size=5)
        case _:
            return st.text(max_size=5)


def bare(value: Any) -> Any:
    """The value without its branches, as a decoder returns it."""
    match value:
        case Branch():
            return bare(value.value)
        case list():
            return [bare(item) for item in value]
        case dict():
            return {key: bare(item) for key, item in value.items()}
        case _:
            return value
