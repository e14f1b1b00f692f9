"""What a field has beside its name and type: default, doc, aliases, order, properties."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import cast

from schemareg.avro.defaults import fits, java_double
from schemareg.avro.parse import late_defaults
from schemareg.avro.parse.properties import FIELD_ATTRIBUTES, properties, text_of
from schemareg.avro.parse.scope import Scope
from schemareg.avro.schema import (
    UNDEFINED,
    Array,
    Default,
    Field,
    JsonDict,
    Map,
    NameRef,
    Node,
    Order,
    Record,
    Union,
)

_ORDERS = ("ascending", "descending", "ignore")
_NULL_DEFAULT = Default(None)
# types to which every JSON value of one kind fits
_PLAIN_DEFAULTS: Mapping[str, type] = {"string": str, "bytes": str, "boolean": bool}


class FieldAttributes:
    """Reads them for all fields of a text; defaults are judged with `validate_defaults`."""

    __slots__ = ("deep_defaults", "doubtful", "has_met_aliases", "scope", "validate_defaults")

    def __init__(self, scope: Scope, *, validate_defaults: bool) -> None:
        self.scope = scope
        self.validate_defaults = validate_defaults
        self.has_met_aliases = False
        self.deep_defaults: dict[int, JsonDict] = {}
        self.doubtful: list[tuple[Field, JsonDict]] = []

    def read(self, field: Field, value: JsonDict, *, is_sound: bool) -> None:
        """What a field has beside its name and type."""
        expected = 2
        if "default" in value:
            expected += 1
            given = value["default"]
            if given is None and _starts_with_null(field.type):
                field.default = _NULL_DEFAULT
            else:
                field.default = Default(given)
                if is_sound and type(given) is not _PLAIN_DEFAULTS.get(field.type.kind):
                    self.check_default(field, value)
        if "doc" in value:
            expected += 1
            field.doc = text_of(value, "doc")
        if "aliases" in value:
            expected += 1
            field.aliases = self.scope.aliases(value)
            self.has_met_aliases = True
        if "order" in value:
            expected += 1
            order = value["order"]
            word = order.lower() if isinstance(order, str) else None
            if word in _ORDERS:
                field.order = cast(Order, word)
            else:
                self.scope.problems.add(
                    value, "order", "invalid-order", f"{order!r} is no sort order",
                    "write ascending, descending or ignore",
                )  # fmt: skip
        if len(value) > expected:
            field.props = properties(value, FIELD_ATTRIBUTES)

    def check_default(self, field: Field, value: JsonDict) -> None:
        given = value["default"]
        node = field.type
        if isinstance(given, str) and node.kind in ("float", "double"):
            number = java_double(given)
            if number is None:
                self.report_default(field, value)
                return
            field.default = Default(number)
        if not self.validate_defaults or field.default is None:
            return
        if isinstance(given, dict | list):
            self.deep_defaults[id(field)] = value
        fit = fits(field.default.value, node, first_branch=self.scope.is_1_11)
        if not fit and self.scope.pending:
            self.doubtful.append((field, value))
        elif not fit and _is_whole(field.type, self.scope.placeholders, set()):
            self.report_default(field, value)

    def report_default(self, field: Field, value: JsonDict, *, was_open: bool = False) -> None:
        is_1_11 = self.scope.is_1_11
        problem = late_defaults.default_problem(field, is_1_11=is_1_11, was_open=was_open)
        self.scope.problems.add(value, "default", *problem)

    def check_again(self, root: Node) -> None:
        """Refuses what had to wait until all names are known.

        That is every default that does not fit, unless a part of its type is refused itself;
        and what does not pass Avro 1.12's second reading of a text.
        """
        scope = self.scope
        for field, value in self.doubtful:
            if _is_whole(field.type, scope.placeholders, set()):
                self.report_default(field, value, was_open=isinstance(field.type, NameRef))
        if scope.is_1_11 or scope.problems.found or not (self.deep_defaults and scope.pending):
            return
        open_refs = {id(ref) for ref, *_ in scope.pending}
        unfit = late_defaults.unfit_defaults(root, scope.names, open_refs, {*self.deep_defaults})
        for field in unfit:
            self.report_default(field, self.deep_defaults[id(field)])


def _is_whole(node: Node, placeholders: Container[int], seen: set[int]) -> bool:
    """Whether `node` holds no type that is unknown or replaces one with a problem."""
    match node:
        case NameRef():
            return node.target is not UNDEFINED and _is_whole(node.target, placeholders, seen)
        case Array():
            return _is_whole(node.items, placeholders, seen)
        case Map():
            return _is_whole(node.values, placeholders, seen)
        case Union():
            return all(_is_whole(branch, placeholders, seen) for branch in node.branches)
        case Record() if id(node) not in seen:
            seen.add(id(node))
            return all(_is_whole(field.type, placeholders, seen) for field in node.fields)
        case _:
            return id(node) not in placeholders


def _starts_with_null(node: Node) -> bool:
    return isinstance(node, Union) and bool(node.branches) and node.branches[0].kind == "null"
