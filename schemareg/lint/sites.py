"""Where rules look: files, named types, fields, other uses of types, topics, the project.

The linter stands below configuration and project, so it says here what it needs of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from schemareg.avro.parse import source
from schemareg.avro.schema import (
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
    Schema,
    Union,
)
from schemareg.errors import Problem, SchemaParseError
from schemareg.places import ROOT, Pointer, child
from schemareg.subjects import CompatibilityLevel, Subject

IGNORE_PROPERTY = "schemareg.ignore"


class LintedFile(Protocol):
    """A schema file that parsed."""

    @property
    def path(self) -> str: ...
    @property
    def raw(self) -> bytes: ...
    @property
    def text(self) -> str: ...
    @property
    def schema(self) -> Schema: ...
    @property
    def fullname(self) -> str | None: ...
    @property
    def uses(self) -> Sequence[LintedFile]: ...


class LintedSubject(Protocol):
    """A subject that the project keeps a schema under."""

    @property
    def subject(self) -> Subject: ...
    @property
    def file(self) -> LintedFile | None: ...
    @property
    def role(self) -> str: ...
    @property
    def topic(self) -> str | None: ...
    @property
    def level(self) -> CompatibilityLevel | None: ...
    @property
    def schema(self) -> Schema: ...


class LintedProject(Protocol):
    """The files and subjects that are judged together."""

    @property
    def files(self) -> Sequence[LintedFile]: ...
    @property
    def failures(self) -> Sequence[SchemaParseError]: ...
    @property
    def subjects(self) -> Sequence[LintedSubject]: ...
    @property
    def is_whole(self) -> bool: ...
    def is_selected(self, path: str | None, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class InSchemaIgnore:
    """One entry of a `schemareg.ignore` property: the reason given, and where it stands."""

    reason: str
    pointer: Pointer
    element: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file and the dotted name of the element there.

    `text` is the file's, "" where the file did not parse; then `line` and `column` are given.
    `ignores` are the `schemareg.ignore` properties at and around the place, by rule id.
    """

    path: str | None
    text: str
    pointer: Pointer = ROOT
    element: str = ""
    line: int = 0
    column: int = 0
    ignores: Mapping[str, InSchemaIgnore] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """What a rule is called with; `place` is where its hits are reported."""

    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemSite(Site):
    """A problem of a file that did not parse."""

    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSite(Site):
    """A file with its JSON value. `is_event`: a topic carries it as a value."""

    file: LintedFile
    value: JsonValue
    is_event: bool

    def at(self, pointer: Pointer) -> Place:
        return replace(self.place, pointer=pointer)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSite(Site):
    """A named type where it is defined. `is_root`: nothing stands around it."""

    node: NamedType
    is_root: bool
    depth: int
    """How many records stand around this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSite(Site):
    """A field of a record. `value` is its JSON object."""

    record: Record
    field: Field
    value: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSite(Site):
    """Any node of a schema where it is written; `value` is its JSON."""

    node: Node
    value: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionSite(Site):
    """A suppression, after every other rule has run. `rule` is what it silences.

    `known` tells whether there is such a rule, `ran` whether it ran, `used` whether a finding of
    it was silenced here.
    """

    rule: str
    reason: str
    known: bool
    ran: bool
    used: bool
    nearest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSite(Site):
    """Everything at once, with the sites of all files."""

    project: LintedProject
    avro_version: str
    files: tuple[FileSite, ...]
    types: tuple[TypeSite, ...]
    fields: tuple[FieldSite, ...]
    nodes: tuple[NodeSite, ...]


def project_sites(project: LintedProject, *, avro_version: str) -> Iterator[Site]:
    """Every site of `project`: problems, then files with what is in them, then the project."""
    for failure in project.failures:
        path = failure.location.path if failure.location else None
        for problem in failure.problems:
            place = Place(path, "", problem.pointer, "", problem.line, problem.column)
            yield ProblemSite(place, problem=problem)
    events = _events(project)
    inside: list[Site] = []
    for file in project.files:
        inside.extend(_file_sites(file, is_event=file.path in events))
    yield from inside
    yield ProjectSite(
        Place(None, ""),
        project=project,
        avro_version=avro_version,
        files=tuple(s for s in inside if isinstance(s, FileSite)),
        types=tuple(s for s in inside if isinstance(s, TypeSite)),
        fields=tuple(s for s in inside if isinstance(s, FieldSite)),
        nodes=tuple(s for s in inside if isinstance(s, NodeSite)),
    )


def _events(project: LintedProject) -> frozenset[str]:
    """Paths of the files that topics carry; without any topic, records that no file uses."""
    carried = {s.file.path for s in project.subjects if s.role == "value" and s.file}
    if any(s.topic for s in project.subjects):
        return frozenset(carried)
    used = {used.path for file in project.files for used in file.uses}
    return frozenset(
        f.path for f in project.files if f.path not in used and isinstance(f.schema.root, Record)
    )


def _file_sites(file: LintedFile, *, is_event: bool) -> Iterator[Site]:
    value = source.load(file.text)
    element = file.fullname or ""
    place = Place(file.path, file.text, ROOT, element, ignores=_ignores_of(value, ROOT, element))
    yield FileSite(place, file=file, value=value, is_event=is_event)
    yield from _Walk(file).sites(file.schema.root, value)


def _ignores_of(value: JsonValue, pointer: Pointer, element: str) -> Mapping[str, InSchemaIgnore]:
    found = value.get(IGNORE_PROPERTY) if isinstance(value, dict) else None
    if not isinstance(found, dict):
        return {}
    return {
        rule: InSchemaIgnore(
            reason if isinstance(reason, str) else "",
            child(pointer, IGNORE_PROPERTY, rule),
            element,
        )
        for rule, reason in found.items()
    }


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a node on the way from the root."""

    pointer: Pointer
    element: str
    ignores: Mapping[str, InSchemaIgnore]
    depth: int = 0

    def inner(self, *tokens: str | int) -> _Around:
        return _Around(child(self.pointer, *tokens), self.element, self.ignores, self.depth)

    def deeper(self) -> _Around:
        return _Around(self.pointer, self.element, self.ignores, self.depth + 1)


