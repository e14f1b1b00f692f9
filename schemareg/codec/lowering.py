"""Events to plain values and back, node by node: slow, obvious, and with a path in every error.

The compiled codec calls this module when something does not fit, so its errors are the ones that
people read; tests compare the two.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum as PythonEnum
from typing import Any, assert_never

from schemareg.avro.binary import Branch, encode_node
from schemareg.avro.binary.values import RefusedError, key_step, label
from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    Schema,
    Type,
    Union,
    resolve,
)
from schemareg.codec.values import conversion
from schemareg.errors import EncodeError
from schemareg.integers import INT, LONG

_RANGES = {"int": INT, "long": LONG}
_LONGEST_VALUE_SHOWN = 80
# types of these kinds differ in nothing but their names
_KINDS_OF_EQUALS = ({"enum"}, {"fixed"})


def lower(event: object, schema: Schema, *, logical: bool = True) -> Any:
    """The plain value of `event`, as `schemareg.avro.binary.encode` takes it.

    Unions come out as `Branch`. With `logical` off, logical types are taken as what they are
    underneath.

    Raises: EncodeError naming the path, the value and the type wanted.
    """
    try:
        return lower_node(event, schema.root, logical=logical)
    except RefusedError as refused:
        raise EncodeError(refused.render(label_of(schema.root))) from None
    except RecursionError:
        raise EncodeError(
            f"{label_of(schema.root)}: the event is nested too deeply, or holds itself"
        ) from None


def encode_slowly(event: object, schema: Schema, *, logical: bool = True) -> bytes:
    """The bytes of `event` by way of its plain value; raises as `lower`."""
    return encode_node(lower(event, schema, logical=logical), schema.root)


def lower_node(value: Any, node: Node, *, logical: bool) -> Any:
    type_ = resolve(node)
    if logical and (conversion_ := conversion(type_)) is not None:
        try:
            return conversion_.lower(value)
        except TypeError:
            raise wrong_type(value, conversion_.wanted) from None
        except (ValueError, OverflowError) as error:
            raise RefusedError(f"{show(value)} {error}") from None
    match type_:
        case Primitive():
            return _lower_primitive(value, type_.kind)
        case Fixed():
            if not isinstance(value, bytes | bytearray):
                raise wrong_type(value, f"bytes ({type_.size})")
            if len(value) != type_.size:
                raise RefusedError(f"{show(value)} has {len(value)} bytes, not {type_.size}")
            return bytes(value)
        case Enum():
            if not isinstance(value, str) or value not in type_.symbols:
                symbols = ", ".join(type_.symbols)
                raise wrong_type(value, f"a symbol of enum {type_.fullname} ({symbols})")
            return str.__str__(value)
        case Array():
            return _lower_array(value, type_, logical=logical)
        case Map():
            return _lower_map(value, type_, logical=logical)
        case Record():
            return _lower_record(value, type_, logical=logical)
        case Union():
            index, bare = choose(value, type_, logical=logical)
            return Branch(index, lower_node(bare, type_.branches[index], logical=logical))
        case _:
            assert_never(type_)


def choose(value: Any, union: Union, *, logical: bool) -> tuple[int, Any]:
    """The index of the branch that accepts `value`, and the value without its branch name.

    `(name, value)` names the branch: the full or short name of a named type, else its kind. A
    dataclass or an enum goes by the record or enum of its own name, where there is one. Another
    value goes by the first branch that accepts it whole, with three exceptions: an int goes by
    `int` or `long` before `float` or `double`; a float goes by `float` only where that loses
    nothing or there is no `double`; a mapping that several records and maps accept, a symbol of
    several enums and bytes of several fixed types are refused as ambiguous.
    """
    if type(value) is tuple and len(value) == 2 and isinstance(value[0], str):
        return named_branch(value[0], union), value[1]
    kind = Record if is_dataclass(value) else Enum if isinstance(value, PythonEnum) else None
    if kind and len(own := _named(kind, type(value).__name__, union)) == 1:
        return own[0], value
    taking = [i for i, node in enumerate(union.branches) if _may_take(value, node, logical=logical)]
    if len(taking) == 1:
        # an error deeper inside is reported at its place; and trying it twice a level would
        # take a number of steps that doubles with every level
        return taking[0], value
    taking = [i for i in taking if takes(value, union.branches[i], logical=logical)]
    if not taking:
        names = ", ".join(label_of(node) for node in union.branches)
        raise (
            _json_encoded(value, union)
            or _nearest_refusal(value, union, logical=logical)
            or wrong_type(value, f"one of [{names}]")
        )
    kinds = {resolve(union.branches[i]).kind for i in taking}
    if len(taking) > 1 and (as_mapping(value) is not None or kinds in _KINDS_OF_EQUALS):
        names = " or ".join(label_of(union.branches[i]) for i in taking)
        example = label_of(union.branches[taking[0]])
        raise RefusedError(
            f"{show(value)} may be {names}: name the branch as (name, value), "
            f"for example ({example!r}, value)"
        )
    if isinstance(value, int) and not isinstance(value, bool):
        whole = [i for i in taking if resolve(union.branches[i]).kind in _RANGES]
        return (whole or taking)[0], value
    if isinstance(value, float) and len(taking) > 1:
        return next((i for i in taking if _holds(value, union.branches[i])), taking[-1]), value
    return taking[0], value


def _named(kind: type[Record] | type[Enum], name: str, union: Union) -> list[int]:
    """The indices of the branches of `union` of this kind with the short name `name`."""
    return [
        index
        for index, node in enumerate(union.branches)
        if isinstance(resolve(node), kind) and label_of(node).rpartition(".")[2] == name
    ]


def _json_encoded(value: Any, union: Union) -> RefusedError | None:
    """The refusal of `{"branch": value}`, the form that Avro's JSON encoding has."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    (name,) = value
    if not any(name in (label := label_of(n), label.rpartition(".")[2]) for n in union.branches):
        return None
    return RefusedError(
        f"{show(value)} is Avro's JSON encoding of a union: give the bare value, "
        f"or ({name!r}, value)"
    )


