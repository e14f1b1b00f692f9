"""Bring the snapshot up to what a registry holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from schemareg.errors import ExitCode, UsageError
from schemareg.findings import Finding, Severity
from schemareg.state import Base, PartOfBase, write_snapshot
from schemareg.workspace import Config, Project


@dataclass(frozen=True, slots=True)
class PullResult:
    """The files of the snapshot that were written or removed, as a person would type them."""

    command: ClassVar[str] = "pull"

    base: str
    snapshot: str
    changed: tuple[str, ...]

    def annotations(self) -> Iterator[Finding]:
        return iter(())

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES


def pull(base: Base, config: Config, project: Project | None) -> PullResult:
    """Make the configured snapshot say what `base` holds; files that agree are left alone.

    With a `project` only its subjects, those of the snapshot, and what they refer to: others use
    the registry, too. None takes every subject.

    Raises:
        UsageError: `base` holds none of them, and the snapshot would be emptied.
    """
    taken = base
    if project is not None:
        own = {subject.subject for subject in project.subjects}
        taken = PartOfBase(base, [*own, *base.claimed()])
    if not taken.subjects():
        raise UsageError(
            f"{base.describe()} holds no subject of this project: nothing to take a snapshot of",
            advice="check the URL, the context and your rights, or run `schemareg register` first",
        )
    changed = write_snapshot(config.snapshot, taken)
    shown = tuple(config.shown(path) for path in changed)
    return PullResult(base.describe(), config.shown(config.snapshot), shown)
