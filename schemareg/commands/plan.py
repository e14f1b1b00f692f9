"""Plan what registering a project changes in a registry, and do what was planned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from schemareg.commands.check import check_project
from schemareg.commands.check_result import CheckResult
from schemareg.commands.progress import Progress, silent
from schemareg.commands.register import done_before
from schemareg.errors import ExitCode, RegistryError
from schemareg.findings import Diagnostic, Severity
from schemareg.plan.actions import Action
from schemareg.plan.apply import Applied, apply
from schemareg.plan.saved import Plan, make_plan
from schemareg.registry.api.state import Origin, RegistryState
from schemareg.registry.api.types import PlanRegistry
from schemareg.results import Case, Counts, Result
from schemareg.state import state_of_project
from schemareg.workspace import Project


@dataclass(frozen=True, slots=True)
class PlanResult(Result):
    """The actions after which the registry holds the project's state, and the check of them.

    `digest` identifies the state that they start from. With `detailed` pending changes have an
    exit code of their own.
    """

    command: ClassVar[str] = "plan"

    registry: str
    digest: str
    actions: tuple[Action, ...]
    check: CheckResult
    detailed: bool = False

    def annotations(self) -> Iterator[Diagnostic]:
        return self.check.annotations()

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when the check fails, CHANGES_PENDING only with `detailed`."""
        if self.check.exit_code(fail_on) is not ExitCode.YES:
            return ExitCode.NO
        return ExitCode.CHANGES_PENDING if self.detailed and self.actions else ExitCode.YES

    def counts(self) -> Counts:
        return self.check.counts()

    def cases(self) -> Iterator[Case]:
        return self.check.cases()

    def compared_with(self) -> str:
        return self.registry


@dataclass(frozen=True, slots=True)
class ApplyResult(Result):
    """What applying a plan did, in the order in which it was done."""

    command: ClassVar[str] = "apply"

    registry: str
    digest: str
    applied: tuple[Applied, ...]

    def compared_with(self) -> str:
        return self.registry


def plan_project(
    project: Project,
    state: RegistryState,
    *,
    registry: str,
    detailed: bool = False,
    progress: Progress = silent,
) -> tuple[PlanResult, Plan]:
    """The plan that registers `project` where `state` is what the registry holds.

    Raises:
        SchemaParseError: a schema is refused.
    """
    check = check_project(project, state, progress=progress)
    desired = state_of_project(project, Origin("this project"))
    plan, _ = make_plan(desired, state, registry=registry, avro_version=project.avro_version)
    return PlanResult(registry, plan.digest, plan.actions, check, detailed), plan


def apply_plan(
    plan: Plan,
    registry: PlanRegistry,
    *,
    name: str,
    avro_version: str,
    progress: Progress = silent,
) -> ApplyResult:
    """Everything that `plan` lists is done.

    Raises:
        PlanStaleError: the registry holds something else than the plan starts from.
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer; its
            advice names what was done before.
    """
    applied: list[Applied] = []
    try:
        for done in apply(plan, registry, name=name, avro_version=avro_version):
            applied.append(done)
            progress("applying", len(applied), len(plan.actions))
    except RegistryError as error:
        again = "apply the same plan again to do the rest"
        error.advice = "; ".join(filter(None, (error.advice, done_before(applied), again)))
        raise
    return ApplyResult(name, plan.digest, tuple(applied))
