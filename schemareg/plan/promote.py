"""The plan by which a registry gets the versions of another, and which version became which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from schemareg.avro import Schema
from schemareg.compat.check import check
from schemareg.diff import diff, impact_of
from schemareg.errors import SchemaregError
from schemareg.lazy_dataclass import dataclass
from schemareg.plan.actions import Action, ImportVersion, RegisterVersion, SetLevel, SetMode
from schemareg.plan.diff import ContentDigests, holds
from schemareg.plan.rollback import Refusal
from schemareg.plan.saved import Plan, bases_of
from schemareg.registry.api.state import RegistryState, StoredVersion, in_order
from schemareg.registry.api.types import Mode
from schemareg.state import Schemas
from schemareg.subjects import CompatibilityLevel, SchemaId, Subject, Version


@dataclass(frozen=True, slots=True)
class Mapped:
    """A version of the source and the one of the target that has its content.

    Their canonical texts are equal, and those of all that they refer to. `is_same_guid` is None
    where a registry has no guid, or the versions referred to have other numbers, which are part
    of it.
    """

    subject: Subject
    source_version: Version
    target_version: Version
    source_id: SchemaId | None
    target_id: SchemaId | None
    is_same_guid: bool | None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A version that the target cannot hold, and why."""

    subject: Subject
    version: Version
    why: str


@dataclass(frozen=True, slots=True)
class Promotion:
    """The plan, what the target has already, and what forbids the plan."""

    plan: Plan
    mapped: tuple[Mapped, ...]
    refusals: tuple[Refusal, ...]
    obstacles: tuple[Obstacle, ...]


def promote(
    source: RegistryState,
    target: RegistryState,
    *,
    registry: str,
    avro_version: str,
    keep_ids: bool = False,
    taken_ids: Mapping[SchemaId, str] | None = None,
) -> Promotion:
    """What makes `target`, which people call `registry`, hold the versions of `source`.

    Only what is missing, each version after those that it refers to. With `keep_ids` versions are
    imported under their numbers and ids; `taken_ids` are texts that the target has under such ids.
    Subjects that an interrupted import left in mode IMPORT get out of it, also where every version
    is there.
    """
    promoting = _Promoting(source, target, avro_version, keep_ids, taken_ids or {})
    versions = list(promoting.versions())
    looked_at = dict.fromkeys([*source.subjects, *target.subjects])
    base = bases_of(target, looked_at, avro_version=avro_version)
    actions: list[Action] = []
    actions += promoting.levels()
    if keep_ids:
        imported = dict.fromkeys(action.subject for action in versions)
        before = {s: held.mode if (held := target.settings(s)) else None for s in source.subjects}
        actions += [
            SetMode(subject, before[subject], Mode.IMPORT)
            for subject in imported
            if before[subject] is not Mode.IMPORT
        ]
        actions += versions
        # a subject in mode IMPORT already was left so by a run that was interrupted
        actions += [
            SetMode(subject, Mode.IMPORT, None if mode is Mode.IMPORT else mode)
            for subject, mode in before.items()
            if subject in imported or mode is Mode.IMPORT
        ]
    else:
        actions += versions
    return Promotion(
        Plan(registry, base, tuple(actions)),
        tuple(promoting.mapped),
        tuple(promoting.refusals),
        tuple(promoting.obstacles),
    )


