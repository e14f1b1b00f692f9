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
        default=partial(lift_node, logical=logical, branch_names=branch_names),
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


def lift_node(node: Node, value: Any, *, logical: bool, branch_names: bool) -> Any:
    """The event's value of a default in its plain form, whose union values are bare."""

    def inside(value: Any, node: Node, step: str) -> Any:
        try:
            return lift_node(node, value, logical=logical, branch_names=branch_names)
        except RefusedError as refused:
            raise refused.within(step) from None

    type_ = resolve(node)
    match type_:
        case Union():
            index = _branch_of(value, type_)
            branch = type_.branches[index]
            lifted = lift_node(branch, value, logical=logical, branch_names=branch_names)
            return (
                with_branch_name(type_, index, lifted, logical=logical) if branch_names else lifted
            )
        case Array():
            return [inside(item, type_.items, f"[{i}]") for i, item in enumerate(value)]
        case Map():
            return {key: inside(v, type_.values, key_step(key)) for key, v in value.items()}
        case Record():
            return {f.name: inside(value[f.name], f.type, f".{f.name}") for f in type_.fields}
        case _:
            return _lift_scalar(type_, value) if logical else value


def _lift_scalar(type_: Type, value: Any) -> Any:
    conversion_ = conversion(type_)
    if conversion_ is None:
        return value
    try:
        return conversion_.lift(value)
    except ValueError as error:
        raise RefusedError(f"{show(value)} {error}") from None


def _branch_of(value: Any, union: Union) -> int:
    for index, node in enumerate(union.branches):
        if takes(value, node, logical=False):
            return index
    raise RefusedError(f"{show(value)} fits no branch of the union")
