"""What can go wrong where a default fills a field that the writer does not have."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.binary.default_values import default_value, is_text_of_number
from schemareg.avro.logical import logical_type
from schemareg.avro.schema import (
    Array,
    Default,
    Field,
    Fixed,
    JsonValue,
    Map,
    Node,
    Primitive,
    Record,
    Union,
    resolve,
)
from schemareg.compat.hazard import HazardKind, LocalHazard
from schemareg.errors import DecodeError


def default_use(field: Field, default: Default) -> Iterator[LocalHazard]:
    """What can go wrong when `default` fills `field`, which the writer does not have.

    A parser lets an enum's default be any text; only a reader finds that there is no such symbol.
    """
    try:
        default_value(field.type, default.value)
    except DecodeError as refused:
        yield LocalHazard(
            HazardKind.UNUSABLE_DEFAULT,
            f"{field.name!r} is not in the writer's schema, and its default cannot be used: "
            f"{refused.message}",
            f"Give {field.name!r} a default that fits its type.",
        )
        return
    if _is_raw_in_fastavro(field.type, default.value):
        yield LocalHazard(
            HazardKind.RAW_DEFAULT,
            f"{field.name!r} is not in the writer's schema, and fastavro fills it with its default "
            f"as JSON has it, neither as bytes nor as a logical type",
            f"Let consumers in Python expect that, or make {field.name!r} nullable and default to "
            f"null.",
        )
    absent = f"{field.name!r} is not in the writer's schema, and Avro Java 1.12's reader"
    misplaced = _misplaced(field.type, default.value, field.name)
    if misplaced is not None:
        path, kind = misplaced
        part = "its default" if path == field.name else f"{path!r} of its default"
        yield LocalHazard(
            HazardKind.UNUSABLE_DEFAULT,
            f"{absent} takes {part} for the branch {kind}, and fails or reads something else",
            f"Put the branch that the default of {path!r} is of first in the union.",
        )
    elif default.value == [] and isinstance(resolve(field.type), Union):
        # its fast reader makes the empty array from the union's schema, and not the branch's
        yield LocalHazard(
            HazardKind.UNUSABLE_DEFAULT,
            f"{absent} fails on the default [] of a union",
            f'Make {field.name!r} a plain array, or put "null" first in the union and default to '
            f"null.",
        )


def _misplaced(node: Node, value: JsonValue, path: str) -> tuple[str, str] | None:
    """The first union inside a default that Java's reader takes for another branch: its path and
    that branch's kind.
    """
    type_ = resolve(node)
    match type_, value:
        case Union(), _:
            first = javas_branch(type_, Default(value))
            if first is None:
                return None
            branch = type_.branches[first]
            if not takes(branch, Default(value)):
                return path, resolve(branch).kind
            return _misplaced(branch, value, path)
        case Record(), dict():
            # what the default leaves out is filled by the default of the field inside
            inside = {f.name: f.default.value for f in type_.fields if f.default} | value
            parts = [(f.type, inside[f.name], f"{path}.{f.name}") for f in type_.fields]
        case Array(), list():
            parts = [(type_.items, item, path) for item in value]
        case Map(), dict():
            parts = [(type_.values, item, path) for item in value.values()]
        case _:
            return None
    return next(filter(None, (_misplaced(*part) for part in parts)), None)


_ANY_DEFAULT = frozenset(("record", "enum", "array", "map"))
_NUMBERS = _ANY_DEFAULT | {"int", "long", "float", "double"}


def _is_number(default: Default) -> bool:
    return isinstance(default.value, int | float) and not isinstance(default.value, bool)


def javas_branch(union: Union, default: Default) -> int | None:
    """The branch to which Java's reader puts a default: it looks at the kind of JSON alone.

    Source: Avro 1.12.1, `org.apache.avro.io.parsing.ResolvingGrammarGenerator.isCompatible`.
    """
    return next(
        (
            index
            for index, branch in enumerate(union.branches)
            if resolve(branch).kind in (_NUMBERS if _is_number(default) else _ANY_DEFAULT)
            or (not is_text_of_number(branch, default.value) and takes(branch, default))
        ),
        None,
    )


def takes(branch: Node, default: Default) -> bool:
    """Whether `default` is a value of `branch`."""
    try:
        default_value(branch, default.value)
    except DecodeError:
        return False
    return True


def _is_raw_in_fastavro(node: Node, default: JsonValue) -> bool:
    """Some part of `default` is of a type whose values are not what JSON has for them."""
    type_ = resolve(node)
    match type_, default:
        case ((Primitive() | Fixed()), _):
            return type_.kind in ("bytes", "fixed") or logical_type(type_) is not None
        case Union(), _:
            taking = (b for b in type_.branches if takes(b, Default(default)))
            branch = next(taking, None)
            return branch is not None and _is_raw_in_fastavro(branch, default)
        case Array(), list():
            return any(_is_raw_in_fastavro(type_.items, item) for item in default)
        case Map(), dict():
            return any(_is_raw_in_fastavro(type_.values, item) for item in default.values())
        case Record(), dict():
            return any(
                _is_raw_in_fastavro(field.type, default[field.name])
                for field in type_.fields
                if field.name in default
            )
        case _:
            return False
