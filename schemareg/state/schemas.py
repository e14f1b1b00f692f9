"""The parsed schemas of a state's versions: each parsed once, when it is first needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemareg.avro import Schema
from schemareg.avro.parse.parser import Document, read_document
from schemareg.errors import ContentError, SchemaregError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.registry.api.state import RegistryState, StoredVersion
from schemareg.registry.api.types import RegisteredSchema
from schemareg.registry.client.resolving import Wanted, resolving
from schemareg.subjects import Reference, SchemaId, Subject, Version
from schemareg.workspace import SchemaFile


@dataclass(frozen=True, slots=True, eq=False)
class SchemaVersion:
    """A version with its schema, which knows the types of the references."""

    stored: StoredVersion
    schema: Schema

    @property
    def version(self) -> Version:
        return self.stored.version

    @property
    def text(self) -> str:
        return self.stored.text

    @property
    def references(self) -> tuple[Reference, ...]:
        return self.stored.references

    @property
    def location(self) -> Location:
        return self.stored.location


def parsed_alone(
    files: Iterable[SchemaFile], avro_version: str
) -> Mapping[tuple[str, str], Schema]:
    """The schemas of those `files` that use no other and are written as JSON, by their texts.

    A registry reads a text that it would accept today as these are read.
    """
    return {
        (avro_version, file.text): file.schema
        for file in files
        if not file.uses and file.schema.source is None
    }


class Schemas:
    """The schemas of `state`, parsed as leniently as a registry reads what it has accepted.

    A text that `files` hold, too, or that several versions have, is decoded once; one that needs
    no other, and that the rules for new schemas allow, is parsed once.
    """

    def __init__(
        self, state: RegistryState, *, avro_version: str, files: Iterable[SchemaFile] = ()
    ) -> None:
        self.state = state
        files = tuple(files)
        self._documents = {file.text: Document(file.text, file.value) for file in files}
        self._known = {**state.parsed, **parsed_alone(files, avro_version)}
        self._avro_version = avro_version
        self._parsed: dict[Wanted, Schema] = {}
        self._refused: dict[Wanted, SchemaregError] = {}
        self._histories: dict[Subject, tuple[SchemaVersion, ...]] = {}

    def history(self, subject: Subject) -> tuple[SchemaVersion, ...]:
        """The live versions of `subject` that can be parsed, oldest first."""
        if subject not in self._histories:
            found = []
            for stored in self.state.versions(subject):
                try:
                    found.append(SchemaVersion(stored, self.schema(subject, stored)))
                except SchemaregError:
                    continue
            self._histories[subject] = tuple(found)
        return self._histories[subject]

    def is_newest(self, subject: Subject, schema: Schema) -> bool:
        """Whether the text of `schema` is that of the newest live version, and needs no other.

        It is seen without parsing a version; False: they may still mean the same. Space around
        a text means nothing.
        """
        versions = self.state.versions(subject)
        if not versions or versions[-1].references or schema.references:
            return False
        return versions[-1].text.strip() == schema.text.strip()

    def newest(self, subject: Subject) -> SchemaVersion | None:
        """The last of `history`, without parsing those before it; None where that is empty."""
        for stored in reversed(self.state.versions(subject)):
            try:
                return SchemaVersion(stored, self.schema(subject, stored))
            except SchemaregError:
                continue
        return None

    def refusals(self, subject: Subject) -> tuple[tuple[StoredVersion, SchemaregError], ...]:
        """The live versions of `subject` that cannot be parsed, each with the reason."""
        self.history(subject)
        return tuple(
            (stored, self._refused[subject, stored.version])
            for stored in self.state.versions(subject)
            if (subject, stored.version) in self._refused
        )

    def schema(self, subject: Subject, stored: StoredVersion) -> Schema:
        """The schema of one version.

        Raises:
            SchemaParseError: the text, or that of a reference, is no schema.
            ContentError: a referenced version is not held.
            RegistryUnavailableError: the references form a cycle.
        """
        key = (subject, stored.version)
        if key in self._refused:
            raise self._refused[key]
        if key not in self._parsed:
            try:
                self._parsed[key] = self._resolve(subject, stored)
            except SchemaregError as error:
                self._refused[key] = error
                raise
        return self._parsed[key]

    def _resolve(self, subject: Subject, stored: StoredVersion) -> Schema:
        known = self._known.get((self._avro_version, stored.text))
        if known is not None and not stored.references:
            return known
        resolution = resolving(
            stored.text,
            stored.references,
            of=subject,
            place=self._place(subject, stored.version),
            known=self._parsed,
            place_of=self._place,
            avro_version=self._avro_version,
            read=self._document,
        )
        try:
            wanted = next(resolution)
            while True:
                wanted = resolution.send(self._held(wanted, stored))
        except StopIteration as finished:
            schema: Schema = finished.value
            return schema

    def _document(self, text: str) -> Document:
        known = self._documents.get(text)
        if known is None:
            known = self._documents[text] = read_document(text)
        return known

    def _held(self, wanted: Wanted, referrer: StoredVersion) -> RegisteredSchema:
        subject, number = wanted
        found = self.state.version(subject, number)
        if found is None:
            raise ContentError(
                f"it refers to {subject!r} version {number}, which"
                f" {self.state.origin.description} does not hold",
                location=referrer.location,
            )
        return RegisteredSchema(subject, number, SchemaId(0), found.text, found.references)

    def _place(self, subject: Subject, version: Version) -> str:
        found = self.state.version(subject, version)
        return (found and found.location.path) or f"{subject} version {version}"
