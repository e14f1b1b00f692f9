"""Rules about defaults that a parser accepts and that no reader can use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from schemareg.avro.defaults import fits
from schemareg.avro.logical import logical_type
from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    JsonValue,
    Map,
    NameRef,
    Node,
    Primitive,
    Record,
    Union,
    resolve,
)
from schemareg.findings import Severity
from schemareg.lint.name_words import counted
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import At, FieldSite, NodeSite, Trait
from schemareg.places import Pointer, child

_DECIMAL_TEXT = r"[+-]?\d+(\.\d+)?"
_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_LAST_BYTE = "\u00ff"


class _Part(NamedTuple):
    """A part of a default, and the type that a reader makes of it; `union` is what held it."""

    value: JsonValue
    node: Node
    pointer: Pointer
    union: Union | None = None


def default_parts(site: FieldSite) -> Iterator[_Part]:
    """The default of a field, and whatever is inside it, with their types.

    Of a union it is the first branch that the value fits, as Avro 1.12 chooses. Fields that a
    record's default leaves out have defaults of their own, and are reported there.
    """
    if site.field.default is None:
        return
    start = child(site.pointer, "default")
    stack = [_Part(site.field.default.value, site.field.type, start)]
    while stack:
        part = stack.pop()
        node = resolve(part.node)
        value = part.value
        if isinstance(node, Union):
            branch = next((b for b in node.branches if fits(value, b, first_branch=False)), None)
            if branch is not None:
                stack.append(_Part(value, branch, part.pointer, node))
            continue
        yield part._replace(node=node)
        inside: list[_Part] = []
        match node, value:
            case Array(), list():
                inside = [_Part(v, node.items, child(part.pointer, i)) for i, v in enumerate(value)]
            case Map(), dict():
                inside = [_Part(v, node.values, child(part.pointer, k)) for k, v in value.items()]
            case Record(), dict():
                inside = [
                    _Part(value[f.name], f.type, child(part.pointer, f.name))
                    for f in node.fields
                    if f.name in value
                ]
            case _:
                pass
        stack.extend(reversed(inside))


@rule(
    "SR051",
    FieldSite,
    severity=Severity.ERROR,
    preset=Preset.MINIMAL,
    traits=Trait.VALUE_DEFAULT,
)
def unusable_default(site: FieldSite) -> Iterator[Issue]:
    """A default that Avro's parser accepts and that no reader can use.

    The parser only looks whether a default is text, a number, a list. A symbol that the enum does
    not have, a text of another length than the fixed, a letter that is no byte, a decimal or UUID
    written as text: a reader that needs the default fails on it, or returns another value.

    Bad:
        {"type": "record", "name": "Raised", "fields": [{"name": "level", "default": "MEDIUM",
          "type": {"type": "enum", "name": "Level", "symbols": ["LOW", "HIGH"]}}]}
    Good:
        {"type": "record", "name": "Raised", "fields": [{"name": "level", "default": "LOW",
          "type": {"type": "enum", "name": "Level", "symbols": ["LOW", "HIGH"]}}]}
    """
    for part in default_parts(site):
        if isinstance(part.value, str):
            for message, advice in _unusable_text(part.value, part.node):
                yield Issue(message, advice, At(site.path, part.pointer, site.element))


def _unusable_text(value: str, node: Node) -> Iterator[tuple[str, str]]:
    shown = value if len(value) <= 40 else value[:40] + "…"
    if isinstance(node, Enum):
        if value not in node.symbols:
            yield (
                f"the default {shown!r} is not a symbol of {node.fullname}",
                f"use one of its symbols: {', '.join(node.symbols[:12])}",
            )
        return
    logical = logical_type(node)
    name = logical.name if logical else None
    if name == "uuid" and isinstance(node, Primitive) and not re.fullmatch(_UUID, value):
        yield f"the default {shown!r} is not a UUID", 'use a UUID, or ["null", …] with null'
    if not isinstance(node, Fixed) and node.kind != "bytes":
        return
    wide = next((letter for letter in value if letter > _LAST_BYTE), None)
    if wide is not None:
        yield (
            f"the default {shown!r} has the letter {wide!r}, which is no byte",
            "write each byte as one of \\u0000 to \\u00ff",
        )
    elif name == "decimal" and logical is not None and re.fullmatch(_DECIMAL_TEXT, value):
        number = int.from_bytes(value.encode("latin-1"), "big", signed=True)
        yield (
            f"the default {shown!r} is read as its bytes, which are the decimal"
            f" {_decimal(number, logical.scale or 0)}",
            "write the bytes of the unscaled number, each as \\u0000 to \\u00ff",
        )
    elif isinstance(node, Fixed) and len(value) != node.size:
        yield (
            f"the default {shown!r} has {counted(len(value), 'byte')},"
            f" {node.fullname} has {node.size}",
            f"write {counted(node.size, 'byte')}, each as \\u0000 to \\u00ff",
        )


def _decimal(number: int, scale: int) -> str:
    digits = str(abs(number)).rjust(scale + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else f"{sign}{digits}"


@rule("SR052", NodeSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def default_misplaced(site: NodeSite) -> Iterator[Issue]:
    """A default inside the type, where only enums have one.

    Readers look for the default of a field beside its type; inside the type it is a property that
    nobody reads, and the field has no default.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "tries", "type": {"type": "int", "default": 1}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "tries", "type": "int", "default": 1}]}
    """
    node = site.node
    if not isinstance(node, Union | NameRef | Enum) and "default" in node.props:
        yield Issue(
            f"the default is inside the type {node.kind}, where readers ignore it",
            'move it beside the field\'s "type"',
            At(site.path, child(site.pointer, "default"), site.element),
        )


@rule("SR259", FieldSite, severity=Severity.WARNING, traits=Trait.VALUE_DEFAULT)
def default_branch_order(site: FieldSite) -> Iterator[Issue]:
    """A default, or a part of one, that does not fit the first branch of its union.

    Avro 1.12 accepts any branch; readers with an older Avro, and most other languages, refuse
    the schema.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "coupon", "type": ["null", "string"], "default": "none"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "coupon", "type": ["string", "null"], "default": "none"}]}
    """
    for part in default_parts(site):
        if part.union is None or (part.value is None and part.pointer == f"{site.pointer}/default"):
            continue
        first = part.union.branches[0]
        if not fits(part.value, first, first_branch=True):
            yield Issue(
                f"the default of {site.field.name!r} does not fit the first branch of its union,"
                f" {first.kind}",
                "put the branch of the default first; readers match branches by type, so events"
                " written in the old order stay readable",
                At(site.path, part.pointer, site.element),
            )
