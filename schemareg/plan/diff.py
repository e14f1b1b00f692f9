"""The actions between what a registry holds and what a project describes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from schemareg.avro import Schema
from schemareg.avro.canonical import to_text
from schemareg.diff import diff, impact_of
from schemareg.plan.actions import Action, RegisterVersion, SetLevel
from schemareg.registry.api.state import RegistryState, StoredVersion, in_order
from schemareg.state import Schemas, SchemaVersion
from schemareg.subjects import Subject, Version


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to be done, and which version holds the schema of each other subject already."""

    actions: tuple[Action, ...]
    unchanged: Mapping[Subject, Version]


def diff_states(desired: RegistryState, actual: RegistryState, *, avro_version: str) -> Difference:
    """Levels first, so that no subject ever exists without its own, then versions.

    A version comes after those that it refers to. A schema that the registry holds already, as
    whichever version and however it is spelt, is no action.

    Raises:
        SchemaParseError: a desired schema is refused.
    """
    levels = [
        SetLevel(subject, before, held.level)
        for subject, held in desired.subjects.items()
        if held.level is not None and held.level is not (before := actual.level(subject))
    ]
    registering = _Registering(desired, actual, avro_version)
    versions = tuple(registering.actions())
    return Difference((*levels, *versions), registering.unchanged)


class _Registering:
    """Finds the versions to register, and the number that each reference has."""

    def __init__(self, desired: RegistryState, actual: RegistryState, avro_version: str) -> None:
        self._desired = Schemas(desired, avro_version=avro_version)
        self._actual = Schemas(actual, avro_version=avro_version)
        self._contents = ContentDigests()
        self._numbers: dict[tuple[Subject, Version], Version] = {}
        self.unchanged: dict[Subject, Version] = {}

    def actions(self) -> Iterator[RegisterVersion]:
        for subject, wanted in in_order(self._desired.state):
            schema = self._desired.schema(subject, wanted)
            history = self._actual.history(subject)
            same = self._same(schema, history)
            if same is None:
                action = self._register(subject, wanted, schema, history)
                self._numbers[subject, wanted.version] = action.version
                yield action
            else:
                self._numbers[subject, wanted.version] = self.unchanged[subject] = same

    def _same(self, schema: Schema, history: Iterable[SchemaVersion]) -> Version | None:
        """The newest version that has the content of `schema`."""
        content = self._contents.of(schema)
        same = [v.version for v in history if self._contents.of(v.schema) == content]
        return max(same, default=None)

    def _register(
        self,
        subject: Subject,
        wanted: StoredVersion,
        schema: Schema,
        history: tuple[SchemaVersion, ...],
    ) -> RegisterVersion:
        held = self._actual.state.subjects.get(subject)
        last = max((v.version for v in held.versions), default=0) if held else 0
        references = tuple(
            replace(r, version=self._numbers.get((r.subject, r.version), r.version))
            for r in wanted.references
        )
        return RegisterVersion(
            subject,
            Version(last + 1),
            wanted.text,
            references,
            self._contents.of(schema),
            impact_of(tuple(diff(history[-1].schema, schema))) if history else None,
            wanted.metadata,
        )


class ContentDigests:
    """Digests of what a registry compares: a text as it spells it, and all that it refers to."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Schema, str]] = {}

    def of(self, schema: Schema) -> str:
        """The digest of `schema`; each of the schemas that it refers to is looked at once."""
        known = self._known.get(id(schema))
        if known is not None:
            return known[1]
        found = digest([to_text(schema), sorted(self.of(used) for used in schema.references)])
        self._known[id(schema)] = schema, found
        return found


def digest(value: object) -> str:
    """The SHA-256 of `value` as canonical JSON, in hex."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
