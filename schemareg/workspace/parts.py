"""The parts of a schema file that a registry can hold under a name of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from graphlib import CycleError, TopologicalSorter

from schemareg.avro import Schema, parse
from schemareg.avro.parse.parser import Document, parse_document
from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    JsonValue,
    Map,
    NamedType,
    NameRef,
    Node,
    Record,
    Union,
    nodes_of,
)
from schemareg.lazy_dataclass import dataclass
from schemareg.places import ROOT, Pointer, child
from schemareg.syntax import Tree, parse_text


@dataclass(frozen=True, slots=True, eq=False)
class SchemaPart:
    """A named type at `pointer` of a file that is in no other type: its text, parsed.

    `uses` are the full names of the types that it uses and does not define.
    """

    fullname: str
    pointer: Pointer
    text: str
    schema: Schema
    uses: tuple[str, ...]


def parts_of(document: Document, schema: Schema, fullname: str | None) -> Iterator[SchemaPart]:
    """The parts of a file in dependency order: all of it where its outermost type has a name.

    None where the types of a file without such a name use each other in a cycle: no registry
    can hold one of them before the others.
    """
    if fullname is not None:
        # a whole text without references defines all that it uses
        uses = _uses(schema.root) if schema.references else ()
        yield SchemaPart(fullname, ROOT, document.text, schema, uses)
        return
    outermost = {
        type_.fullname: (type_, value, pointer)
        for type_, value, pointer in _outermost(schema.root, document.value)
    }
    owners = {name: own for own, (type_, *_) in outermost.items() for name in _defined_in(type_)}
    needs = {
        name: {owners[use] for use in _uses(type_) if owners.get(use, name) != name}
        for name, (type_, *_) in outermost.items()
    }
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError:
        return
    parsed: dict[str, Schema] = {}
    tree: Tree | None = None if document.tree else schema.tree
    for name in order:
        type_, value, pointer = outermost[name]
        at = (tree := parse_text(document.text) if tree is None else tree).range(pointer)
        assert at is not None
        text = document.text[at.start : at.end]
        used = _uses(type_)
        references = [r for r in schema.references if any(use in r.names for use in used)]
        references += [parsed[other] for other in sorted(needs[name])]
        # the whole file is parsed by the rules of its version already
        parsed[name] = parse_document(
            Document(text, value), references=references, names="none", validate_defaults=False
        )
        yield SchemaPart(name, pointer, text, parsed[name], _uses(parsed[name].root))


def defining(names: Set[str], schema: Schema, parts: Sequence[SchemaPart]) -> Sequence[Schema]:
    """What a registry has of the file of `schema` and `parts` for a user of its types `names`."""
    return [p.schema for p in parts if not names.isdisjoint(p.schema.names)] or [schema]


def placeholders(fullnames: Sequence[str]) -> Schema:
    """A schema that defines all of `fullnames`, as empty records."""
    records = {name: Record(name.rpartition(".")[2], name.rpartition(".")[0]) for name in fullnames}
    return Schema(next(iter(records.values())), records, "") if records else parse('"null"')


def _outermost(root: Node, value: JsonValue) -> Iterator[tuple[NamedType, JsonValue, Pointer]]:
    """The named types that are in no other, in text order."""
    stack: list[tuple[Node, JsonValue, Pointer]] = [(root, value, ROOT)]
    while stack:
        node, value, pointer = stack.pop()
        match node, value:
            case ((Record() | Enum() | Fixed()), dict()):
                yield node, value, pointer
            case Array(), {"items": items}:
                stack.append((node.items, items, child(pointer, "items")))
            case Map(), {"values": values}:
                stack.append((node.values, values, child(pointer, "values")))
            case Union(), list():
                branches = zip(node.branches, value, strict=True)
                stack += reversed([(n, v, child(pointer, i)) for i, (n, v) in enumerate(branches)])
            case _:
                pass


def _uses(root: Node) -> tuple[str, ...]:
    """Full names that `root` uses without defining them, sorted."""
    used: set[str] = set()
    defined: set[str] = set()
    for node in nodes_of(root):
        if isinstance(node, NameRef):
            used.add(node.fullname)
        elif isinstance(node, Record | Enum | Fixed):
            defined.add(node.fullname)
    return tuple(sorted(used - defined))


def _defined_in(root: Node) -> Iterator[str]:
    return (n.fullname for n in nodes_of(root) if isinstance(n, Record | Enum | Fixed))


def owners_of(parts: Mapping[str, SchemaPart]) -> dict[str, str]:
    """The full name of every type that `parts` define -> that of the part; the first one counts."""
    owners = {name: name for name in parts}
    for part in parts.values():
        for name in part.schema.names:
            owners.setdefault(name, part.fullname)
    return owners