def named_branch(name: str, union: Union) -> int:
    """The index of the branch called `name`: full name, kind, or a unique short name."""
    for index, node in enumerate(union.branches):
        if name == label_of(node):
            return index
    short = [
        index
        for index, node in enumerate(union.branches)
        if label_of(node).rpartition(".")[2] == name
    ]
    if len(short) == 1:
        return short[0]
    names = ", ".join(label_of(node) for node in union.branches)
    raise RefusedError(f"the union has no branch {name!r}, but [{names}]")


def label_of(node: Node) -> str:
    """The name of a type in messages: its full name, or its kind."""
    return label(resolve(node))


def show(value: object) -> str:
    """`repr`, cut to one readable line."""
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE_SHOWN else text[: _LONGEST_VALUE_SHOWN - 1] + "…"


def wrong_type(value: object, wanted: str) -> RefusedError:
    return RefusedError(f"{show(value)} ({type(value).__name__}) is not {wanted}")


def _lower_primitive(value: Any, kind: str) -> Any:
    match kind:
        case "null" if value is None:
            return None
        case "boolean" if isinstance(value, bool):
            return value
        case "int" | "long" if isinstance(value, int) and not isinstance(value, bool):
            numbers = _RANGES[kind]
            if value not in numbers:
                raise RefusedError(
                    f"{show(value)} is out of the range of {kind} ({numbers[0]} to {numbers[-1]})"
                )
            return int(value)
        case "float" | "double" if isinstance(value, float | int) and not isinstance(value, bool):
            return _lower_number(value, kind)
        case "bytes" if isinstance(value, bytes | bytearray):
            return bytes(value)
        case "string" if isinstance(value, str):
            return _lower_text(value)
        case _:
            raise wrong_type(value, kind)


