"""Defaults in a schema that uses names before their definition is complete.

Avro 1.12 reads such a text twice: first each open name is a record without fields, then
a copy is made in which the names are resolved, and the defaults are judged again while some
records of the copy have no fields yet. The same second reading is done here.

Source: Avro 1.12.1, `SchemaResolver.ResolvingVisitor` and `ParseContext.ensureSchemasAreResolved`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemareg.avro.canonical import json_text
from schemareg.avro.defaults import Judge, NoAnswerError
from schemareg.avro.schema import (
    Array,
    Field,
    Map,
    NamedType,
    NameRef,
    Node,
    Record,
    Union,
    name_of,
    resolve,
)

_LONGEST_SHOWN = 40


def default_problem(field: Field, *, is_1_11: bool, was_open: bool = False) -> tuple[str, str, str]:
    """Code, message and advice for a default that does not fit its field.

    `was_open`: the field's type was used before its definition was complete.
    """
    shown = json_text(field.default.value) if field.default is not None else ""
    shown = shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "…"
    type_ = field.type
    if was_open:
        wanted = f"{name_of(type_)}, which is not defined yet"
        advice = f"define {name_of(type_)!r} before this field, or drop the default"
    elif isinstance(type_, Union) and is_1_11:
        wanted = "the first branch of its union"
        advice = "put the branch of the default first"
    elif isinstance(type_, Union):
        wanted = "any branch of its union"
        advice = f"choose a default that fits one of {', '.join(map(name_of, type_.branches))}"
    else:
        wanted = name_of(type_)
        advice = f"choose a default of type {wanted}, or drop it"
    return (
        "invalid-default",
        f"default {shown} of field {field.name!r} does not fit {wanted}",
        advice,
    )


def unfit_defaults(
    root: Node, names: Mapping[str, NamedType], open_refs: set[int], fields: set[int]
) -> Iterator[Field]:
    """The fields whose defaults Avro 1.12 refuses on its second reading.

    `names` are the definitions in the order in which they were completed, `open_refs` the
    identities of the uses that were open on the first reading, `fields` those of the fields with
    a default that is an object or array: only those can be inside a record.
    """
    reading = _SecondRead(names, open_refs, fields)
    for definition in names.values():
        yield from reading.visit(definition)
    yield from reading.visit(root)


class _SecondRead:
    def __init__(
        self, names: Mapping[str, NamedType], open_refs: set[int], fields: set[int]
    ) -> None:
        self.names = names
        self.open_refs = open_refs
        self.fields = fields
        self.begun: set[int] = set()
        self.unfinished: set[int] = set()

    def visit(self, start: Node) -> Iterator[Field]:
        """Copies what `start` reaches, children first; a record gets its fields last of all."""
        seen: set[int] = set()
        stack: list[tuple[Node, bool]] = [(start, False)]
        while stack:
            node, is_left = stack.pop()
            if is_left:
                if isinstance(node, Record) and id(node) in self.unfinished:
                    yield from self.copy_fields(node)
                continue
            if isinstance(node, NameRef) and id(node) in self.open_refs:
                if id(node.target) not in self.begun:
                    yield from self.visit(node.target)
                continue
            type_ = resolve(node)
            if id(type_) in seen:
                continue
            seen.add(id(type_))
            stack.append((type_, True))
            match type_:
                case Record():
                    if id(type_) not in self.begun:
                        self.begun.add(id(type_))
                        self.unfinished.add(id(type_))
                    stack.extend((field.type, False) for field in reversed(type_.fields))
                case Array():
                    stack.append((type_.items, False))
                case Map():
                    stack.append((type_.values, False))
                case Union():
                    stack.extend((branch, False) for branch in type_.branches)
                case _:
                    pass

    def copy_fields(self, record: Record) -> Iterator[Field]:
        for field in record.fields:
            if id(field) in self.fields and field.default is not None and not self.fits(field):
                yield field
        self.unfinished.discard(id(record))

    def fits(self, field: Field) -> bool:
        assert field.default is not None
        judge = Judge(first_branch=False, is_unfinished=self.is_unfinished)
        try:
            return judge.fits(field.default.value, field.type)
        except NoAnswerError:
            return False

    def is_unfinished(self, record: Record) -> bool:
        return id(record) in self.unfinished
