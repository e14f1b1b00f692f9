"""The registry's nouns: subject, version, id, reference, level, mode, metadata, and naming."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Literal, NewType

from schemareg.lazy_dataclass import dataclass

Subject = NewType("Subject", str)
Version = NewType("Version", int)
"""A registered version of a subject, from 1."""
SchemaId = NewType("SchemaId", int)
"""The number that a framed message carries, from 1; one content has one id per context."""
DEPLOYMENTS = Subject("schemareg.deployments")
"""Whose versions hold records of deployments and no schema of anybody's."""

VersionSelector = Version | Literal["latest"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of a schema registered elsewhere: `name` is the full name of the type it brings."""

    name: str
    subject: Subject
    version: Version


class CompatibilityLevel(StrEnum):
    """What a registry promises about a subject's versions.

    Source: Confluent, "Schema Evolution and Compatibility".
    """

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def backward(self) -> bool:
        """A reader with the new schema reads what the old one wrote."""
        return self.value.startswith(("BACKWARD", "FULL"))

    @property
    def forward(self) -> bool:
        """A reader with the old schema reads what the new one writes."""
        return self.value.startswith(("FORWARD", "FULL"))

    @property
    def transitive(self) -> bool:
        """The promise holds against every earlier version, not only the latest."""
        return self.value.endswith("_TRANSITIVE")

    def promises_all_of(self, other: CompatibilityLevel) -> bool:
        """Whether a change that this level allows is one that `other` allows, too."""
        return (
            self.backward >= other.backward
            and self.forward >= other.forward
            and (self.transitive or not other.transitive)
        )


class Mode(StrEnum):
    """What a registry permits on a subject, a context, or everything.

    Source: Confluent, "Schema Registry API", section Mode.
    """

    READWRITE = "READWRITE"
    READONLY = "READONLY"
    READONLY_OVERRIDE = "READONLY_OVERRIDE"
    IMPORT = "IMPORT"
    FORWARD = "FORWARD"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is registered beside a schema: tags by path, properties, names of sensitive ones."""

    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()


class Deletion(StrEnum):
    """What becomes of subjects that the project does not have."""

    NONE = "none"
    SOFT = "soft"
    PERMANENT = "permanent"


class SubjectNameStrategy(StrEnum):
    """How a serializer names the subject of a record on a topic.

    Source: Confluent, "Subject name strategy".
    """

    TOPIC = "topic"
    RECORD = "record"
    TOPIC_RECORD = "topic-record"


def subject_for(
    strategy: SubjectNameStrategy, *, topic: str, fullname: str, is_key: bool = False
) -> Subject:
    """The subject under which `strategy` keeps a schema of type `fullname` on `topic`."""
    match strategy:
        case SubjectNameStrategy.TOPIC:
            return Subject(f"{topic}-{'key' if is_key else 'value'}")
        case SubjectNameStrategy.RECORD:
            return Subject(fullname)
        case SubjectNameStrategy.TOPIC_RECORD:
            return Subject(f"{topic}-{fullname}")