class _Promoting:
    """Goes through the source's versions; `numbers` maps each to its number in the target."""

    def __init__(
        self,
        source: RegistryState,
        target: RegistryState,
        avro_version: str,
        keep_ids: bool,
        taken_ids: Mapping[SchemaId, str],
    ) -> None:
        self._source = Schemas(source, avro_version=avro_version)
        self._target = Schemas(target, avro_version=avro_version)
        self._keep_ids = keep_ids
        self._taken_ids = taken_ids
        self._contents = ContentDigests()
        self._numbers: dict[tuple[Subject, Version], Version] = {}
        self._histories: dict[Subject, list[tuple[StoredVersion, Schema]]] = {}
        self.mapped: list[Mapped] = []
        self.refusals: list[Refusal] = []
        self.obstacles: list[Obstacle] = []

    def levels(self) -> Iterator[SetLevel]:
        """Subjects that the target does not have get the level that they have in the source."""
        for subject, held in self._source.state.subjects.items():
            if subject in self._target.state.subjects or held.level is None:
                continue
            settings = self._target.state.settings(subject)
            before = settings.level if settings else None
            if before is not held.level:
                yield SetLevel(subject, before, held.level, was_inherited=True)

    def versions(self) -> Iterator[RegisterVersion | ImportVersion]:
        for subject, stored in in_order(self._source.state):
            try:
                schema = self._source.schema(subject, stored)
            except SchemaregError as error:
                self.obstacles.append(Obstacle(subject, stored.version, error.message))
                continue
            history = self._history(subject)
            content = self._contents.of(schema)
            same = [
                held
                for held, old in history
                if self._contents.of(old) == content and holds(stored, held)
            ]
            same = [h for h in same if h.version == stored.version] or same[-1:]
            if same:
                self._map(subject, stored, same[0])
            elif self._keep_ids:
                yield from self._import(subject, stored, schema, content)
            else:
                yield self._register(subject, stored, schema, content)

    def _history(self, subject: Subject) -> list[tuple[StoredVersion, Schema]]:
        """The target's versions, those of the plan included."""
        if subject not in self._histories:
            held = self._target.history(subject)
            self._histories[subject] = [(v.stored, v.schema) for v in held]
        return self._histories[subject]

    def _map(self, subject: Subject, stored: StoredVersion, held: StoredVersion) -> None:
        self._numbers[subject, stored.version] = held.version
        known = self._target.state.version(subject, held.version)
        if known is None:
            return  # a version of this plan
        comparable = held.guid and stored.guid and held.references == stored.references
        self.mapped.append(
            Mapped(
                subject,
                stored.version,
                held.version,
                stored.id,
                held.id,
                held.guid == stored.guid if comparable else None,
            )
        )

    def _register(
        self, subject: Subject, stored: StoredVersion, schema: Schema, content: str
    ) -> RegisterVersion:
        history = self._history(subject)
        held = self._target.state.subjects.get(subject)
        last = max((v.version for v in (held.versions if held else ())), default=0)
        number = Version(max(last, *(v.version for v, _ in history), 0) + 1)
        level = self._level(subject)
        if level is not None:
            pairs = [(v.version, old) for v, old in history]
            self.refusals += [Refusal(subject, level, c) for c in check(schema, pairs, level)]
        changes = tuple(diff(history[-1][1], schema)) if history else ()
        references = tuple(
            replace(r, version=self._numbers.get((r.subject, r.version), r.version))
            for r in stored.references
        )
        previous = history[-1][0] if history else None
        self._numbers[subject, stored.version] = number
        history.append((replace(stored, version=number, references=references), schema))
        return RegisterVersion(
            subject,
            number,
            stored.text,
            references,
            content,
            impact_of(changes),
            stored.metadata,
            stored.rule_set,
            previous,
        )

    def _level(self, subject: Subject) -> CompatibilityLevel | None:
        """The level that is in force in the target by then."""
        if subject in self._target.state.subjects:
            return self._target.state.level(subject)
        return self._source.state.level(subject)

    def _import(
        self, subject: Subject, stored: StoredVersion, schema: Schema, content: str
    ) -> Iterator[ImportVersion]:
        other = next((h for h, _ in self._history(subject) if h.version == stored.version), None)
        if other is not None:
            why = "the target has another schema under this number"
        elif stored.id is None:
            why = "its id is not known"
        elif stored.id in self._taken_ids:
            why = f"the target has another schema under its id {stored.id}"
        else:
            self._numbers[subject, stored.version] = stored.version
            self._history(subject).append((stored, schema))
            yield ImportVersion(
                subject,
                stored.version,
                stored.id,
                stored.text,
                stored.references,
                content,
                stored.metadata,
                stored.rule_set,
            )
            return
        self.obstacles.append(Obstacle(subject, stored.version, why))
