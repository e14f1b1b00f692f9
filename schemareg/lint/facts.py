"""What rules that compare files know of each file: small facts, without the parsed schemas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import NamedTuple, Protocol

from schemareg.avro.schema import (
    Enum,
    NameRef,
    Record,
    parts,
)
from schemareg.lazy_dataclass import dataclass
from schemareg.lint.linted import LintedFile
from schemareg.lint.nodes import is_nullable, logical_name
from schemareg.lint.sites import AnySite, At, FieldSite, NodeSite, Site, TypeSite
from schemareg.places import ROOT, Pointer
from schemareg.subjects import CompatibilityLevel, Subject


class FieldFact(Protocol):
    """A field; `shown_type` is how its type is named in messages, null left out."""

    @property
    def path(self) -> str | None: ...
    @property
    def pointer(self) -> Pointer: ...
    @property
    def element(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def doc(self) -> str: ...
    @property
    def shown_type(self) -> str: ...


class StoredField(NamedTuple):
    """A field as it was linted before."""

    path: str
    pointer: Pointer
    element: str
    name: str
    doc: str
    shown_type: str


class TypeFact(NamedTuple):
    """A named type where it is defined.

    `symbols` are an enum's; `holds` are the full names of the named types in a record's fields.
    """

    path: str
    pointer: Pointer
    element: str
    kind: str
    symbols: tuple[str, ...]
    holds: tuple[str, ...]

    @property
    def short_name(self) -> str:
        return self.element.rpartition(".")[2]


class UseFact(NamedTuple):
    """A use of the type `fullname` by its name, inside the field `element`."""

    path: str
    pointer: Pointer
    element: str
    fullname: str


class LogicalFact(NamedTuple):
    """A node with a logical type, known or not."""

    path: str
    pointer: Pointer
    element: str
    name: str


class FileFact(NamedTuple):
    """A file: what it defines at its root and the paths of the files that it uses.

    `fields` maps the fields of a root record to whether they may be null; None for other roots.
    `modules` are those in which its names are looked up, its own first.
    """

    path: str
    element: str
    uses: tuple[str, ...]
    fields: dict[str, bool] | None
    modules: tuple[str, ...] = ("",)

    @property
    def pointer(self) -> Pointer:
        return ROOT


class SubjectFact(NamedTuple):
    """A subject of the project; `path` is the file of its schema, None for a primitive key."""

    subject: Subject
    path: str | None
    role: str
    topic: str | None
    level: CompatibilityLevel | None


@dataclass(slots=True)
class FileFacts:
    """The facts of one file."""

    file: FileFact
    fields: list[FieldFact] = field(default_factory=list)
    types: list[TypeFact] = field(default_factory=list)
    uses: list[UseFact] = field(default_factory=list)
    logical: list[LogicalFact] = field(default_factory=list)

    def add(self, site: AnySite) -> None:
        """Keep what rules that compare files need of `site`."""
        if isinstance(site, FieldSite):
            self.fields.append(site)
        elif isinstance(site, TypeSite):
            type_ = site.node
            symbols = type_.symbols if isinstance(type_, Enum) else ()
            holds = tuple(_held_by(type_)) if isinstance(type_, Record) else ()
            self.types.append(
                TypeFact(self.file.path, site.pointer, site.element, type_.kind, symbols, holds)
            )
        elif isinstance(site, NodeSite):
            node = site.node
            if isinstance(node, NameRef):
                self.uses.append(UseFact(self.file.path, site.pointer, site.element, node.fullname))
            elif name := logical_name(node):
                self.logical.append(LogicalFact(self.file.path, site.pointer, site.element, name))


def file_fact(file: LintedFile) -> FileFact:
    root = file.schema.root
    fields = (
        {f.name: is_nullable(f.type) for f in root.fields} if isinstance(root, Record) else None
    )
    return FileFact(
        file.path, file.fullname or "", tuple(u.path for u in file.uses), fields, file.modules
    )


class ProjectSite(Site):
    """Everything at once: the facts of all files, and the subjects.

    `is_complete`: every file of the project parsed.
    """

    __slots__ = (
        "_defined", "_modules", "avro_version", "fields", "files", "is_complete", "logical",
        "subjects", "types", "uses",
    )  # fmt: skip

    def __init__(
        self,
        facts: Sequence[FileFacts],
        subjects: Sequence[SubjectFact],
        *,
        avro_version: str,
        is_complete: bool,
    ) -> None:
        super().__init__(None)
        self.avro_version = avro_version
        self.is_complete = is_complete
        self.subjects = subjects
        self.files = [own.file for own in facts]
        self.fields = [fact for own in facts for fact in own.fields]
        self.types = [fact for own in facts for fact in own.types]
        self.uses = [fact for own in facts for fact in own.uses]
        self.logical = [fact for own in facts for fact in own.logical]
        self._modules = {own.file.path: own.file.modules for own in facts}
        self._defined = {(self._modules[fact.path][0], fact.element) for fact in self.types}

    def identity(self, path: str, fullname: str) -> tuple[str, str]:
        """The module that defines what the file at `path` means by `fullname`, and that name."""
        seen = self._modules[path]
        home = next((name for name in seen if (name, fullname) in self._defined), seen[0])
        return home, fullname

    def root_of(self, path: str | None) -> At | None:
        """The whole of the file at `path`."""
        return next((At(f.path, ROOT, f.element) for f in self.files if f.path == path), None)


def _held_by(record: Record) -> Iterator[str]:
    """Full names of the named types in the fields of `record`, not looking inside them."""
    for held in record.fields:
        yield from (p.fullname for p in parts(held.type) if isinstance(p, NameRef | Record))
