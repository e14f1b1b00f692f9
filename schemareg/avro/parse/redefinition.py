"""When Avro Java takes a second definition of a name for the same as the first.

Source: Avro 1.12.1, `Schema.equals` and `ParseContext.put`.
"""

from __future__ import annotations

import math

from schemareg.avro.schema import (
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


def _is_defined(node: Node) -> bool:
    return not isinstance(node, NameRef) or hasattr(node, "target")


def _target(node: Node) -> Node:
    return node.target if isinstance(node, NameRef) else node


def _same_name(one: NamedType, other: NamedType) -> bool:
    return one.fullname == other.fullname and same_json({**one.props}, {**other.props})


def _same_field(one: Field, other: Field) -> bool:
    if (one.default is None) != (other.default is None):
        return False
    one_value = one.default.value if one.default is not None else None
    other_value = other.default.value if other.default is not None else None
    return (
        one.name == other.name
        and same_json(one_value, other_value)
        and one.order == other.order
        and same_type(one.type, other.type)
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
