"""The plan that undoes another one, as far as a registry permits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from schemareg.compat.check import Clash, check
from schemareg.diff import Change, diff, impact_of
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
from schemareg.plan.saved import Plan, SubjectBase, bases_of
from schemareg.plan.words import not_undone
from schemareg.registry.api.state import RegistryState, StoredVersion
from schemareg.registry.api.types import Config, Mode
from schemareg.state import Schemas
from schemareg.subjects import CompatibilityLevel, Subject, Version


@dataclass(frozen=True, slots=True)
class Remainder:
    """What a rollback leaves of an action, and why."""

    action: Action
    why: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that a rollback would register and that the level in force by then forbids."""

    subject: Subject
    level: CompatibilityLevel
    clash: Clash


@dataclass(frozen=True, slots=True)
class Rollback:
    """The plan, what it cannot undo, what forbids it, and what each version changes."""

    plan: Plan
    remainders: tuple[Remainder, ...]
    refusals: tuple[Refusal, ...]
    changes: Mapping[Subject, tuple[Change, ...]]


def roll_back(plan: Plan, now: RegistryState, *, avro_version: str) -> Rollback:
    """What undoes `plan` where the registry holds `now`.

    Only what is as `plan` left it is undone: what others changed since stays. Settings first, so
    that the former level judges the former schema; a mode that forbids writing last.
    """
    bases = bases_of(now, plan.base, avro_version=avro_version)
    undoing = _Undoing(plan, now, bases, Schemas(now, avro_version=avro_version))
    actions = list(undoing.actions())
    last = {Mode.READONLY, Mode.READONLY_OVERRIDE}
    ordered = sorted(actions, key=lambda a: _rank(a) if _after(a) not in last else 9)
    return Rollback(
        Plan(plan.registry, bases, tuple(ordered)),
        tuple(undoing.remainders),
        tuple(undoing.refusals(ordered)),
        undoing.changes,
    )


def _after(action: Action) -> Mode | None:
    return action.after if isinstance(action, SetMode) else None


def _rank(action: Action) -> int:
    match action:
        case SetMode():
            return 0
        case SetLevel() | ClearLevel():
            return 1
        case UpdateConfig():
            return 2
        case RegisterVersion() | ImportVersion() | SoftDelete() | PermanentDelete():
            return 3
        case _:
            assert_never(action)


def _again(setting: str, now: str, is_other: bool) -> str:
    return f"the {setting} was changed again, to {now}" if is_other else ""


class _Undoing:
    """Turns actions around, the last first."""

    def __init__(
        self,
        plan: Plan,
        now: RegistryState,
        bases: Mapping[Subject, SubjectBase],
        schemas: Schemas,
    ) -> None:
        self._plan = plan
        self._now = now
        self._bases = bases
        self._schemas = schemas
        self.remainders: list[Remainder] = []
        self.changes: dict[Subject, tuple[Change, ...]] = {}

    def actions(self) -> Iterator[Action]:
        for action in reversed(self._plan.actions):
            held = self._bases[action.subject]
            if not self._is_done(action, held):
                continue
            moved = self._moved(action, held)
            inverse = None if moved else self._inverse(action, held)
            if why := moved or not_undone(action):
                self.remainders.append(Remainder(action, why))
            if inverse is not None:
                yield inverse

    def _is_done(self, action: Action, held: SubjectBase) -> bool:
        """Whether the registry shows that `action` was done, also where it was changed since."""
        before = self._plan.base[action.subject]
        match action:
            case SetLevel() | ClearLevel():
                return held.level is not before.level
            case SetMode():
                return held.mode is not before.mode
            case UpdateConfig():
                return held.config != before.config
            case RegisterVersion() | ImportVersion():
                new = {v: c for v, c in held.versions.items() if v not in before.versions}
                return action.content in new.values()
            case SoftDelete() | PermanentDelete():
                return not held.versions
            case _:
                assert_never(action)

    def _moved(self, action: Action, held: SubjectBase) -> str:
        """What was changed after `action`, so that it is not undone; "" if nothing."""
        match action:
            case SetLevel() | ClearLevel():
                return _again("level", str(held.level), held.level is not action.after)
            case SetMode():
                mode = held.mode or "inherited"
                return _again("mode", mode, held.mode is not action.after)
            case UpdateConfig():
                own = replace(held.config or Config(), level=None)
                is_other = own != replace(action.after, level=None)
                return "the configuration was changed again" if is_other else ""
            case RegisterVersion():
                latest = max(held.versions)
                is_newer = held.versions[latest] != action.content
                return f"version {latest} was registered since" if is_newer else ""
            case ImportVersion() | SoftDelete() | PermanentDelete():
                return ""
            case _:
                assert_never(action)

    def _inverse(self, action: Action, held: SubjectBase) -> Action | None:
        inverse = action.inverse()
        if not isinstance(inverse, RegisterVersion):
            return inverse
        if isinstance(action, SoftDelete):
            return replace(
                inverse,
                content=self._plan.base[action.subject].versions[action.versions[-1].version],
            )
        latest = max(held.versions)
        assert isinstance(action, RegisterVersion)
        assert action.previous is not None
        content = self._plan.base[action.subject].versions[action.previous.version]
        self.changes[action.subject] = self._change(action.subject, latest, action.previous)
        return replace(
            inverse,
            version=Version(latest + 1),
            content=content,
            impact=impact_of(self.changes[action.subject]),
            previous=self._now.version(action.subject, latest),
        )

    def _change(
        self, subject: Subject, latest: Version, former: StoredVersion
    ) -> tuple[Change, ...]:
        schemas = {v.version: v.schema for v in self._schemas.history(subject)}
        if former.version not in schemas or latest not in schemas:
            return ()
        return tuple(diff(schemas[latest], schemas[former.version]))

    def refusals(self, actions: list[Action]) -> Iterator[Refusal]:
        """What the level that is in force by then forbids."""
        levels = {a.subject: a.after for a in actions if isinstance(a, SetLevel | ClearLevel)}
        for action in actions:
            if not isinstance(action, RegisterVersion):
                continue
            level = levels.get(action.subject) or self._bases[action.subject].level
            history = self._schemas.history(action.subject)
            former = next((v for v in history if self._has(action, v.version)), None)
            if former is None or level is None:
                continue
            pairs = [(v.version, v.schema) for v in history]
            for clash in check(former.schema, pairs, level):
                yield Refusal(action.subject, level, clash)

    def _has(self, action: RegisterVersion, version: Version) -> bool:
        return self._bases[action.subject].versions.get(version) == action.content
