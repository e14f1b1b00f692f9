"""The whole job in one pass: lint, check, register, produce and consume."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from schemareg.bases import Base
from schemareg.config import Config
from schemareg.errors import ExitCode
from schemareg.findings import Finding, Severity
from schemareg.jobs.check import check_project
from schemareg.jobs.check_outcome import CheckOutcome
from schemareg.jobs.lint import LintOutcome, lint_project
from schemareg.jobs.progress import Progress, silent
from schemareg.jobs.register import RegisterOutcome, register_project
from schemareg.jobs.roundtrip import Extent, RoundTripOutcome, round_trip_project
from schemareg.kafka.broker import Broker
from schemareg.project import Project
from schemareg.registry import RegistryClient


@dataclass(frozen=True, slots=True)
class VerifyOutcome:
    """What each step said; a step that the one before it forbade is None.

    `seconds` is the time of the whole pass.
    """

    command: ClassVar[str] = "verify"

    lint: LintOutcome
    check: CheckOutcome
    register: RegisterOutcome | None
    roundtrip: RoundTripOutcome | None
    seconds: float

    def annotations(self) -> Iterator[Finding]:
        yield from self.lint.annotations()
        # A file that cannot be parsed is lint's finding; check need not tell of it again.
        yield from (f for f in self.check.annotations() if f not in self.check.failures)
        if self.roundtrip:
            yield from self.roundtrip.annotations()

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when any step says no."""
        steps = (self.lint, self.check, self.register, self.roundtrip)
        failed = any(step and step.exit_code(fail_on) is not ExitCode.YES for step in steps)
        return ExitCode.NO if failed else ExitCode.YES


def verify_project(
    project: Project,
    config: Config,
    base: Base,
    registry: RegistryClient,
    broker: Broker,
    *,
    registry_name: str,
    run: str,
    seconds: Callable[[], float],
    extent: Extent,
    progress: Progress = silent,
) -> VerifyOutcome:
    """Lint `project`, check it against `base`, register it, and send events of every version.

    Nothing is registered when lint or check says no. `seconds`
    tells the time since the pass began; `broker` is entered already.
    """
    lint = lint_project(project, config)
    check = check_project(project, base, progress=progress)
    register = roundtrip = None
    if lint.exit_code() is ExitCode.YES and check.exit_code() is ExitCode.YES:
        register = register_project(project, registry, name=registry_name, progress=progress)
        roundtrip = round_trip_project(
            project.subjects,
            registry,
            broker,
            run=run,
            registry_name=registry_name,
            extent=extent,
            progress=progress,
        )
    return VerifyOutcome(lint, check, register, roundtrip, seconds())
