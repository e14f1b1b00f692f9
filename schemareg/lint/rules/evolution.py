"""Rules about what keeps the next version compatible: defaults, enums that can grow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from schemareg.avro.schema import Enum, JsonValue, Union, resolve
from schemareg.findings import Severity
from schemareg.lint.nodes import is_nullable, without_null
from schemareg.lint.proposals import default_null, null_first
from schemareg.lint.rule import Issue, Proposal, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import FieldSite, Trait, TypeSite
from schemareg.places import Pointer, child
from schemareg.syntax import Insert

_DEFAULT_NULL = "add the default null"


@rule("SR251", FieldSite, severity=Severity.WARNING, traits=Trait.NULLABLE)
def nullable_without_default(site: FieldSite) -> Iterator[Issue]:
    """A nullable field without a default.

    Without `"default": null` a reader that has the field cannot read events that lack it, so it
    can be neither added nor removed later. The bytes are the same with it.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "coupon", "type": ["null", "string"]}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "coupon", "type": ["null", "string"], "default": null}]}
    """
    if is_nullable(site.field.type) and site.field.default is None:
        first = isinstance(site.field.type, Union) and site.field.type.branches[0].kind == "null"
        yield Issue(
            f"{site.field.name!r} may be null, but has no default",
            'add "default": null'
            if first
            else 'put null first and add "default": null; events written in the old order stay'
            " readable",
            fix=None if (edits := default_null(site)) is None else Proposal(_DEFAULT_NULL, edits),
        )


@rule("SR252", FieldSite, severity=Severity.WARNING, traits=Trait.NULL_DEFAULT)
def null_not_first(site: FieldSite) -> Iterator[Issue]:
    """A union whose null is not first though null is the default.

    Before Avro 1.12 a default had to fit the first branch, and other implementations still
    require it.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "coupon", "type": ["string", "null"], "default": null}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "coupon", "type": ["null", "string"], "default": null}]}
    """
    union, default = site.field.type, site.field.default
    is_null = default is not None and default.value is None
    if is_null and isinstance(union, Union) and union.branches[0].kind != "null":
        yield Issue(
            f"the default of {site.field.name!r} is null, but null is not the first branch",
            "put null first; readers match branches by type, so events written in the old order"
            " stay readable",
            fix=Proposal("put null first", edits) if (edits := null_first(site)) else None,
        )


@rule("SR253", FieldSite, severity=Severity.WARNING, traits=Trait.VALUE_DEFAULT)
def null_default_quoted(site: FieldSite) -> Iterator[Issue]:
    """A default of the text "null" where null was meant.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "coupon", "type": ["string", "null"], "default": "null"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "coupon", "type": ["null", "string"], "default": null}]}
    """
    default = site.field.default
    if default is not None and isinstance(default.value, str) and default.value.lower() == "null":
        yield Issue(
            f"the default of {site.field.name!r} is the text {default.value!r}",
            "write null without quotes, and put null first"
            if is_nullable(site.field.type)
            else 'use ["null", …] with "default": null in a new field: deployed readers cannot read'
            " null in this one",
        )


@rule("SR254", FieldSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.VALUE_DEFAULT)
def optional_field_defaulted_to_magic(
    site: FieldSite, *, values: tuple[str, ...] = ("-1", "", "n/a", "none", "unknown", "-")
) -> Iterator[Issue]:
    """A default that means absence.

    Readers cannot distinguish -1 or "N/A" from a value; null means that there is none. `values`
    are such defaults in lower case.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "coupon", "type": "string", "default": "N/A"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "coupon", "type": ["null", "string"], "default": null}]}
    """
    default = site.field.default
    if default is None or isinstance(resolve(without_null(site.field.type)), Enum):
        return
    if isinstance(default.value, str | int) and str(default.value).lower() in values:
        yield Issue(
            f"the default {default.value!r} of {site.field.name!r} looks like absence",
            'use ["null", …] with "default": null in a new field: deployed readers cannot read'
            " null in this one",
        )


@rule("SR255", TypeSite, severity=Severity.WARNING, traits=Trait.ENUM)
def enum_without_default(site: TypeSite) -> Iterator[Issue]:
    """An enum without a default symbol.

    A reader fails on a symbol that it does not know, unless its own enum has a default. The
    default must have reached the readers before the first new symbol is written.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["UNKNOWN", "SMS", "PUSH"],
         "default": "UNKNOWN"}
    """
    if isinstance(site.node, Enum) and site.node.default is None:
        yield Issue(
            f"the enum {site.node.name} has no default, so it cannot grow safely",
            'add "default" with one of its symbols, before a new symbol is needed',
            fix=_unknown_as_default(site.pointer, site.node),
        )


@rule(
    "SR256",
    FieldSite,
    severity=Severity.WARNING,
    preset=Preset.STRICT,
    traits=Trait.VALUE_DEFAULT,
)
def enum_field_default_only(site: FieldSite) -> Iterator[Issue]:
    """A field of an enum type has a default, the enum itself has none.

    The field's default is for events without the field; an unknown symbol fails all the same.

    Bad:
        {"type": "record", "name": "Sent", "fields": [{"name": "channel", "default": "SMS",
          "type": {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}}]}
    Good:
        {"type": "record", "name": "Sent", "fields": [{"name": "channel", "default": "SMS",
          "type": {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"],
                   "default": "SMS"}}]}
    """
    enum, default = resolve(without_null(site.field.type)), site.field.default
    if isinstance(enum, Enum) and enum.default is None and default and default.value is not None:
        yield Issue(
            f"the default of {site.field.name!r} is not used for unknown symbols of {enum.name}",
            "give the enum a default, too"
            if (fix := _default_of_enum(site, default.value))
            else f"give {enum.name} a default where it is defined: its other uses get it, too",
            fix=fix,
        )


_UNKNOWN = ("UNKNOWN", "UNSPECIFIED")


def _unknown_as_default(pointer: Pointer, enum: Enum) -> Proposal | None:
    """The default that an enum has a symbol for; None where a person has to choose one."""
    symbol = next((s for s in enum.symbols if s.upper().endswith(_UNKNOWN)), None)
    if symbol is None:
        return None
    insert = Insert(pointer, json.dumps(symbol), key="default")
    return Proposal(f"make {symbol} the default of the enum", (insert,))


def _default_of_enum(site: FieldSite, symbol: JsonValue) -> Proposal | None:
    """The field's default for the enum, too, where the enum is written in the field."""
    place = child(site.pointer, "type")
    written = site.value.get("type")
    branches = written if isinstance(written, list) else [written]
    at = [
        i
        for i, each in enumerate(branches)
        if isinstance(each, dict) and each.get("type") == "enum"
    ]
    if len(at) != 1:
        return None
    pointer = Pointer(child(place, at[0])) if isinstance(written, list) else Pointer(place)
    insert = Insert(pointer, json.dumps(symbol), key="default")
    return Proposal(f"make {symbol} the default of the enum", (insert,), is_safe=False)