def _lower_number(value: float, kind: str) -> float:
    try:
        number = float(value)
        struct.pack("<f" if kind == "float" else "<d", number)
    except OverflowError:
        raise RefusedError(f"{show(value)} is out of the range of {kind}") from None
    if isinstance(value, int) and number != value:
        raise RefusedError(f"{show(value)} has more digits than {kind} holds")
    if isinstance(value, int) and kind == "float" and not _is_single(number):
        raise RefusedError(f"{show(value)} has more digits than {kind} holds")
    return number


def _lower_text(value: str) -> str:
    text = str.__str__(value)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise RefusedError(
            f"{show(value)} holds a lone surrogate, which UTF-8 cannot carry"
        ) from None
    return text


def _lower_array(value: Any, array: Array, *, logical: bool) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise wrong_type(value, "array (a list)")
    lowered = []
    for index, item in enumerate(value):
        try:
            lowered.append(lower_node(item, array.items, logical=logical))
        except RefusedError as refused:
            raise refused.within(f"[{index}]") from None
    return lowered


def _lower_map(value: Any, map_: Map, *, logical: bool) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise wrong_type(value, "map (a dict)")
    lowered = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise RefusedError(f"the key {show(key)} ({type(key).__name__}) is not string")
        try:
            lowered[_lower_text(key)] = lower_node(item, map_.values, logical=logical)
        except RefusedError as refused:
            raise refused.within(key_step(key)) from None
    return lowered


def _lower_record(value: Any, record: Record, *, logical: bool) -> dict[str, Any]:
    given = as_mapping(value)
    if given is None:
        raise wrong_type(value, f"record {record.fullname} (a dict or a dataclass)")
    wanted = [field.name for field in record.fields]
    unknown = [name for name in given if name not in set(wanted)]
    if unknown:
        raise RefusedError(
            f"{record.fullname} has no field {unknown[0]!r} (value {show(given[unknown[0]])}), "
            f"but {', '.join(wanted)}"
        )
    lowered = {}
    for field in record.fields:
        try:
            if field.name not in given:
                raise RefusedError(f"the value is missing, {label_of(field.type)} is wanted")
            lowered[field.name] = lower_node(given[field.name], field.type, logical=logical)
        except RefusedError as refused:
            raise refused.within(f".{field.name}") from None
    return lowered


def as_mapping(value: Any) -> Mapping[str, Any] | None:
    """The fields of a dict or a dataclass instance by name; None: it is neither."""
    if isinstance(value, Mapping):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return None


def _may_take(value: Any, node: Node, *, logical: bool) -> bool:
    """The outside of `value` fits `node`; collections are not looked into."""
    type_ = resolve(node)
    match type_:
        case Array():
            return isinstance(value, list | tuple)
        case Map():
            return isinstance(value, Mapping)
        case Record():
            given = as_mapping(value)
            return given is not None and given.keys() == {field.name for field in type_.fields}
        case _:
            return takes(value, node, logical=logical)


def takes(value: Any, node: Node, *, logical: bool) -> bool:
    try:
        lower_node(value, node, logical=logical)
    except RefusedError:
        return False
    return True


def _nearest_refusal(value: Any, union: Union, *, logical: bool) -> RefusedError | None:
    """What is wrong inside the one branch of the value's own kind, where there is just one."""
    same_kind: list[type[Type]] = (
        [Array]
        if isinstance(value, list | tuple)
        else [Record, Map]
        if as_mapping(value) is not None
        else [Primitive, Fixed, Enum]
    )
    near = [
        node
        for node in union.branches
        if isinstance(type_ := resolve(node), tuple(same_kind)) and type_.kind != "null"
    ]
    if len(near) != 1 or value is None:
        return None
    try:
        lower_node(value, near[0], logical=logical)
    except RefusedError as refused:
        return refused
    return None


def _holds(value: float, node: Node) -> bool:
    return resolve(node).kind != "float" or _is_single(value)


def _is_single(value: float) -> bool:
    if math.isnan(value):
        return True
    narrowed: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return narrowed == value
