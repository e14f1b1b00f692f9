"""Does this JSON value fit this type as a field's default?

Source: Avro 1.12.1 and 1.11.5, `Schema.isValidDefault`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

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
)
from schemareg.integers import INT, LONG

_JAVA_DOUBLE = (
    r"[\x00-\x20]*([+-]?)(?:(NaN)|(Infinity)|"
    r"((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?|"
    r"(0[xX](?:[0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[fFdD]?)[\x00-\x20]*"
)

_NOTHING_RENAMED: Mapping[str, Mapping[str, str]] = {}


class NoAnswerError(Exception):
    """Avro Java throws instead of judging a default.

    It needs the fields of a record that is still being defined, or comes to itself without end.
    """


def is_unfinished(type_: NamedType) -> bool:
    """Whether `type_` is a record whose closing brace has not been read."""
    return isinstance(type_, Record) and not type_.text


def java_double(text: str) -> float | None:
    """`text` as `Double.parseDouble` reads it; None where that throws."""
    match = re.fullmatch(_JAVA_DOUBLE, text)
    if match is None:
        return None
    sign, nan, infinity, decimal, hexadecimal = match.groups()
    if nan:
        return float("nan")
    if infinity:
        magnitude = float("inf")
    elif decimal:
        magnitude = float(decimal)
    else:
        try:
            magnitude = float.fromhex(hexadecimal)
        except OverflowError:
            magnitude = float("inf")
    return -magnitude if sign == "-" else magnitude


def fits(value: JsonValue, node: Node, *, first_branch: bool) -> bool:
    """Whether Avro Java takes `value` as a default of the complete type `node`.

    With `first_branch` a union's default must fit its first branch (Avro 1.11), else any.
    """
    try:
        return Judge(first_branch=first_branch, is_unfinished=is_unfinished).fits(value, node)
    except NoAnswerError:
        return False


class Judge:
    """Judges defaults as one version of Avro Java does.

    With `first_branch` a union's default must fit its first branch (Avro 1.11), else any.
    `is_unfinished` returns whether the fields of a record are not known yet. `renamed` has the
    new names of fields by the full names of their records.
    """

    __slots__ = ("_expanded", "first_branch", "is_unfinished", "renamed")

    def __init__(
        self,
        *,
        first_branch: bool,
        is_unfinished: Callable[[Record], bool],
        renamed: Mapping[str, Mapping[str, str]] = _NOTHING_RENAMED,
    ) -> None:
        self.first_branch = first_branch
        self.is_unfinished = is_unfinished
        self.renamed = renamed
        self._expanded: set[int] = set()

    def fits(self, value: JsonValue, node: Node) -> bool:
        """Whether `value` is taken as a default of type `node`.

        Raises:
            NoAnswerError: Avro Java throws.
        """
        if isinstance(node, NameRef):
            if node.target is UNDEFINED:
                # to Avro 1.12 a name that is not defined yet is a record without fields
                return isinstance(value, dict)
            node = node.target
        match node:
            case Primitive():
                return _fits_primitive(value, node.kind)
            case Enum() | Fixed():
                return isinstance(value, str)
            case Array():
                return isinstance(value, list) and self._fit_all(value, node.items)
            case Map():
                return isinstance(value, dict) and self._fit_all(value.values(), node.values)
            case Union():
                return self._fits_a_branch(value, node)
            case Record():
                return isinstance(value, dict) and self._fits_record(value, node)
            case _:
                return False

    # Loops, not generators: see `schemareg.avro.depth`.

    def _fit_all(self, values: Iterable[JsonValue], node: Node) -> bool:
        for value in values:  # noqa: SIM110
            if not self.fits(value, node):
                return False
        return True

    def _fits_a_branch(self, value: JsonValue, union: Union) -> bool:
        branches = union.branches[:1] if self.first_branch else union.branches
        for branch in branches:  # noqa: SIM110
            if self.fits(value, branch):
                return True
        return False

    def _fits_record(self, value: dict[str, JsonValue], record: Record) -> bool:
        if self.is_unfinished(record):
            raise NoAnswerError
        new_names = self.renamed.get(record.fullname) if self.renamed else None
        for field in record.fields:
            name = new_names.get(field.name, field.name) if new_names else field.name
            if name in value:
                if not self.fits(value[name], field.type):
                    return False
            elif not self._fits_default(field):
                return False
        return True

    def _fits_default(self, field: Field) -> bool:
        """Whether the field's own default replaces a value that is not given."""
        if field.default is None:
            return False
        if id(field) in self._expanded:
            raise NoAnswerError
        self._expanded.add(id(field))
        fits = self.fits(field.default.value, field.type)
        self._expanded.discard(id(field))
        return fits


def _fits_primitive(value: JsonValue, kind: str) -> bool:
    match kind:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "int":
            return type(value) is int and value in INT
        case "long":
            return type(value) is int and value in LONG
        case "float" | "double":
            return type(value) is int or type(value) is float
        case _:
            return isinstance(value, str)
