"""Plain values to events, node by node, with a path in every error: the slow way of reading."""

from __future__ import annotations

from functools import partial
from typing import Any

from schemareg.avro.binary import Lifting, decode_node
from schemareg.avro.binary.values import RefusedError, key_step
from schemareg.avro.schema import Array, Map, Node, Record, Schema, Type, Union, resolve
from schemareg.codec.lowering import label_of, show, takes
from schemareg.codec.values import conversion, needs_branch_name


def decode_slowly(
    data: bytes,
    *,
    writer: Schema,
    reader: Schema,
    logical: bool = True,
    branch_names: bool = False,
) -> Any:
    """The event in `data` by way of the specification's own resolver.

    Each value is converted as the type that it was read as, so that no branch of a union has to
    be guessed. `branch_names` is as in `compile_decoder`.

    Raises: DecodeError as `schemareg.avro.binary.decode`, and where Python's type cannot hold a
        value, or a text is no UUID.
    """
    lifting = Lifting(
        value=_lift_scalar if logical else _as_it_is,
        default=lift_node if logical else _as_it_is,
        branch=partial(with_branch_name, logical=logical) if branch_names else _without_name,
    )
    return decode_node(data, writer=writer.root, reader=reader.root, lifting=lifting)


def with_branch_name(union: Union, index: int, value: Any, *, logical: bool) -> Any:
    """`(branch name, value)` where a branch of the same Python type exists, else `value`."""
    if needs_branch_name(union, index, logical=logical):
        return label_of(union.branches[index]), value
    return value


def _without_name(_union: Union, _index: int, value: Any) -> Any:
    return value


def _as_it_is(_type: object, value: Any) -> Any:
    return value


def lift_node(node: Node, value: Any) -> Any:
    """The event's value of a default in its plain form, whose union values are bare."""
    type_ = resolve(node)
    if isinstance(type_, Union):
        return lift_node(_branch_of(value, type_), value)
    match type_:
        case Array():
            return [_lift_in(item, type_.items, f"[{i}]") for i, item in enumerate(value)]
        case Map():
            return {key: _lift_in(v, type_.values, key_step(key)) for key, v in value.items()}
        case Record():
            return {
                field.name: _lift_in(value[field.name], field.type, f".{field.name}")
                for field in type_.fields
            }
        case _:
            return _lift_scalar(type_, value)


def _lift_scalar(type_: Type, value: Any) -> Any:
    conversion_ = conversion(type_)
    if conversion_ is None:
        return value
    try:
        return conversion_.lift(value)
    except ValueError as error:
        raise RefusedError(f"{show(value)} {error}") from None


def _lift_in(value: Any, node: Node, step: str) -> Any:
    try:
        return lift_node(node, value)
    except RefusedError as refused:
        raise refused.within(step) from None


def _branch_of(value: Any, union: Union) -> Node:
    for node in union.branches:
        if takes(value, node, logical=False):
            return node
    raise RefusedError(f"{show(value)} fits no branch of the union")
