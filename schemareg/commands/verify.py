"""Lint, check, register, produce and consume in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from schemareg.brokers.broker import Broker
from schemareg.commands.check import check_project
from schemareg.commands.check_result import CheckResult
from schemareg.commands.lint import LintResult, lint_project
from schemareg.commands.progress import Progress, silent
from schemareg.commands.register import RegisterResult, register_project
from schemareg.commands.roundtrip import Extent, RoundTripResult, round_trip_project
from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.registry import RegistryClient
from schemareg.results import Case, Counts, Result
from schemareg.state import subjects_of_interest
from schemareg.state.registry import read_registry
from schemareg.workspace import Config, Project


@dataclass(frozen=True, slots=True)
class VerifyResult(Result):
    """The result of each step; None for a step that did not run because an earlier one failed.

    `seconds` is the time of the whole pass.
    """

    command: ClassVar[str] = "verify"

    lint: LintResult
    check: CheckResult
    register: RegisterResult | None
    roundtrip: RoundTripResult | None
    seconds: float

    def texts(self) -> Mapping[str, bytes]:
        return self.lint.texts()

    def annotations(self) -> Iterator[Diagnostic]:
        yield from self.lint.annotations()
        # A file that cannot be parsed is lint's finding; check need not report it again.
        yield from (f for f in self.check.annotations() if f not in self.check.failures)
        if self.roundtrip:
            yield from self.roundtrip.annotations()

    def suppressed(self) -> Iterator[Diagnostic]:
        return self.lint.suppressed()

    def counts(self) -> Counts:
        return self.check.counts()

    def cases(self) -> Iterator[Case]:
        yield from self.lint.cases()
        failures = {failure.location.path for failure in self.check.failures}
        yield from (case for case in self.check.cases() if case.name not in failures)

    def compared_with(self) -> str:
        return self.check.compared_with()

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when any step fails."""
        steps = (self.lint, self.check, self.register, self.roundtrip)
        failed = any(step and step.exit_code(fail_on) is not ExitCode.YES for step in steps)
        return ExitCode.NO if failed else ExitCode.YES


def verify_project(
    project: Project,
    config: Config,
    registry: RegistryClient,
    broker: Broker,
    *,
    registry_name: str,
    run: str,
    seconds: Callable[[], float],
    extent: Extent,
    progress: Progress = silent,
) -> VerifyResult:
    """Lint `project`, check it against `registry`, register it, and send events of every version.

    Nothing is registered when lint or check fails. `seconds` returns the time since the pass
    began; `broker` is entered already.
    """
    lint = lint_project(project, config)
    wanted = subjects_of_interest(project, config)
    before = read_registry(registry, registry_name, wanted)
    check = check_project(project, before, progress=progress)
    register = roundtrip = None
    if lint.exit_code() is ExitCode.YES and check.exit_code() is ExitCode.YES:
        register = register_project(
            project, registry, name=registry_name, state=before, progress=progress
        )
        roundtrip = round_trip_project(
            project,
            read_registry(registry, registry_name, [s.subject for s in project.subjects]),
            broker,
            run=run,
            registry_name=registry_name,
            extent=extent,
            progress=progress,
        )
    return VerifyResult(lint, check, register, roundtrip, seconds())
