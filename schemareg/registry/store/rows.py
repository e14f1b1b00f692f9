"""What the tables hold, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping

from schemareg.avro.schema import JsonValue
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.types import Metadata
from schemareg.subjects import Reference, SchemaId, Subject, Version

AVRO = "AVRO"
RuleSet = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Content:
    """What an id stands for in its context; never changes under its `key`.

    `digest` is the 16 bytes of the GUID; `semantic` the 16 bytes that two texts share when they
    differ in the order of properties only. Of another `schema_type` than Avro the text is kept as
    it came, and never read.
    """

    key: int
    context: str
    id: SchemaId
    digest: bytes
    semantic: bytes
    text: str
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None
    schema_type: str = AVRO

    @property
    def guid(self) -> str:
        hexed = self.digest.hex()
        return f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}"


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version of a subject; `written_ms` is when, in milliseconds since 1970."""

    subject: str
    version: Version
    deleted: bool
    written_ms: int
    content: Content


@dataclass(frozen=True, slots=True)
class Holder:
    """A version, without the content that it has."""

    subject: str
    version: Version
    deleted: bool
    written_ms: int


@dataclass(frozen=True, slots=True)
class ReferenceGraph:
    """References between contents: by key their names, subjects (qualified) and versions.

    `targets` are the keys of the contents that those versions have, `digests` those of all.
    """

    references: Mapping[int, tuple[tuple[str, str, int], ...]]
    targets: Mapping[tuple[str, int], int]
    digests: Mapping[int, bytes]

    def edges(self, key: int) -> list[tuple[str, int]]:
        """Names of references of the content, with the keys of what they mean."""
        return [
            (name, self.targets[subject, version])
            for name, subject, version in self.references.get(key, ())
            if (subject, version) in self.targets
        ]

    @property
    def versions(self) -> frozenset[tuple[str, int]]:
        """Subjects and versions that are referred to, whether they exist or not."""
        every = self.references.values()
        return frozenset((subject, version) for refs in every for _, subject, version in refs)


def references_json(references: tuple[Reference, ...]) -> str | None:
    """The column for `references`; None where there are none."""
    if not references:
        return None
    return json.dumps([[r.name, r.subject, r.version] for r in references], ensure_ascii=False)


def references_of(column: str | None) -> tuple[Reference, ...]:
    if column is None:
        return ()
    return tuple(
        Reference(name, Subject(subject), Version(version))
        for name, subject, version in json.loads(column)
    )


def metadata_json(metadata: Metadata | None) -> str | None:
    """The column for `metadata`; None where there is none, which differs from an empty one."""
    if metadata is None:
        return None
    return json.dumps(
        {
            "tags": {key: list(values) for key, values in metadata.tags.items()},
            "properties": dict(metadata.properties),
            "sensitive": list(metadata.sensitive),
        },
        ensure_ascii=False,
    )


def metadata_of(column: str | None) -> Metadata | None:
    if column is None:
        return None
    value = json.loads(column)
    return Metadata(
        tags={key: tuple(values) for key, values in value["tags"].items()},
        properties=value["properties"],
        sensitive=tuple(value["sensitive"]),
    )
