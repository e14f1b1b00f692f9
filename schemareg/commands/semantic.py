"""How much a change of meaning weighs: compatible for Avro, and read as something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from schemareg.avro.logical import logical_type
from schemareg.compat.hazard import Hazard, HazardKind
from schemareg.findings import Severity
from schemareg.subjects import CompatibilityLevel, Subject
from schemareg.workspace import ProjectSubject

_SEMANTIC = frozenset((HazardKind.DECIMAL_SCALE, HazardKind.TIME_UNIT, HazardKind.LOGICAL_TYPE))

_CHANGES_OF_TYPE = frozenset(
    (
        HazardKind.DECIMAL_SCALE,
        HazardKind.DECIMAL_PRECISION,
        HazardKind.TIME_UNIT,
        HazardKind.LOGICAL_TYPE,
        HazardKind.LOSSY_PROMOTION,
        HazardKind.BYTES_AS_TEXT,
        HazardKind.TEXT_AS_BYTES,
    )
)


def semantic_severities(
    subjects: Sequence[ProjectSubject], level_of: Callable[[ProjectSubject], CompatibilityLevel]
) -> Mapping[Subject, Severity | None]:
    """The severity of a change of meaning for each of `subjects`, which are in dependency order.

    It is the configured one; without one an error where both directions are promised, since no
    order of upgrades helps then, and None, which is a warning, elsewhere. A type that is used
    weighs for its users, too, unless it has a severity of its own.
    """
    given: dict[Subject, Severity | None] = {}
    for subject in reversed(subjects):
        own = subject.settings.semantic
        level = level_of(subject)
        if own is None and level.backward and level.forward:
            own = Severity.ERROR
        by_users = given.get(subject.subject)
        if subject.settings.semantic is None and by_users is Severity.ERROR:
            own = by_users
        given[subject.subject] = own
        for _, used in subject.references:
            if own is Severity.ERROR:
                given[used] = own
            else:
                given.setdefault(used, None)
    return given


def severity_of(
    hazard: Hazard, subject: ProjectSubject, by_level_or_user: Severity | None, *, new_reads: bool
) -> Severity:
    """The severity of `hazard` in a new schema, which reads (`new_reads`) or writes.

    A logical type that the old schema lacks may only name what its values always meant: that is
    an error only where the configuration calls it one.
    """
    if hazard.kind not in _SEMANTIC:
        return Severity.WARNING
    own = subject.settings.semantic
    if own is None and hazard.kind is HazardKind.LOGICAL_TYPE:
        old = hazard.writer if new_reads else hazard.reader
        if logical_type(old.node) is None:
            return Severity.WARNING
    return own or by_level_or_user or Severity.WARNING


def advice_for(hazard: Hazard, *, new_reads: bool) -> str:
    """What to do where the new schema reads (`new_reads`) or writes: a hazard's own is for the
    first.
    """
    if new_reads:
        return hazard.advice
    if hazard.kind in _CHANGES_OF_TYPE:
        return "Keep the type that deployed readers have, and put the new one into a new field."
    if hazard.kind is HazardKind.UNKNOWN_SYMBOL:
        return (
            "Upgrade the consumers before the first event holds a new symbol, or make sure that "
            "the default is right for it."
        )
    return hazard.advice