class _Walk:
    """The sites of one file, a record's fields before what is inside them, without recursion."""

    def __init__(self, file: LintedFile) -> None:
        self.file = file

    def place(self, around: _Around) -> Place:
        return Place(
            self.file.path,
            self.file.text,
            around.pointer,
            around.element,
            ignores=around.ignores,
        )

    def sites(self, root: Node, value: JsonValue) -> Iterator[Site]:
        stack: list[tuple[Node, JsonValue, _Around]] = [(root, value, _Around(ROOT, "", {}))]
        while stack:
            node, value, around = stack.pop()
            parts: list[tuple[Node, JsonValue, _Around]] = []
            if isinstance(node, Record | Enum | Fixed):
                around = self.within(around, node.fullname, value)
                yield self.type_site(node, around)
            yield NodeSite(self.place(around), node=node, value=value)
            match node, value:
                case Record(), dict():
                    for index, field_ in enumerate(node.fields):
                        within = self.field_around(node, index, value, around)
                        site = self.field_site(node, index, value, within)
                        yield site
                        parts.append((field_.type, site.value.get("type"), within.inner("type")))
                case Array(), dict():
                    parts.append((node.items, value.get("items"), around.inner("items")))
                case Map(), dict():
                    parts.append((node.values, value.get("values"), around.inner("values")))
                case Union(), list():
                    parts.extend(
                        (branch, value[i], around.inner(i))
                        for i, branch in enumerate(node.branches)
                    )
                case _:
                    pass
            stack.extend(reversed(parts))

    def type_site(self, node: NamedType, around: _Around) -> TypeSite:
        return TypeSite(
            self.place(around),
            node=node,
            is_root=around.pointer == ROOT,
            depth=around.depth,
        )

    def field_around(
        self, record: Record, index: int, value: Mapping[str, JsonValue], around: _Around
    ) -> _Around:
        within = around.inner("fields", index).deeper()
        element = f"{record.fullname}.{record.fields[index].name}"
        return self.within(within, element, _field_value(value, index))

    def within(self, around: _Around, element: str, value: JsonValue) -> _Around:
        ignores = {**around.ignores, **_ignores_of(value, around.pointer, element)}
        return _Around(around.pointer, element, ignores, around.depth)

    def field_site(
        self, record: Record, index: int, value: Mapping[str, JsonValue], around: _Around
    ) -> FieldSite:
        return FieldSite(
            self.place(around),
            record=record,
            field=record.fields[index],
            value=_field_value(value, index),
        )


def _field_value(value: Mapping[str, JsonValue], index: int) -> dict[str, JsonValue]:
    fields = value.get("fields")
    found = fields[index] if isinstance(fields, list) and index < len(fields) else None
    return found if isinstance(found, dict) else {}


def is_nullable(node: Node) -> bool:
    """Whether `node` is a union with null."""
    return isinstance(node, Union) and any(b.kind == "null" for b in node.branches)


def without_null(node: Node) -> Node:
    """The one branch beside null, or `node` itself where there is not exactly one."""
    if isinstance(node, Union):
        others = [b for b in node.branches if b.kind != "null"]
        if len(others) == 1:
            return others[0]
    return node


def target(node: Node) -> Node:
    """The definition behind a name, or `node`."""
    return node.target if isinstance(node, NameRef) else node


def plain_kind(node: Node) -> str | None:
    """The primitive kind of `node`, or of its one branch beside null; None for other types."""
    inner = without_null(node)
    return inner.kind if isinstance(inner, Primitive) else None
