"""Digests by which two types are known to read each other without a look inside.

A shape is the text of a type with everything below it written out, a named type's replaced by
its digest once it grows long. It leaves out what cannot matter when the rest is equal: docs,
properties, order, defaults, type aliases.

There is no shape (None) where an equal twin would not settle the matter as Avro Java settles it:
a record with a field alias that is the name of another of its fields (Java throws on it), and a
union with a branch behind a named one (the attempt to read it as the named one fails, and stays in
Java's memo for wherever the two meet again).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    Map,
    NamedType,
    NameRef,
    Node,
    Primitive,
    Record,
    Schema,
    Type,
    Union,
    parts,
    resolve,
    walk,
)
from schemareg.graphs import components

_LONGEST_TEXT = 200
# what the text of a record has for a field whose type has no shape; no shape looks like it
_SHAPELESS = ":None"
NAMED_KINDS = frozenset(("record", "enum", "fixed", "ref"))


def of_array(items: Node) -> str | None:
    return None if items.shape is None else f"[{items.shape}]"


def of_map(values: Node) -> str | None:
    return None if values.shape is None else f"{{{values.shape}}}"


def of_union(branches: Sequence[Node], kinds: Sequence[str]) -> str | None:
    shapes = [shape for branch in branches if (shape := branch.shape) is not None]
    if len(shapes) < len(branches):
        return None
    if not NAMED_KINDS.isdisjoint(kinds[:-1]):
        return None
    return f"({'|'.join(shapes)})"


def of_enum(enum: Enum) -> str:
    return _short(f"E{enum.fullname}({','.join(enum.symbols)})")


def of_fixed(fixed: Fixed) -> str:
    return _short(f"F{fixed.fullname}({fixed.size})")


def settle(record: Record, *, may_have_aliases: bool = True) -> None:
    """Gives `record` what compatibility compares and, where it has one, its shape."""
    tokens = [f"{field.name}:{field.type.shape};" for field in record.fields]
    text = f"R{record.fullname}<{''.join(tokens)}"
    record.text = text
    record.tokens = tokens
    record.unsettled = ()
    record.shape = f"{text}>" if len(text) < _LONGEST_TEXT else _digest(text)
    if _SHAPELESS in text or (may_have_aliases and any(f.aliases for f in record.fields)):
        _leave_open(record)


def _leave_open(record: Record) -> None:
    """Takes back what does not hold for fields with aliases or with types of no shape."""
    fields = record.fields
    record.unsettled = [i for i, f in enumerate(fields) if f.aliases or f.type.shape is None]
    if _is_ambiguous(record) or any(fields[i].type.shape is None for i in record.unsettled):
        record.shape = None


def _is_ambiguous(record: Record) -> bool:
    """Whether a field of `record` matches several fields of its twin, by name and by alias."""
    return any(alias in record.positions for field in record.fields for alias in field.aliases)


def close(schema: Schema) -> None:
    """Gives every node its shape where types are used before their definition is complete.

    A type's own text then names the types that it uses, and its shape is a digest of the texts of
    all types that it reaches.
    """
    nodes = list(walk(schema))
    definitions = {id(node): node for node in nodes if isinstance(node, Record | Enum | Fixed)}
    own_texts: dict[int, str | None] = {}
    for node in reversed(nodes):
        if isinstance(node, NameRef):
            inside = id(node.target) in definitions
            node.shape = f"@{node.fullname}" if inside else node.target.shape
        else:
            _reshape(node)
        if id(node) in definitions:
            named = definitions[id(node)]
            own_texts[id(named)] = named.shape
            named.shape = f"@{named.fullname}"
    shapes = _closed_shapes(definitions, own_texts)
    for node in reversed(nodes):
        if isinstance(node, NameRef):
            node.shape = shapes.get(id(node.target), node.target.shape)
        else:
            _reshape(node)
        if id(node) in definitions:
            definitions[id(node)].shape = shapes[id(node)]


def forget(schema: Schema) -> None:
    """Leaves no shape: for names that could be mistaken for the text of a shape around them."""
    for node in walk(schema):
        if isinstance(node, Record):
            node.unsettled = range(len(node.fields))
        if not isinstance(node, Primitive):
            node.shape = None


def _reshape(node: Type) -> None:
    match node:
        case Array():
            node.shape = of_array(node.items)
        case Map():
            node.shape = of_map(node.values)
        case Union():
            node.shape = of_union(node.branches, [branch.kind for branch in node.branches])
        case Record():
            settle(node)
        case Enum():
            node.shape = of_enum(node)
        case Fixed():
            node.shape = of_fixed(node)
        case Primitive():
            pass
        case _:
            assert_never(node)


def _closed_shapes(
    definitions: Mapping[int, NamedType], own_texts: Mapping[int, str | None]
) -> Mapping[int, str | None]:
    """For each definition a digest of its text and those of all it reaches, by identity."""
    shapes: dict[int, str | None] = {}

    def uses(named: NamedType) -> Iterator[NamedType]:
        return (used for used in _uses(named) if id(used) in definitions)

    for cycle in components(definitions.values(), uses):
        inside = {id(named) for named in cycle}
        texts = [(named.fullname, own_texts[id(named)]) for named in cycle]
        texts += {
            (used.fullname, shapes[id(used)])
            for named in cycle
            for used in uses(named)
            if id(used) not in inside
        }
        if any(text is None for _, text in texts):
            shapes.update(dict.fromkeys(inside))
        else:
            whole = "&".join(sorted(f"{name}={text}" for name, text in texts))
            digest = _digest(whole)
            shapes.update((id(named), _short(f"{named.fullname}&{digest}")) for named in cycle)
    return shapes


def _uses(named: NamedType) -> Iterator[NamedType]:
    """The types in `named`'s fields, defined there or by name."""
    for field in named.fields if isinstance(named, Record) else ():
        for part in parts(field.type):
            type_ = resolve(part)
            if isinstance(type_, Record | Enum | Fixed):
                yield type_


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else _digest(text)


def _digest(text: str) -> str:
    from hashlib import blake2b  # OpenSSL, which no short text needs

    return f"#{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"
