"""A plan: its actions, and a digest of every subject that it starts from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import assert_never

from schemareg.avro.schema import JsonValue
from schemareg.errors import ExitCode, SchemaregError
from schemareg.lazy_dataclass import dataclass
from schemareg.plan.action_json import action_to_json
from schemareg.plan.actions import (
    Action,
    ClearLevel,
    ImportVersion,
    PermanentDelete,
    RegisterVersion,
    SetLevel,
    SetMode,
    SoftDelete,
    UpdateConfig,
)
from schemareg.plan.diff import ContentDigests, Difference, PlanOptions, diff_states, digest
from schemareg.registry.api.state import RegistryState
from schemareg.registry.api.state_json import config_to_json
from schemareg.registry.api.types import Config, Mode
from schemareg.state import Schemas
from schemareg.subjects import CompatibilityLevel, Subject, Version


class PlanStaleError(SchemaregError):
    """A saved plan that no longer starts from what the registry holds."""

    exit_code = ExitCode.PLAN_STALE


@dataclass(frozen=True, slots=True)
class SubjectBase:
    """A subject as the plan found it: the content of each version, and its settings.

    `level` is the one in force, `mode` and `config` its own; None where they were not read.
    """

    level: CompatibilityLevel | None
    versions: Mapping[Version, str]
    mode: Mode | None = None
    config: Config | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`actions` for the registry shown as `registry`, which holds `base`.

    `base` has an entry for every subject that the plan looked at, also for one that the registry
    does not hold.
    """

    registry: str
    base: Mapping[Subject, SubjectBase]
    actions: tuple[Action, ...]

    @property
    def digest(self) -> str:
        """Identifies what the plan does, and the state that it starts from."""
        return digest([list(map(action_to_json, self.actions)), base_to_json(self.base)])

    def moved(self, now: RegistryState, *, avro_version: str) -> Iterator[str]:
        """What `now` differs in from the plan's start, beyond what the plan itself does.

        So a plan that was applied by half can be applied again.
        """
        current = bases_of(now, self.base, avro_version=avro_version)
        own: dict[Subject, list[Action]] = {}
        for action in self.actions:
            own.setdefault(action.subject, []).append(action)
        for subject, before in self.base.items():
            yield from _planned(before, own.get(subject, [])).moved(
                subject, before, current[subject]
            )


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a subject may show while the actions of a plan are done; `modes` None: any."""

    levels: frozenset[CompatibilityLevel | None]
    modes: frozenset[Mode | None] | None
    configs: tuple[Config, ...]
    contents: frozenset[str]
    is_deleted: bool

    def moved(self, subject: Subject, before: SubjectBase, now: SubjectBase) -> Iterator[str]:
        if not self.is_deleted:  # its settings go with it
            if now.level not in self.levels:
                yield f"the level of {subject} was {before.level} and is {now.level}"
            if self.modes is not None and now.mode not in self.modes:
                yield f"the mode of {subject} was {before.mode} and is {now.mode}"
            yield from self._moved_config(subject, before.config, now.config)
        for version, content in now.versions.items():
            if version not in before.versions and content not in self.contents:
                yield f"{subject} has got version {version}"
            elif version in before.versions and before.versions[version] != content:
                yield f"{subject} version {version} has another schema"
        if not self.is_deleted:
            for version in before.versions.keys() - now.versions.keys():
                yield f"{subject} has lost version {version}"

    def _moved_config(
        self, subject: Subject, before: Config | None, now: Config | None
    ) -> Iterator[str]:
        if before is None or now is None:
            return
        for member in fields(Config):
            was, is_now = getattr(before, member.name), getattr(now, member.name)
            expected = [was, *(getattr(after, member.name) for after in self.configs)]
            if member.name != "level" and is_now not in expected:
                yield f"the {member.name} of {subject} was {was} and is {is_now}"


def _planned(before: SubjectBase, actions: Sequence[Action]) -> _Planned:
    levels, modes, contents = {before.level}, {before.mode}, set[str]()
    configs: list[Config] = []
    is_deleted = is_imported = False
    for action in actions:
        match action:
            case SetLevel() | ClearLevel():
                levels.add(action.after)
            case SetMode():
                modes.add(action.after)
            case UpdateConfig():
                configs += [action.before, action.after]
            case RegisterVersion():
                contents.add(action.content)
            case ImportVersion():
                contents.add(action.content)
                is_imported = True
            case SoftDelete() | PermanentDelete():
                is_deleted = True
            case _:
                assert_never(action)
    return _Planned(
        frozenset(levels),
        None if is_imported else frozenset(modes),
        tuple(configs),
        frozenset(contents),
        is_deleted,
    )


def make_plan(
    desired: RegistryState,
    actual: RegistryState,
    *,
    registry: str,
    avro_version: str,
    options: PlanOptions | None = None,
) -> tuple[Plan, Difference]:
    """The plan that makes the registry hold `desired` where it holds `actual`.

    Raises:
        SchemaParseError: a desired schema is refused.
    """
    looked_at = dict.fromkeys([*desired.subjects, *actual.subjects, *desired.others])
    base = bases_of(actual, looked_at, avro_version=avro_version)
    difference = diff_states(desired, actual, avro_version=avro_version, options=options)
    return Plan(registry, base, difference.actions), difference


def after_deleted(plan: Plan, newest: Mapping[Subject, Version]) -> Plan:
    """`plan` with the numbers that its versions get where deleted ones exist.

    A registry gives no number again. `newest` is the highest that each subject has given.
    """
    numbers: dict[tuple[Subject, Version], Version] = {}
    actions: list[Action] = []
    for action in plan.actions:
        if isinstance(action, RegisterVersion):
            number = max(action.version, Version(newest.get(action.subject, 0) + 1))
            numbers[action.subject, action.version] = number
            references = tuple(
                replace(r, version=numbers.get((r.subject, r.version), r.version))
                for r in action.references
            )
            action = replace(action, version=number, references=references)
        actions.append(action)
    return replace(plan, actions=tuple(actions))


def bases_of(
    state: RegistryState, subjects: Mapping[Subject, object], *, avro_version: str
) -> dict[Subject, SubjectBase]:
    """Each of `subjects` as `state` holds it."""
    schemas = Schemas(state, avro_version=avro_version)
    contents = ContentDigests()
    return {subject: _base_of(subject, schemas, contents) for subject in subjects}


def _base_of(subject: Subject, schemas: Schemas, contents: ContentDigests) -> SubjectBase:
    settings = schemas.state.settings(subject)
    return SubjectBase(
        settings.level if settings else None,
        {v.version: contents.of(v.schema) for v in schemas.history(subject)}
        | {stored.version: digest(stored.text) for stored, _ in schemas.refusals(subject)},
        settings.mode if settings else None,
        settings.config if settings else None,
    )


def base_to_json(base: Mapping[Subject, SubjectBase]) -> list[JsonValue]:
    """The base as JSON, which is digested and saved."""
    return [_subject_to_json(subject, held) for subject, held in sorted(base.items())]


def _subject_to_json(subject: Subject, held: SubjectBase) -> JsonValue:
    value: dict[str, JsonValue] = {"subject": subject, "level": held.level}
    if held.mode is not None:
        value["mode"] = held.mode
    if held.config is not None:
        value["config"] = config_to_json(held.config)
    value["versions"] = {str(version): content for version, content in held.versions.items()}
    return value
