"""Plain values to bytes, as the specification lays them out.

Source: Apache Avro 1.12 specification, "Binary Encoding".
"""

from __future__ import annotations

import struct
from typing import assert_never

from schemareg.avro.binary.values import (
    Branch,
    Plain,
    RefusedError,
    article,
    key_step,
    label,
    wrong,
)
from schemareg.avro.schema import Array, Enum, Fixed, Map, Node, Primitive, Record, Union, resolve
from schemareg.integers import INT_MAX, INT_MIN, LONG_MAX, LONG_MIN


def write(out: bytearray, node: Node, value: Plain) -> None:
    type_ = resolve(node)
    match type_:
        case Primitive():
            _write_primitive(out, type_.kind, value)
        case Fixed():
            if not isinstance(value, bytes):
                raise wrong(value, type_)
            if len(value) != type_.size:
                raise RefusedError(f"{label(type_)} holds {type_.size} bytes, not {len(value)}")
            out += value
        case Enum():
            if value not in type_.symbols:
                raise RefusedError(f"{value!r} is not a symbol of enum {type_.fullname}")
            _write_long(out, type_.symbols.index(value))
        case Array():
            if not isinstance(value, list | tuple):
                raise wrong(value, type_)
            _write_block(out, [(f"[{i}]", item) for i, item in enumerate(value)], type_.items)
        case Map():
            if not isinstance(value, dict):
                raise wrong(value, type_)
            _write_map(out, type_, value)
        case Record():
            if not isinstance(value, dict):
                raise wrong(value, type_)
            _write_record(out, type_, value)
        case Union():
            branch = value if isinstance(value, Branch) else _pick(type_, value)
            if not 0 <= branch.index < len(type_.branches):
                raise RefusedError(f"the union has no branch {branch.index}")
            _write_long(out, branch.index)
            write(out, type_.branches[branch.index], branch.value)
        case _:
            assert_never(type_)


def _write_primitive(out: bytearray, kind: str, value: Plain) -> None:
    match kind, value:
        case "null", None:
            pass
        case "boolean", bool():
            out.append(value)
        case "int" | "long", int() if not isinstance(value, bool):
            low, high = (INT_MIN, INT_MAX) if kind == "int" else (LONG_MIN, LONG_MAX)
            if not low <= value <= high:
                raise RefusedError(f"{value} is out of the range of {kind}")
            _write_long(out, value)
        case "float" | "double", float() | int() if not isinstance(value, bool):
            try:
                out += struct.pack("<f" if kind == "float" else "<d", value)
            except (OverflowError, struct.error):
                raise RefusedError(f"{value} is out of the range of {kind}") from None
        case "bytes", bytes():
            _write_long(out, len(value))
            out += value
        case "string", str():
            try:
                text = value.encode("utf-8")
            except UnicodeEncodeError:
                raise RefusedError(f"{value!r} holds a lone surrogate") from None
            _write_long(out, len(text))
            out += text
        case _:
            raise RefusedError(f"{value!r} is not {article(kind)}")


def _write_long(out: bytearray, value: int) -> None:
    number = (value << 1) ^ (value >> 63)
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _write_block(out: bytearray, items: list[tuple[str, Plain]], node: Node) -> None:
    if items:
        _write_long(out, len(items))
        for step, item in items:
            try:
                write(out, node, item)
            except RefusedError as refused:
                raise refused.within(step) from None
    out.append(0)


def _write_map(out: bytearray, type_: Map, value: dict[str, Plain]) -> None:
    if value:
        _write_long(out, len(value))
        for key, item in value.items():
            try:
                _write_primitive(out, "string", key)
                write(out, type_.values, item)
            except RefusedError as refused:
                raise refused.within(key_step(key)) from None
    out.append(0)


def _write_record(out: bytearray, type_: Record, value: dict[str, Plain]) -> None:
    unknown = value.keys() - {field.name for field in type_.fields}
    if unknown:
        raise RefusedError(f"{type_.fullname} has no field {min(unknown)!r}")
    for field in type_.fields:
        if field.name not in value:
            raise RefusedError("the value is missing").within(f".{field.name}")
        try:
            write(out, field.type, value[field.name])
        except RefusedError as refused:
            raise refused.within(f".{field.name}") from None


def _pick(union: Union, value: Plain) -> Branch:
    """The one branch that a bare value fits; an int goes by int or long before float or double."""
    fitting = [i for i, node in enumerate(union.branches) if _fits(node, value)]
    if isinstance(value, int) and len(fitting) > 1:
        whole = [i for i in fitting if resolve(union.branches[i]).kind in ("int", "long")]
        fitting = whole or fitting
    if not fitting:
        raise RefusedError(f"{value!r} fits no branch of the union {label(union)}")
    if len(fitting) > 1:
        raise RefusedError(
            f"{value!r} fits the branches {fitting} of the union {label(union)}: say which"
        )
    return Branch(fitting[0], value)


def _fits(node: Node, value: Plain) -> bool:
    try:
        write(bytearray(), node, value)
    except RefusedError:
        return False
    return True
