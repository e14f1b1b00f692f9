"""Where the types and fields of a project are defined, and where they are used."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.schema import (
    Enum,
    Field,
    Fixed,
    NamedType,
    NameRef,
    Primitive,
    Record,
    nodes_of,
)
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Pointer, Range
from schemareg.syntax import Node
from schemareg.workspace import Project, SchemaFile


@dataclass(frozen=True, slots=True)
class Symbol:
    """A type by its full name and the module that defines it, or one of a record's fields."""

    fullname: str
    field: str | None = None
    module: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place that spells the name of `symbol`: the characters of `range` between the quotes.

    `pointer` is that of the type or field defined, or of the use. `type` and `field` are what the
    name is that of.
    """

    symbol: Symbol
    file: SchemaFile
    range: Range
    pointer: Pointer
    type: NamedType
    field: Field | None = None
    is_definition: bool = False


def occurrences(file: SchemaFile) -> Iterator[Occurrence]:
    """Every definition and use of a type in `file`, and the fields of its records."""
    schema = file.schema
    for node in nodes_of(schema.root):
        if isinstance(node, Record | Enum | Fixed):
            value = schema.value_of(node)
            at = _between_quotes(value.member("name"))
            symbol = Symbol(node.fullname, module=file.modules[0])
            yield Occurrence(symbol, file, at, value.pointer, node, is_definition=True)
        if isinstance(node, Record):
            yield from _fields(node, value, file)
        if isinstance(node, NameRef):
            value = _name_value(schema.value_of(node))
            at = _between_quotes(value)
            symbol = Symbol(node.fullname, module=file.module_of(node.fullname))
            yield Occurrence(symbol, file, at, value.pointer, node.target)


def _fields(record: Record, value: Node, file: SchemaFile) -> Iterator[Occurrence]:
    for field, own in zip(record.fields, value.member("fields").children, strict=True):
        symbol = Symbol(record.fullname, field.name, file.modules[0])
        at = _between_quotes(own.member("name"))
        yield Occurrence(symbol, file, at, own.pointer, record, field, is_definition=True)


def _name_value(value: Node) -> Node:
    """The text that names the type; `value` may be an object around it."""
    while value.members is not None:
        value = value.member("type")
    return value


def _between_quotes(value: Node) -> Range:
    return Range(value.start + 1, value.end - 1)


def occurrence_at(file: SchemaFile, offset: int) -> Occurrence | None:
    """The name in whose characters `offset` is, its quotes included.

    Inside of a field or a type, but in none of its names: that field or type.
    """
    around: Occurrence | None = None
    known = {each.pointer: each for each in occurrences(file)}
    for each in known.values():
        if each.range.start - 1 <= offset <= each.range.end + 1:
            return each
    node = file.schema.tree.node_at(offset)
    while node is not None and around is None:
        around = known.get(node.pointer)
        node = node.parent
    return around


def primitive_at(file: SchemaFile, offset: int) -> Primitive | None:
    """The primitive type whose name has the character at `offset`."""
    schema = file.schema
    for node in nodes_of(schema.root):
        if isinstance(node, Primitive):
            value = _name_value(schema.value_of(node))
            if value.start <= offset < value.end:
                return node
    return None


def of_symbol(project: Project, symbol: Symbol) -> Iterator[Occurrence]:
    """Every place in the files of `project` that spells the name of `symbol`."""
    for file in project.files:
        if symbol.fullname.rpartition(".")[2] in file.text:
            yield from (each for each in occurrences(file) if each.symbol == symbol)
