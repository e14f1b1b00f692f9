"""The earlier versions of each subject, from the files that are versions of one schema."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from schemareg.avro import Schema
from schemareg.lazy_dataclass import dataclass
from schemareg.places import ROOT, Location, Pointer
from schemareg.subjects import Reference, Subject, Version
from schemareg.workspace.config import Config
from schemareg.workspace.parts import SchemaPart
from schemareg.workspace.roots import Module
from schemareg.workspace.schema_files import SchemaFile
from schemareg.workspace.version_paths import VersionLayout, versionless
from schemareg.workspace.versions import VersionedFiles


@dataclass(frozen=True, slots=True, eq=False)
class EarlierVersion:
    """A version of a subject before the newest one: `file`, or its part at `pointer`."""

    version: Version
    text: str
    schema: Schema
    file: SchemaFile
    pointer: Pointer
    references: tuple[Reference, ...]

    @property
    def location(self) -> Location:
        """The file; with the place in it where it holds more."""
        if self.pointer == ROOT:
            return Location(self.file.path)
        return Location(self.file.path, *self.file.schema.tree.locate(self.pointer), self.pointer)


@dataclass(frozen=True, slots=True, eq=False)
class PlacedPart:
    """A part of a file, and which version of the subject of its type it is."""

    file: SchemaFile
    part: SchemaPart
    version: Version


class Histories:
    """Subjects of types by name, each with the parts that are its versions.

    The subject of a type is its full name, after the prefix of its module; where namespaces have
    versions, the name without that, unless two types of the newest version would share it.
    """

    def __init__(self, files: VersionedFiles, config: Config) -> None:
        self._files = files
        self._config = config
        self._modules = {
            file.path: config.module_of(file.path)
            for own in (files.files, files.retired, *files.earlier.values())
            for file in own
        }
        self._placed: dict[tuple[str, str], tuple[Subject, Version]] = {}
        self._homes: dict[Subject, str] = {}  # the newest file of each subject's versions
        self.versions: dict[Subject, list[PlacedPart]] = {}
        newest = {file.path for file in files.files} - {
            file.path for own in files.earlier.values() for file in own
        }
        self._taken: dict[tuple[Module | None, str], str] = {}
        for file in files.files:
            for part in file.parts if file.path in newest else ():
                key = self._modules[file.path], self._short(part.fullname)
                self._taken.setdefault(key, part.fullname)
        for file in (*files.files, *files.retired):
            if file.path in newest or file in files.retired:
                self._place(file)

    def subject_of(self, file: SchemaFile, fullname: str) -> Subject:
        """The subject of the newest type of that name in the module of `file`."""
        module, short = self._modules[file.path], self._short(fullname)
        name = short if self._taken.get((module, short), fullname) == fullname else fullname
        return Subject(f"{module.prefix}{name}" if module else name)

    def placed(self, file: SchemaFile, fullname: str) -> tuple[Subject, Version]:
        """The subject of the type of the part `fullname` of `file`, and which version it is."""
        known = self._placed.get((file.path, fullname))
        return known or (self.subject_of(file, fullname), self._files.number(file.path))

    def is_earlier(self, file: SchemaFile, fullname: str) -> bool:
        """Whether the part `fullname` of `file` is no newest version of its subject."""
        subject = self.placed(file, fullname)[0]
        own = self.versions.get(subject) if self._homes.get(subject) != file.path else None
        return own is not None and own[-1].file is not file

    def earlier_of(self, file: SchemaFile, fullname: str | None) -> tuple[EarlierVersion, ...]:
        """The versions before that of the part `fullname` of `file`; of all of it with None."""
        if fullname is None:
            return tuple(map(self._whole, self._files.earlier.get(file.path, ())))
        subject, version = self.placed(file, fullname)
        own = self.versions.get(subject, ())
        return tuple(map(self._version, (p for p in own if p.version < version)))

    def references_of(self, file: SchemaFile, names: Collection[str]) -> tuple[Reference, ...]:
        """What `file` refers to for the types `names`, sorted by name."""
        found: dict[str, Reference] = {}
        for used in (file, *file.uses):
            for part in used.parts:
                if any(name in part.schema.names for name in names):
                    subject, version = self.placed(used, part.fullname)
                    found.setdefault(part.fullname, Reference(part.fullname, subject, version))
        return tuple(found[name] for name in sorted(found))

    def used_by_earlier(self) -> set[Subject]:
        """The subjects that earlier versions refer to."""
        return {
            reference.subject
            for own in self.versions.values()
            for placed in own[:-1]
            for reference in self.references_of(placed.file, placed.part.uses)
        }

    def retired(self) -> Iterator[tuple[Subject, PlacedPart]]:
        """The last version of each type that is gone, which earlier versions refer to."""
        there = {file.path for file in self._files.files}
        for subject in sorted(self.used_by_earlier()):
            own = self.versions.get(subject)
            if own and own[-1].file.path not in there:
                yield subject, own[-1]

    def _short(self, fullname: str) -> str:
        by_namespace = VersionLayout.NAMESPACES in self._config.versions
        return versionless(fullname)[0] if by_namespace else fullname

    def _place(self, file: SchemaFile) -> None:
        """Every part of `file` and of its earlier versions becomes a version of its subject.

        A copy of a type that another file defines is the newest version of that one's.
        """
        for earlier in (*self._files.earlier.get(file.path, ()), file):
            version = self._files.number(earlier.path)
            for part in earlier.parts:
                same = _counterpart(part, earlier, file)
                subject = self.subject_of(file, same.fullname if same else part.fullname)
                own = self.versions.setdefault(subject, [])
                if self._homes.setdefault(subject, file.path) == file.path:
                    own.append(PlacedPart(earlier, part, version))
                self._placed[earlier.path, part.fullname] = subject, own[-1].version

    def _version(self, placed: PlacedPart) -> EarlierVersion:
        file, part = placed.file, placed.part
        references = self.references_of(file, part.uses)
        return EarlierVersion(
            placed.version, part.text, part.schema, file, part.pointer, references
        )

    def _whole(self, file: SchemaFile) -> EarlierVersion:
        names = [name for used in file.uses for name in used.schema.names]
        references = self.references_of(file, names)
        version = self._files.number(file.path)
        return EarlierVersion(version, file.text, file.schema, file, ROOT, references)


def _counterpart(part: SchemaPart, earlier: SchemaFile, newest: SchemaFile) -> SchemaPart | None:
    """The part of `newest` that `part` of `earlier` became: by its name, or as the only one."""
    for name_of in (str, lambda name: versionless(name)[0], lambda name: name.rpartition(".")[2]):
        for other in newest.parts:
            if name_of(other.fullname) == name_of(part.fullname):
                return other
    only = len(earlier.parts) == len(newest.parts) == 1
    return newest.parts[0] if only else None
