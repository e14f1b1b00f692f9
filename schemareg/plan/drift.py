"""Where a registry differs from what the files describe, for a schedule that watches it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import assert_never

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
from schemareg.plan.diff import PlanOptions, diff_states
from schemareg.plan.words import described
from schemareg.registry.api.state import RegistryState
from schemareg.subjects import Subject


class DriftKind(StrEnum):
    """What differs; the value is the rule of the finding."""

    LEVEL = "drift-level"
    MODE = "drift-mode"
    CONFIG = "drift-config"
    NOT_REGISTERED = "drift-not-registered"
    NEWER_VERSION = "drift-newer-version"
    UNKNOWN_VERSION = "drift-unknown-version"
    MISSING_VERSION = "drift-missing-version"
    UNMANAGED = "drift-unmanaged"
    OTHER_SCHEMA_TYPE = "drift-other-schema-type"


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference; `message` describes it, without the registry's name."""

    kind: DriftKind
    subject: Subject
    message: str


def drift(
    desired: RegistryState,
    actual: RegistryState,
    snapshot: RegistryState | None,
    *,
    options: PlanOptions | None = None,
    unmanaged: Collection[Subject] = (),
    avro_version: str,
) -> Iterator[Drift]:
    """Every difference between `actual` and the files: the project's (`desired`) and `snapshot`.

    `unmanaged` are subjects of the registry that belong to neither.

    Raises:
        SchemaParseError: a desired schema is refused.
    """
    difference = diff_states(desired, actual, avro_version=avro_version, options=options)
    other_types = {p.subject: p for p in actual.passed_over if p.subject in desired.subjects}
    for action in difference.actions:
        # of a subject that has no Avro version nothing else was read
        if action.subject not in other_types or (
            action.subject in actual.subjects and not isinstance(action, RegisterVersion)
        ):
            yield _not_as_planned(action)
    for subject, passed in sorted(other_types.items()):
        message = f"it is held as {passed.schema_type}, and this project's schema is Avro"
        yield Drift(DriftKind.OTHER_SCHEMA_TYPE, subject, message)
    for subject, version in difference.unchanged.items():
        latest = actual.versions(subject)[-1].version
        if latest != version:
            message = f"the latest version is {latest}, and this project's schema is {version}"
            yield Drift(DriftKind.NEWER_VERSION, subject, message)
    if snapshot is not None:
        yield from _from_snapshot(snapshot, actual)
    for subject in sorted(unmanaged):
        yield Drift(DriftKind.UNMANAGED, subject, "no file of this project defines it")


def _not_as_planned(action: Action) -> Drift:
    """What `action` would change is not as the files describe it."""
    subject = action.subject
    match action:
        case SetLevel():
            message = f"the level is {action.before}, and {action.after} is configured"
            return Drift(DriftKind.LEVEL, subject, message)
        case ClearLevel():
            message = f"the level is {action.before}, and none of its own is configured"
            return Drift(DriftKind.LEVEL, subject, message)
        case SetMode():
            message = (
                f"the mode is {action.before or 'inherited'}, and {action.after} is configured"
            )
            return Drift(DriftKind.MODE, subject, message)
        case UpdateConfig():
            message = f"the configuration differs: {described(action)}"
            return Drift(DriftKind.CONFIG, subject, message)
        case RegisterVersion() | ImportVersion():
            message = "the schema of this project is not registered"
            return Drift(DriftKind.NOT_REGISTERED, subject, message)
        case SoftDelete() | PermanentDelete():
            return Drift(DriftKind.UNMANAGED, subject, "no file of this project defines it")
        case _:
            assert_never(action)


def _from_snapshot(snapshot: RegistryState, actual: RegistryState) -> Iterator[Drift]:
    """Versions that only one of the two has, of the subjects of the snapshot."""
    for subject in snapshot.subjects:
        known = {v.version for v in snapshot.versions(subject)}
        held = {v.version for v in actual.versions(subject)}
        for version in sorted(held - known):
            message = f"version {version} is not in the snapshot"
            yield Drift(DriftKind.UNKNOWN_VERSION, subject, message)
        for version in sorted(known - held):
            message = f"version {version} of the snapshot is not registered any more"
            yield Drift(DriftKind.MISSING_VERSION, subject, message)
