"""When Avro Java takes a second definition of a name for the same as the first.

Source: Avro 1.12.1, `Schema.equals` and `ParseContext.put`.
"""

from __future__ import annotations

import math

from schemareg.avro.schema import (
    UNDEFINED,
    Array,
    Enum,
    Field,
    Fixed,
    JsonValue,
    Map,
    NamedType,
    NameRef,
    Node,
    Primitive,
    Record,
    Union,
    children,
)


def same_type(one: Node, other: Node) -> bool:
    """Equal in all but docs and aliases; enum defaults do not count either.

    A name that is not defined yet equals nothing.
    """
    if one is other:
        return True
    if isinstance(one, NameRef) or isinstance(other, NameRef):
        if not _is_defined(one) or not _is_defined(other):
            return False
        return same_type(_target(one), _target(other))
    match one, other:
        case Primitive(), Primitive():
            return one.kind == other.kind and same_json({**one.props}, {**other.props})
        case Array(), Array():
            return same_type(one.items, other.items) and same_json({**one.props}, {**other.props})
        case Map(), Map():
            return same_type(one.values, other.values) and same_json({**one.props}, {**other.props})
        case Union(), Union():
            return len(one.branches) == len(other.branches) and all(
                map(same_type, one.branches, other.branches)
            )
        case Record(), Record():
            return (
                _same_name(one, other)
                and len(one.fields) == len(other.fields)
                and all(map(_same_field, one.fields, other.fields))
            )
        case Enum(), Enum():
            return _same_name(one, other) and one.symbols == other.symbols
        case Fixed(), Fixed():
            return _same_name(one, other) and one.size == other.size
        case _:
            return False


def is_copy(one: Node, other: Node) -> bool:
    """Whether two complete types differ at most in their docs, with all that they use."""
    seen: set[tuple[int, int]] = set()
    stack = [(one, other)]
    while stack:
        left, right = (_target(node) for node in stack.pop())
        if left is right or (id(left), id(right)) in seen:
            continue
        seen.add((id(left), id(right)))
        if not _is_alike(left, right):
            return False
        stack += zip(children(left), children(right), strict=True)
    return True


def _is_alike(one: Node, other: Node) -> bool:
    """Whether two types have the same attributes, docs and the types inside of them apart."""
    match one, other:
        case Union(), Union():
            return len(one.branches) == len(other.branches)
        case ((Primitive() | Array() | Map()), (Primitive() | Array() | Map())):
            return one.kind == other.kind and same_json({**one.props}, {**other.props})
        case ((Record() | Enum() | Fixed()), (Record() | Enum() | Fixed())):
            if one.kind != other.kind or one.aliases != other.aliases:
                return False
        case _:
            return False
    if not _same_name(one, other):
        return False
    match one, other:
        case Record(), Record():
            return (
                one.is_error == other.is_error
                and len(one.fields) == len(other.fields)
                and all(map(_is_like_field, one.fields, other.fields))
            )
        case Enum(), Enum():
            return one.symbols == other.symbols and one.default == other.default
        case Fixed(), Fixed():
            return one.size == other.size
        case _:
            return False


def _is_like_field(one: Field, other: Field) -> bool:
    return one.aliases == other.aliases and _has_same_attributes(one, other)


def _is_defined(node: Node) -> bool:
    return not isinstance(node, NameRef) or node.target is not UNDEFINED


def _target(node: Node) -> Node:
    return node.target if isinstance(node, NameRef) else node


def _same_name(one: NamedType, other: NamedType) -> bool:
    return one.fullname == other.fullname and same_json({**one.props}, {**other.props})


def _same_field(one: Field, other: Field) -> bool:
    return _has_same_attributes(one, other) and same_type(one.type, other.type)


def _has_same_attributes(one: Field, other: Field) -> bool:
    if (one.default is None) != (other.default is None):
        return False
    one_value = one.default.value if one.default is not None else None
    other_value = other.default.value if other.default is not None else None
    return (
        one.name == other.name
        and same_json(one_value, other_value)
        and one.order == other.order
        and same_json({**one.props}, {**other.props})
    )


def same_json(one: JsonValue, other: JsonValue) -> bool:
    """Equal as Jackson's trees are: 1, 1.0 and true differ, NaN equals itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(v, other[k]) for k, v in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, float) and isinstance(other, float):
        if math.isnan(one) and math.isnan(other):
            return True
        return one == other and math.copysign(1.0, one) == math.copysign(1.0, other)
    return one == other
