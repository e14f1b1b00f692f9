"""What a field has beside its name and type: default, doc, aliases, order, properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from schemareg.avro import forward
from schemareg.avro.defaults import NotYetDefinedError, fits, is_unfinished, java_double
from schemareg.avro.properties import FIELD_ATTRIBUTES, properties, text_of
from schemareg.avro.refusals import JsonObject
from schemareg.avro.schema import Default, Field, Node, Order, Union
from schemareg.avro.scope import Scope

_ORDERS = ("ascending", "descending", "ignore")
_NULL_DEFAULT = Default(None)
# types to which every JSON value of one kind fits
_PLAIN_DEFAULTS: Mapping[str, type] = {"string": str, "bytes": str, "boolean": bool}


class FieldAttributes:
    """Reads them for all fields of a text; defaults are judged where that is asked for."""

    __slots__ = ("deep_defaults", "has_met_aliases", "scope", "validate_defaults")

    def __init__(self, scope: Scope, *, validate_defaults: bool) -> None:
        self.scope = scope
        self.validate_defaults = validate_defaults
        self.has_met_aliases = False
        self.deep_defaults: dict[int, JsonObject] = {}

    def read(self, field: Field, value: JsonObject, *, is_sound: bool) -> None:
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
                self.scope.refusals.add(
                    value, "order", "invalid-order", f"{order!r} is no sort order",
                    "write ascending, descending or ignore",
                )  # fmt: skip
        if len(value) > expected:
            field.props = properties(value, FIELD_ATTRIBUTES)

    def check_default(self, field: Field, value: JsonObject) -> None:
        given = value["default"]
        node = field.type
        if isinstance(given, str) and node.kind in ("float", "double"):
            number = java_double(given)
            if number is None:
                self.refuse_default(field, value)
                return
            field.default = Default(number)
        if not self.validate_defaults or field.default is None:
            return
        if isinstance(given, dict | list):
            self.deep_defaults[id(field)] = value
        try:
            fit = fits(
                field.default.value,
                node,
                first_branch=self.scope.is_1_11,
                unfinished=is_unfinished,
            )
        except NotYetDefinedError:
            fit = False
        if not fit:
            self.refuse_default(field, value)

    def refuse_default(self, field: Field, value: JsonObject) -> None:
        self.scope.refusals.add(
            value, "default", *forward.default_refusal(field, is_1_11=self.scope.is_1_11)
        )

    def check_again(self, root: Node) -> None:
        """Refuses the defaults that do not pass Avro 1.12's second reading of a text."""
        scope = self.scope
        if scope.is_1_11 or scope.refusals.found or not (self.deep_defaults and scope.pending):
            return
        open_refs = {id(ref) for ref, *_ in scope.pending}
        unfit = forward.unfit_defaults(root, scope.names, open_refs, {*self.deep_defaults})
        for field in unfit:
            self.refuse_default(field, self.deep_defaults[id(field)])


def _starts_with_null(node: Node) -> bool:
    return isinstance(node, Union) and bool(node.branches) and node.branches[0].kind == "null"
