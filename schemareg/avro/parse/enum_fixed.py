"""Enums and fixeds from their JSON objects: the named types that hold no other."""

from __future__ import annotations

from schemareg.avro import structural_hash
from schemareg.avro.canonical import json_text
from schemareg.avro.parse.properties import ENUM_ATTRIBUTES, TYPE_ATTRIBUTES, properties, text_of
from schemareg.avro.parse.scope import Scope
from schemareg.avro.schema import Enum, Fixed, JsonDict
from schemareg.integers import INT_MAX

_MAX_FIXED_BYTES = INT_MAX - 8


def read_enum(value: JsonDict, scope: Scope) -> Enum:
    """The enum that `value` describes, its name defined in `scope`."""
    name, space = scope.name_of(value)
    aliases = scope.type_aliases(value, space) if "aliases" in value else ()
    enum = Enum(name, space, aliases, text_of(value, "doc"), properties(value, ENUM_ATTRIBUTES))
    enum.symbols = _symbols(value, name, scope)
    enum.default = text_of(value, "default")
    has_symbols = isinstance(value.get("symbols"), list)
    if enum.default is not None and has_symbols and enum.default not in enum.symbols:
        scope.problems.add(
            value, "default", "invalid-default", f"{enum.default!r} is no symbol of {name!r}",
            "add it to the symbols, or choose one of them",
        )  # fmt: skip
    enum.shape = structural_hash.of_enum(enum)
    scope.opened.append(enum.fullname)
    scope.define(enum, value)
    return enum


def _symbols(value: JsonDict, name: str, scope: Scope) -> tuple[str, ...]:
    given = value.get("symbols")
    if not isinstance(given, list):
        scope.problems.add(
            value, None if given is None else "symbols", "missing-attribute",
            f"enum {name!r} without symbols", 'add "symbols": []',
        )  # fmt: skip
        return ()
    symbols: list[str] = []
    seen: set[str] = set()
    for i, symbol in enumerate(given):
        if not isinstance(symbol, str):
            scope.problems.add(given, i, "invalid-name", "a symbol must be a string")
            continue
        scope.check_name(symbol, given, i, "symbol")
        if symbol in seen:
            scope.problems.add(
                given, i, "duplicate-symbol", f"symbol {symbol!r} appears twice", "remove one"
            )
        seen.add(symbol)
        symbols.append(symbol)
    return tuple(symbols)


def read_fixed(value: JsonDict, scope: Scope) -> Fixed:
    """The fixed that `value` describes, its name defined in `scope`."""
    name, space = scope.name_of(value)
    aliases = scope.type_aliases(value, space) if "aliases" in value else ()
    fixed = Fixed(name, space, aliases, text_of(value, "doc"), properties(value, TYPE_ATTRIBUTES))
    size = value.get("size")
    if type(size) is int and 0 <= size <= _MAX_FIXED_BYTES:
        fixed.size = size
    else:
        fixed.size = 0
        what = f"fixed {name!r} without a size"
        scope.problems.add(
            value, "size" if "size" in value else None, "invalid-size",
            what if "size" not in value else f"{json_text(size)} is not a size",
            f"a size is a whole number of bytes from 0 to {_MAX_FIXED_BYTES}",
        )  # fmt: skip
    fixed.shape = structural_hash.of_fixed(fixed)
    scope.opened.append(fixed.fullname)
    scope.define(fixed, value)
    return fixed
