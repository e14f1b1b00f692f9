"""Doing what a plan lists: levels, then versions, each looked up before it is done again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemareg.plan.actions import Action, RegisterVersion, SetLevel
from schemareg.plan.saved import Plan, PlanStaleError
from schemareg.registry.api.registering import register_state
from schemareg.registry.api.state import RegistryState, StoredVersion, SubjectState
from schemareg.registry.api.types import Registry
from schemareg.state.registry import read_registry
from schemareg.subjects import SchemaId, Subject, Version


@dataclass(frozen=True, slots=True)
class Applied:
    """An action that was done; `is_new` is False where it had been done before.

    `version` and `id` are those of a registered schema.
    """

    action: Action
    is_new: bool
    version: Version | None = None
    id: SchemaId | None = None


def apply(plan: Plan, registry: Registry, *, name: str, avro_version: str) -> Iterator[Applied]:
    """Every action of `plan` as it is done; what was done by an earlier run is not done again.

    Raises:
        PlanStaleError: the registry (which people call `name`) holds something else than the plan
            starts from; nothing was done.
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer; the plan
            can be applied again.
    """
    now = read_registry(registry, name, plan.base)
    moved = list(plan.moved(now, avro_version=avro_version))
    if moved:
        more = f" (and {len(moved) - 3} more)" if len(moved) > 3 else ""
        raise PlanStaleError(
            f"the registry has changed since the plan was made: {'; '.join(moved[:3])}{more}",
            advice="make the plan again, and review it",
        )
    yield from perform(plan.actions, now, registry)


def perform(actions: Sequence[Action], now: RegistryState, registry: Registry) -> Iterator[Applied]:
    """Each action as it is done, where the registry holds `now`.

    Raises:
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer.
    """
    yield from _set_levels(actions, now, registry)
    yield from _register(actions, now, registry)


def _set_levels(
    actions: Sequence[Action], now: RegistryState, registry: Registry
) -> Iterator[Applied]:
    for action in actions:
        if isinstance(action, SetLevel):
            is_new = now.level(action.subject) is not action.after
            if is_new:
                registry.set_level(action.after, action.subject)
            yield Applied(action, is_new)


def _register(
    actions: Sequence[Action], now: RegistryState, registry: Registry
) -> Iterator[Applied]:
    of_subject: dict[Subject, list[RegisterVersion]] = {}
    for action in actions:
        if isinstance(action, RegisterVersion):
            of_subject.setdefault(action.subject, []).append(action)
    wanted = RegistryState(
        {
            subject: SubjectState(
                subject,
                tuple(StoredVersion(a.version, a.text, a.references, a.metadata) for a in own),
            )
            for subject, own in of_subject.items()
        }
    )
    for stored, found in register_state(wanted, registry.register):
        action = next(a for a in of_subject[found.subject] if a.version == stored.version)
        is_new = now.version(found.subject, found.version) is None
        yield Applied(action, is_new, found.version, found.id)
