"""Can a field ever have the value that a test wants of it?

Only values of Python's own types are judged: whatever else compares itself, as a matcher does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from schemareg.avro.schema import Array, Enum, Fixed, Map, Node, Record, Type, Union, resolve
from schemareg.codec.values import conversion, python_type
from schemareg.errors import UsageError
from schemareg.suggestions import did_you_mean

_NUMBERS = (int, float, Decimal)
_PLAIN = frozenset(
    (type(None), bool, *_NUMBERS, str, bytes, list, tuple, dict, date, datetime, time, UUID)
)


def check_value(value: object, nodes: Sequence[Node], place: str) -> None:
    """`value` can be what an event has at `place`, whose type is one of `nodes`.

    Raises: UsageError.
    """
    types = [resolve(node) for node in flat(nodes)]
    if any(_can_be(value, type_) for type_ in types):
        return
    symbols = [symbol for type_ in types if isinstance(type_, Enum) for symbol in type_.symbols]
    if isinstance(value, str) and symbols:
        raise UsageError(
            f"{place} is an enum without the symbol {value!r}",
            advice=did_you_mean(value, symbols),
        )
    raise UsageError(
        f"{place} is {' or '.join(_describe(types))}, and never equals {value!r}",
        advice=f"give a value of the type {' or '.join(_python_types(types))}",
    )


def flat(nodes: Iterable[Node]) -> list[Node]:
    """`nodes`, with the branches of a union in its place."""
    members: list[Node] = []
    for node in nodes:
        type_ = resolve(node)
        members += type_.branches if isinstance(type_, Union) else [node]
    return members


def _can_be(value: Any, type_: Type) -> bool:
    if type(value) not in _PLAIN:
        return True
    match type_:
        case Union():
            return any(_can_be(value, resolve(branch)) for branch in type_.branches)
        case Array():
            item = resolve(type_.items)
            return isinstance(value, list) and all(_can_be(each, item) for each in value)
        case Map():
            values = resolve(type_.values)
            return isinstance(value, dict) and all(
                isinstance(key, str) and _can_be(each, values) for key, each in value.items()
            )
        case Record():
            return _can_be_record(value, type_)
        case Enum():
            return value in type_.symbols
        case _:
            return _can_be_scalar(value, type_)


def _can_be_record(value: Any, record: Record) -> bool:
    if not isinstance(value, dict) or value.keys() != {field.name for field in record.fields}:
        return False
    return all(_can_be(value[field.name], resolve(field.type)) for field in record.fields)


def _can_be_scalar(value: Any, type_: Type) -> bool:
    wanted = python_type(type_)
    if wanted in _NUMBERS:
        is_fraction = type(value) is float and not value.is_integer()
        if type(value) is not wanted:  # numbers of different types can be equal
            return type(value) in _NUMBERS and not (is_fraction and wanted is int)
    if type(value) is not wanted or not _can_be_written(value, type_):
        return False
    return not (isinstance(type_, Fixed) and isinstance(value, bytes)) or len(value) == type_.size


def _can_be_written(value: Any, type_: Type) -> bool:
    conversion_ = conversion(type_)
    if conversion_ is None:
        return True
    try:
        conversion_.lower(value)
    except (ValueError, TypeError):
        return False
    return True


def _describe(types: Iterable[Type]) -> list[str]:
    return [type_.fullname if isinstance(type_, Record) else type_.kind for type_ in types]


def _python_types(types: Iterable[Type]) -> list[str]:
    """Their names, without None."""
    names = dict.fromkeys(python_type(type_).__name__ for type_ in types)
    return [name for name in names if name != "NoneType"] or ["None"]
