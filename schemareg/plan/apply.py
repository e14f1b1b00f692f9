"""Doing what a plan lists: each action looked up first, so that none is done twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import assert_never

from schemareg.errors import RegistryError
from schemareg.lazy_dataclass import dataclass
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
from schemareg.plan.diff import holds
from schemareg.plan.order import AT_ONCE, in_parallel
from schemareg.plan.saved import Plan, PlanStaleError, SubjectBase, bases_of
from schemareg.registry.api.state import RegistryState, StoredVersion, SubjectState
from schemareg.registry.api.types import Config, ConfigChange, Mode, PlanRegistry, Registry
from schemareg.state.registry import read_registry
from schemareg.subjects import CompatibilityLevel, Reference, SchemaId, Subject, Version

_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Applied:
    """An action that was done; `is_new` is False where it had been done before.

    `version` and `id` are those of a registered schema; `note` is what did not happen as planned,
    and `is_whole` False where so the registry lacks something of the plan.
    """

    action: Action
    is_new: bool
    version: Version | None = None
    id: SchemaId | None = None
    note: str = ""
    is_whole: bool = True


def apply(plan: Plan, registry: PlanRegistry, *, name: str, avro_version: str) -> Iterator[Applied]:
    """Every action of `plan` as it is done; what was done by an earlier run is not done again.

    Raises:
        PlanStaleError: the registry (which people call `name`) holds something else than the plan
            starts from; nothing was done.
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer; the plan
            can be applied again.
    """
    now = read_base(plan, registry, name)
    moved = list(plan.moved(now, avro_version=avro_version))
    if moved:
        more = f" (and {len(moved) - 3} more)" if len(moved) > 3 else ""
        raise PlanStaleError(
            f"the registry has changed since the plan was made: {'; '.join(moved[:3])}{more}",
            advice="make the plan again, and review it",
        )
    yield from perform(plan.actions, now, registry, avro_version=avro_version)


def read_base(plan: Plan, registry: Registry, name: str) -> RegistryState:
    """What `registry` holds of all that `plan` starts from.

    Raises:
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer.
    """
    with_modes = any(held.mode is not None for held in plan.base.values())
    with_modes |= any(isinstance(action, SetMode | ImportVersion) for action in plan.actions)
    aliases = {a.subject for a in plan.actions if isinstance(a, UpdateConfig) and a.is_of_alias}
    return read_registry(
        registry,
        name,
        [subject for subject in plan.base if subject not in aliases],
        with_modes=with_modes,
        settings_of=aliases,
    )


def perform(
    actions: Sequence[Action],
    now: RegistryState,
    registry: PlanRegistry,
    *,
    avro_version: str,
    at_once: int = AT_ONCE,
) -> Iterator[Applied]:
    """Each action, in their order, where the registry holds `now`; `at_once` independent ones.

    Raises:
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer.
    """
    subjects = dict.fromkeys(action.subject for action in actions)
    bases = bases_of(now, subjects, avro_version=avro_version)
    yield from in_parallel(actions, _Performing(actions, now, bases, registry).do, at_once=at_once)


class _Performing:
    """Does one action after the other, from several threads.

    `given` maps a version that an action expects to make to the one that the registry made;
    `modes` are those set so far, `late_levels` wait for the first version of their subject,
    `to_import` are the subjects with versions still to import.
    """

    def __init__(
        self,
        actions: Sequence[Action],
        now: RegistryState,
        bases: Mapping[Subject, SubjectBase],
        registry: PlanRegistry,
    ) -> None:
        self._now = now
        self._bases = bases
        self._registry = registry
        self._given: dict[tuple[Subject, Version], Version] = {}
        self._modes: dict[Subject, Mode | None] = {}
        self._late_levels: dict[Subject, CompatibilityLevel] = {}
        self._to_import = {
            action.subject
            for action in actions
            if isinstance(action, ImportVersion)
            and now.version(action.subject, action.version) is None
        }
        self._lock = threading.Lock()

    def do(self, action: Action) -> Applied:
        match action:
            case SetLevel() | ClearLevel():
                return self._set_level(action)
            case SetMode():
                return self._set_mode(action)
            case UpdateConfig():
                return self._update_config(action)
            case RegisterVersion():
                return self._register(action)
            case ImportVersion():
                return self._import(action)
            case SoftDelete():
                return self._soft_delete(action)
            case PermanentDelete():
                return Applied(action, self._delete(action.subject, permanent=True))
            case _:
                assert_never(action)

    def _settings(self, subject: Subject) -> SubjectState:
        return self._now.settings(subject) or SubjectState(subject, ())

    def _set_level(self, action: SetLevel | ClearLevel) -> Applied:
        held = self._settings(action.subject)
        own = held.config.level if held.config else held.level
        if isinstance(action, SetLevel):
            if own is action.after:
                return Applied(action, is_new=False)
            return self._set_own_level(action)
        if own is None:
            return Applied(action, is_new=False)
        self._delete_config(action.subject)
        return Applied(action, is_new=True)

    def _set_own_level(self, action: SetLevel) -> Applied:
        try:
            self._registry.set_level(action.after, action.subject)
        except RegistryError as error:
            if error.status != _NOT_FOUND or self._now.versions(action.subject):
                raise
            self._late_levels[action.subject] = action.after
            note = "the registry takes no level before the first version: it is set after it"
            return Applied(action, is_new=True, note=note)
        return Applied(action, is_new=True)

    def _delete_config(self, subject: Subject) -> None:
        try:
            self._registry.delete_config(subject)
        except RegistryError as error:
            if error.status != _NOT_FOUND:
                raise

    def _set_mode(self, action: SetMode) -> Applied:
        subject = action.subject
        now = self._modes.get(subject, self._settings(subject).mode)
        needless = action.after is Mode.IMPORT and subject not in self._to_import
        if now is action.after or needless:
            return Applied(action, is_new=False)
        if action.after is None:
            self._delete_mode(subject)
        else:
            self._registry.set_mode(action.after, subject, force=action.after is Mode.IMPORT)
        self._modes[subject] = action.after
        return Applied(action, is_new=True)

    def _delete_mode(self, subject: Subject) -> None:
        try:
            self._registry.delete_mode(subject)
        except RegistryError as error:
            if error.status != _NOT_FOUND:
                raise

    def _update_config(self, action: UpdateConfig) -> Applied:
        held = self._settings(action.subject).config or Config()
        now = held if action.before.level or action.after.level else replace(held, level=None)
        change = _change(now, action.after)
        if change == ConfigChange():
            return Applied(action, is_new=False)
        if action.after == Config() and action.before.level is held.level:
            self._delete_config(action.subject)
            return Applied(action, is_new=True)
        self._registry.set_config(change, action.subject)
        got = self._registry.get_config(action.subject)
        lost = [
            member.name.replace("_", " ")
            for member in fields(Config)
            if member.name != "level"
            and getattr(action.after, member.name) != getattr(got, member.name)
        ]
        note = f"the registry did not take: {', '.join(lost)}" if lost else ""
        return Applied(action, is_new=True, note=note, is_whole=not lost)

    def _register(self, action: RegisterVersion) -> Applied:
        done = self._done_before(action)
        if done is not None:
            return done
        found = self._registry.register(
            action.subject,
            action.text,
            references=self._renumbered(action.references),
            metadata=action.metadata,
            rule_set=action.rule_set,
            version=action.version if action.is_again else None,
        )
        with self._lock:
            self._given[action.subject, action.version] = found.version
        self._set_late_level(action.subject)
        lost = [
            name
            for name, wanted, got in (
                ("metadata", action.metadata, found.metadata),
                ("rule set", action.rule_set, found.rule_set),
            )
            if wanted and got is None
        ]
        note = f"the registry did not keep the {' and the '.join(lost)}" if lost else ""
        if action.is_again and found.version < action.version:
            note = f"the registry returned version {found.version}, and made no new one of it"
            return Applied(action, False, found.version, found.id, note, is_whole=False)
        return Applied(action, True, found.version, found.id, note, is_whole=not lost)

    def _set_late_level(self, subject: Subject) -> None:
        if (level := self._late_levels.pop(subject, None)) is not None:
            self._registry.set_level(level, subject)

    def _done_before(self, action: RegisterVersion) -> Applied | None:
        """The version that an earlier run made of it."""
        held = self._bases[action.subject].versions
        same = [v for v, content in held.items() if content == action.content]
        if action.is_again:
            same = [v for v in same if v == max(held)]
        for version in reversed(same):
            stored = self._now.version(action.subject, version)
            if stored is not None and holds(_wanted(action), stored, self._config(action.subject)):
                with self._lock:
                    self._given[action.subject, action.version] = version
                return Applied(action, False, version, stored.id)
        return None

    def _config(self, subject: Subject) -> Config | None:
        return self._settings(subject).config

    def _renumbered(self, references: Sequence[Reference]) -> tuple[Reference, ...]:
        with self._lock:
            return tuple(
                replace(r, version=self._given.get((r.subject, r.version), r.version))
                for r in references
            )

    def _import(self, action: ImportVersion) -> Applied:
        stored = self._now.version(action.subject, action.version)
        if stored is not None:
            return Applied(action, False, action.version, stored.id)
        found = self._registry.register(
            action.subject,
            action.text,
            references=action.references,
            metadata=action.metadata,
            rule_set=action.rule_set,
            version=action.version,
            id=action.id,
        )
        self._set_late_level(action.subject)
        return Applied(action, True, found.version, found.id)

    def _soft_delete(self, action: SoftDelete) -> Applied:
        if not self._now.versions(action.subject):
            return Applied(action, is_new=False)
        return Applied(action, self._delete(action.subject, permanent=False))

    def _delete(self, subject: Subject, *, permanent: bool) -> bool:
        try:
            self._registry.delete_subject(subject, permanent=permanent)
        except RegistryError as error:
            if error.status != _NOT_FOUND:
                raise
            return False
        return True


def _change(now: Config, after: Config) -> ConfigChange:
    """What makes `after` of `now`."""
    different = {
        member.name: getattr(after, member.name)
        for member in fields(Config)
        if getattr(after, member.name) != getattr(now, member.name)
    }
    return ConfigChange(**different)


def _wanted(action: RegisterVersion) -> StoredVersion:
    return StoredVersion(
        action.version, action.text, action.references, action.metadata, action.rule_set
    )
