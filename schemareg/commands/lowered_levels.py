"""A level that a change lowers itself must not be what the change is judged by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemareg.compat import check
from schemareg.findings import Diagnostic, Severity
from schemareg.places import Location
from schemareg.state import SchemaVersion
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import ProjectSubject


def lowered_level(
    subject: ProjectSubject,
    level: CompatibilityLevel,
    before: CompatibilityLevel | None,
    history: Sequence[SchemaVersion],
    *,
    base: str,
) -> Iterator[Diagnostic]:
    """Where `level` promises less than the level `before` in `base`: an error if it needs to."""
    if before is None or level.promises_all_of(before):
        return
    counted = history if before.transitive else history[-1:]
    versions = [(v.version, v.schema) for v in counted]
    needs_it = any(check(subject.schema, versions, before))
    what = (
        "the schema is changed at once in a way that was refused before"
        if needs_it
        else "it allows changes that were refused before"
    )
    yield Diagnostic(
        rule="level-lowered",
        severity=Severity.ERROR if needs_it else Severity.WARNING,
        message=f"the level of {subject.subject} is {level}, and {before} in {base}: {what}",
        location=Location(subject.file.path if subject.file else None),
        element=subject.subject,
        advice="lower the level first, in a change of its own that the owners of its consumers"
        " approve"
        if needs_it
        else f"keep {before}, or let the owners of its consumers approve the change",
    )