@rule("SR260", TypeSite, severity=Severity.WARNING, traits=Trait.ENUM)
def enum_symbols_alike(site: TypeSite) -> Iterator[Issue]:
    """Two symbols of an enum that are one word spelled twice.

    They differ in case and underscores, in a doubled letter, or in two letters that changed places:
    producers write one, consumers wait for the other.

    Bad:
        {"type": "enum", "name": "State", "symbols": ["CANCELED", "CANCELLED", "SENT"]}
    Good:
        {"type": "enum", "name": "State", "symbols": ["CANCELLED", "SENT"]}
    """
    if not isinstance(site.node, Enum):
        return
    first: dict[str, str] = {}
    for symbol in site.node.symbols:
        for key in _spellings(symbol):
            other = first.setdefault(key, symbol)
            if other != symbol:
                yield Issue(
                    f"the symbols {other!r} and {symbol!r} are spelled alike",
                    "write one of them from now on; a symbol that events hold has to stay",
                )
                break


_LEAST_LETTERS = 6


def _spellings(symbol: str) -> Iterator[str]:
    """What is equal for `symbol` and its misspellings; short symbols are alike by intent."""
    plain = symbol.replace("_", "").lower()
    if len(plain) < _LEAST_LETTERS or any(letter.isdigit() for letter in plain):
        return
    yield f"letters {plain}"
    yield f"single {''.join(letter for letter, _ in groupby(plain))}"
    for at in range(1, len(plain) - 2):
        swapped = plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]
        yield f"swapped {min(plain, swapped)} {max(plain, swapped)}"


@rule("SR257", TypeSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.ENUM)
def enum_unknown_symbol(
    site: TypeSite, *, symbols: tuple[str, ...] = ("UNKNOWN", "UNSPECIFIED", "OTHER")
) -> Iterator[Issue]:
    """An enum without a symbol for what the reader does not know.

    With a real symbol as default, unknown values are read as that symbol.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"], "default": "SMS"}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["UNKNOWN", "SMS"], "default": "UNKNOWN"}
    """
    if not isinstance(site.node, Enum):
        return
    if not any(s.upper() in symbols or s.upper().endswith("_UNKNOWN") for s in site.node.symbols):
        yield Issue(
            f"the enum {site.node.name} has no symbol for the unknown",
            f"add {symbols[0]} and make it the default, and upgrade readers before it is written",
        )


@rule("SR258", FieldSite, severity=Severity.INFO, preset=Preset.ALL, traits=Trait.BOOLEAN)
def boolean_likely_to_grow(
    site: FieldSite,
    *,
    names: tuple[str, ...] = ("active", "enabled", "completed", "approved", "paid", "deleted"),
) -> Iterator[Issue]:
    """A boolean that is likely to need a third state.

    A boolean cannot become an enum compatibly; a state that is an enum can grow.

    Bad:
        {"type": "record", "name": "Account", "fields": [
          {"name": "isActive", "type": "boolean"}]}
    Good:
        {"type": "record", "name": "Account", "fields": [{"name": "state", "type":
          {"type": "enum", "name": "State", "symbols": ["UNKNOWN", "ACTIVE", "LOCKED"]}}]}
    """
    name = site.field.name.lower().removeprefix("is").removeprefix("_")
    if without_null(site.field.type).kind == "boolean" and name in names:
        yield Issue(
            f"{site.field.name!r} may need a third state",
            "use an enum with a default in a new field",
        )
