"""Bring the snapshot up to what a registry holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from schemareg.bases import Base, write_snapshot
from schemareg.config import Config
from schemareg.errors import ExitCode
from schemareg.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class PullOutcome:
    """The files of the snapshot that were written or removed, as a person would type them."""

    command: ClassVar[str] = "pull"

    base: str
    snapshot: str
    changed: tuple[str, ...]

    def annotations(self) -> Iterator[Finding]:
        return iter(())

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES


def pull(base: Base, config: Config) -> PullOutcome:
    """Make the configured snapshot say what `base` holds; files that agree are left alone."""
    changed = write_snapshot(config.snapshot, base)
    shown = tuple(config.shown(path) for path in changed)
    return PullOutcome(base.describe(), config.shown(config.snapshot), shown)
