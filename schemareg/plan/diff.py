"""The actions between what a registry holds and what a project describes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import field, fields, replace
from typing import TypeVar

from schemareg.avro import Schema
from schemareg.avro.canonical import to_text
from schemareg.diff import Change, diff, impact_of
from schemareg.diff.change import ChangeKind
from schemareg.lazy_dataclass import dataclass
from schemareg.plan.actions import (
    Action,
    ClearLevel,
    PermanentDelete,
    RegisterVersion,
    SetLevel,
    SetMode,
    SoftDelete,
    UpdateConfig,
)
from schemareg.registry.api.state import RegistryState, StoredVersion, SubjectState, in_order
from schemareg.registry.api.types import Config, Metadata, Mode
from schemareg.state import Schemas, SchemaVersion
from schemareg.subjects import CompatibilityLevel, Deletion, Subject, Version

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a plan may do beyond levels and versions.

    `inheriting` are the subjects that shall have no level of their own, each with the level that
    they inherit. `deletable` are the subjects that `deletion` is about.
    """

    inheriting: Mapping[Subject, CompatibilityLevel | None] = field(default_factory=dict)
    deletion: Deletion = Deletion.NONE
    deletable: Collection[Subject] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to be done, and which version holds the schema of each other subject already.

    `changes` are those of each schema to register, compared with the latest version. `kept` are
    the subjects that would be deleted, if the subjects after each did not refer to them.
    """

    actions: tuple[Action, ...]
    unchanged: Mapping[Subject, Version]
    changes: Mapping[Subject, tuple[Change, ...]] = field(default_factory=dict)
    kept: Mapping[Subject, tuple[Subject, ...]] = field(default_factory=dict)


def diff_states(
    desired: RegistryState,
    actual: RegistryState,
    *,
    avro_version: str,
    options: PlanOptions | None = None,
) -> Difference:
    """Settings first, so that no subject ever exists without its own, then versions.

    A version comes after those that it refers to. A schema that the registry holds already, as
    whichever version and however it is spelt, is no action. A mode that forbids writing is set
    last, any other mode first; what is deleted is deleted after all that is registered.

    Raises:
        SchemaParseError: a desired schema is refused.
    """
    options = options or PlanOptions()
    registering = _Registering(desired, actual, avro_version)
    versions = tuple(registering.actions())
    modes = tuple(_modes(desired, actual))
    levels = tuple(_levels(desired, actual, options))
    last = {Mode.READONLY, Mode.READONLY_OVERRIDE}
    deletions, kept = _deletions(desired, actual, options)
    return Difference(
        (
            *(mode for mode in modes if mode.after not in last),
            *levels,
            *_configs(desired, actual, {level.subject for level in levels}),
            *versions,
            *deletions,
            *(mode for mode in modes if mode.after in last),
        ),
        registering.unchanged,
        registering.changes,
        kept,
    )


def _levels(
    desired: RegistryState, actual: RegistryState, options: PlanOptions
) -> Iterator[SetLevel | ClearLevel]:
    for subject, held in desired.subjects.items():
        settings = actual.settings(subject)
        before = settings.level if settings else None
        own = settings.config.level if settings and settings.config else None
        if subject in options.inheriting:
            inherited = options.inheriting[subject]
            if own is not None and not _has_more(settings):
                yield ClearLevel(subject, own, inherited)
            elif inherited is not None and inherited is not before:
                # beside other settings no level would mean the registry's default
                yield SetLevel(subject, before, inherited)
        elif held.level is not None and held.level is not before:
            is_inherited = settings is not None and settings.config is not None and own is None
            yield SetLevel(subject, before, held.level, is_inherited)


def _has_more(settings: SubjectState | None) -> bool:
    """Whether the subject has more configured than a level."""
    config = settings.config if settings else None
    return config is not None and replace(config, level=None) != Config()


def _modes(desired: RegistryState, actual: RegistryState) -> Iterator[SetMode]:
    for subject, held in desired.subjects.items():
        settings = actual.settings(subject)
        before = settings.mode if settings else None
        # READWRITE is what a registry permits where nothing is set
        if held.mode is not None and held.mode is not (before or Mode.READWRITE):
            yield SetMode(subject, before, held.mode)


def _configs(
    desired: RegistryState, actual: RegistryState, levelled: Collection[Subject]
) -> Iterator[UpdateConfig]:
    """Members that the project does not name stay as they are.

    A subject that inherits its level gets the same as its own: a configuration without a level
    means the registry's default, which may promise less. Those of `levelled` have one by then.
    """
    for subject, held in (*desired.subjects.items(), *desired.others.items()):
        if held.config is None:
            continue
        settings = actual.settings(subject)
        own = (settings and settings.config) or Config()
        before = replace(own, level=None)
        named = {
            member.name: value
            for member in fields(Config)
            if member.name != "level" and (value := getattr(held.config, member.name)) is not None
        }
        after = replace(before, **named)
        if after == before:
            continue
        if held.versions and own.level is None and subject not in levelled:
            after = replace(after, level=settings.level if settings else None)
        yield UpdateConfig(subject, before, after)


def _deletions(
    desired: RegistryState, actual: RegistryState, options: PlanOptions
) -> tuple[list[SoftDelete | PermanentDelete], dict[Subject, tuple[Subject, ...]]]:
    """The deletions, users before what they refer to; and what is kept for its users."""
    if options.deletion is Deletion.NONE:
        return [], {}
    other_types = {passed.subject for passed in actual.passed_over}
    held = {*actual.subjects, *(actual.others if options.deletion is Deletion.PERMANENT else ())}
    doomed = sorted((held & {*options.deletable}) - desired.subjects.keys() - other_types)
    users = _users(actual)
    for wanted in desired.subjects.values():
        for version in wanted.versions:
            for reference in version.references:
                users.setdefault(reference.subject, {})[wanted.subject] = None
    kept: dict[Subject, tuple[Subject, ...]] = {}
    while blocked := {s: by for s in doomed if (by := _others(users, s, doomed))}:
        kept |= blocked
        doomed = [subject for subject in doomed if subject not in blocked]
    found: list[SoftDelete | PermanentDelete] = []
    for subject in _users_first(doomed, users):
        if live := actual.versions(subject):
            found.append(SoftDelete(subject, live))
        if options.deletion is Deletion.PERMANENT:
            found.append(PermanentDelete(subject))
    return found, kept


def _users(state: RegistryState) -> dict[Subject, dict[Subject, None]]:
    """The subjects whose versions refer to each subject, deleted versions too."""
    users: dict[Subject, dict[Subject, None]] = {}
    for subject, held in state.subjects.items():
        for version in held.versions:
            for reference in version.references:
                users.setdefault(reference.subject, {})[subject] = None
    return users


def _others(
    users: Mapping[Subject, Collection[Subject]], subject: Subject, doomed: Collection[Subject]
) -> tuple[Subject, ...]:
    return tuple(user for user in users.get(subject, ()) if user not in doomed)


def _users_first(
    subjects: Iterable[Subject], users: Mapping[Subject, Collection[Subject]]
) -> Iterator[Subject]:
    seen: set[Subject] = set()

    def visit(subject: Subject) -> Iterator[Subject]:
        if subject in seen:
            return
        seen.add(subject)
        for user in users.get(subject, ()):
            yield from visit(user)
        yield subject

    for subject in subjects:
        yield from visit(subject)


class _Registering:
    """Finds the versions to register, and the number that each reference has."""

    def __init__(self, desired: RegistryState, actual: RegistryState, avro_version: str) -> None:
        self._desired = Schemas(desired, avro_version=avro_version)
        self._actual = Schemas(actual, avro_version=avro_version)
        self._contents = ContentDigests()
        self._numbers: dict[tuple[Subject, Version], Version] = {}
        self._new: dict[Subject, list[SchemaVersion]] = {}
        self.unchanged: dict[Subject, Version] = {}
        self.changes: dict[Subject, tuple[Change, ...]] = {}

    def actions(self) -> Iterator[RegisterVersion]:
        for subject, wanted in in_order(self._desired.state):
            if self._actual.state.version(subject, wanted.version) is wanted:
                continue  # the registry's own, which a reference is pinned to
            schema = self._desired.schema(subject, wanted)
            history = (*self._actual.history(subject), *self._new.get(subject, ()))
            same = self._same(subject, wanted, schema, history)
            if same is None and self._comes_too_late(subject, wanted):
                continue
            if same is None:
                action = self._register(subject, wanted, schema, history)
                stored = replace(wanted, version=action.version)
                self._new.setdefault(subject, []).append(SchemaVersion(stored, schema))
                self._numbers[subject, wanted.version] = action.version
                yield action
            else:
                self._numbers[subject, wanted.version] = self.unchanged[subject] = same

    def _comes_too_late(self, subject: Subject, wanted: StoredVersion) -> bool:
        """Whether `wanted` is before a version of the project that the registry has, or before
        the newest one of a subject of which the registry has none of the project's versions.
        """
        versions = self._desired.state.subjects[subject].versions
        at = versions.index(wanted)
        if at == len(versions) - 1 or not self._actual.state.versions(subject):
            return False
        held = self._actual.history(subject)
        known = [self._same(subject, v, self._desired.schema(subject, v), held) for v in versions]
        return not any(known) or any(known[at:])

    def _same(
        self,
        subject: Subject,
        wanted: StoredVersion,
        schema: Schema,
        history: Iterable[SchemaVersion],
    ) -> Version | None:
        """The newest version that has the content of `schema`, and the metadata wanted."""
        content = self._contents.of(schema)
        config = _config_of(self._desired.state.subjects[subject], self._actual.state)
        same = [
            v.version
            for v in history
            if self._contents.of(v.schema) == content and holds(wanted, v.stored, config)
        ]
        return max(same, default=None)

    def _register(
        self,
        subject: Subject,
        wanted: StoredVersion,
        schema: Schema,
        history: tuple[SchemaVersion, ...],
    ) -> RegisterVersion:
        held = self._actual.state.subjects.get(subject)
        numbers = [v.version for v in (held.versions if held else ())]
        last = max((*numbers, *(new.version for new in self._new.get(subject, ()))), default=0)
        references = tuple(
            replace(r, version=self._numbers.get((r.subject, r.version), r.version))
            for r in wanted.references
        )
        changes = tuple(diff(history[-1].schema, schema)) if history else ()
        self.changes[subject] = changes
        return RegisterVersion(
            subject,
            Version(last + 1),
            wanted.text,
            references,
            self._contents.of(schema),
            impact_of(changes),
            wanted.metadata,
            wanted.rule_set,
            previous=history[-1].stored if history else None,
            is_documentation=bool(changes)
            and all(change.kind is ChangeKind.DOC_CHANGED for change in changes),
        )


def _config_of(desired: SubjectState, actual: RegistryState) -> Config:
    """The configuration of the subject after the plan, as far as metadata is concerned."""
    settings = actual.settings(desired.subject)
    now = (settings and settings.config) or Config()
    override = desired.config.override_metadata if desired.config else None
    return replace(now, override_metadata=override or now.override_metadata)


def holds(wanted: StoredVersion, stored: StoredVersion, config: Config | None = None) -> bool:
    """Whether `stored` has the metadata and the rules of `wanted`, as far as it names any.

    What the subject's configuration overrides is as that says.
    """
    if wanted.rule_set is not None and wanted.rule_set != stored.rule_set:
        return False
    if wanted.metadata is None:
        return True
    held = stored.metadata or Metadata()
    override = config.override_metadata if config else None
    expected = wanted.metadata
    if override is not None:
        expected = Metadata(
            {**expected.tags, **override.tags},
            {**expected.properties, **override.properties},
            expected.sensitive,
        )
    return (
        _is_part(expected.tags, held.tags, sorted)
        and _is_part(expected.properties, held.properties, str)
        and set(expected.sensitive) <= set(held.sensitive)
    )


def _is_part(part: Mapping[str, T], whole: Mapping[str, T], spelt: Callable[[T], object]) -> bool:
    return all(name in whole and spelt(whole[name]) == spelt(v) for name, v in part.items())


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
