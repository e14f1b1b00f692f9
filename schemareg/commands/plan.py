"""Plan what registering a project changes in a registry, and do what was planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import ClassVar

from schemareg.commands.check import check_project
from schemareg.commands.check_result import CheckResult
from schemareg.commands.managed import levels_after
from schemareg.commands.progress import Progress, silent
from schemareg.commands.register import done_before
from schemareg.diff import Change
from schemareg.errors import ExitCode, SchemaregError, UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.plan.actions import Action
from schemareg.plan.apply import Applied, apply
from schemareg.plan.audit import AuditLog
from schemareg.plan.diff import PlanOptions
from schemareg.plan.saved import Plan, PlanStaleError, make_plan
from schemareg.registry.api.state import Origin, RegistryState
from schemareg.registry.api.types import PlanRegistry
from schemareg.results import Case, Counts, Result
from schemareg.state import state_of_project
from schemareg.subjects import Subject
from schemareg.workspace import Project


@dataclass(frozen=True, slots=True)
class KeptSubject:
    """A subject that would be deleted if `users`, which stay, did not refer to it."""

    subject: Subject
    users: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class PlanResult(Result):
    """The actions after which the registry holds the project's state, and the check of them.

    `digest` identifies them and the state that they start from. With `detailed` pending changes
    have an exit code of their own. `changes` are those of each schema to register since the
    latest version, `kept` the subjects that are not deleted although the project lacks them.
    """

    command: ClassVar[str] = "plan"
    lists_actions: ClassVar[bool] = True

    registry: str
    digest: str
    actions: tuple[Action, ...]
    check: CheckResult
    detailed: bool = False
    changes: Mapping[Subject, tuple[Change, ...]] = field(default_factory=dict)
    kept: tuple[KeptSubject, ...] = ()

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
class ApplyFailure:
    """Why an apply stopped before its end, and the exit code that it has for that."""

    message: str
    exit_code: ExitCode


@dataclass(frozen=True, slots=True)
class ApplyResult(Result):
    """What applying a plan did, in the order in which it was done.

    With a `failure` the plan has `missing` actions that were not reported as done. The one that
    failed may have reached the registry: the next apply looks it up.
    """

    command: ClassVar[str] = "apply"

    registry: str
    digest: str
    applied: tuple[Applied, ...]
    failure: ApplyFailure | None = None
    missing: int = 0

    def counts(self) -> Counts:
        done = len(self.applied)
        return Counts("action", done + self.missing, done, self.missing)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when the registry did not take something; with a failure what that has."""
        if self.failure is not None:
            return self.failure.exit_code
        return ExitCode.YES if all(done.is_whole for done in self.applied) else ExitCode.NO

    def compared_with(self) -> str:
        return self.registry


def plan_project(
    project: Project,
    state: RegistryState,
    *,
    registry: str,
    options: PlanOptions | None = None,
    detailed: bool = False,
    with_proofs: bool = False,
    progress: Progress = silent,
) -> tuple[PlanResult, Plan]:
    """The plan that registers `project` where `state` is what the registry holds.

    Raises:
        SchemaParseError: a schema is refused.
    """
    options = options or PlanOptions()
    check = check_project(
        project, levels_after(state, options), with_proofs=with_proofs, progress=progress
    )
    desired = state_of_project(project, Origin("this project"), state)
    plan, difference = make_plan(
        desired, state, registry=registry, avro_version=project.avro_version, options=options
    )
    kept = tuple(KeptSubject(subject, users) for subject, users in difference.kept.items())
    result = PlanResult(
        registry, plan.digest, plan.actions, check, detailed, difference.changes, kept
    )
    return result, plan


def apply_plan(
    plan: Plan,
    registry: PlanRegistry,
    *,
    name: str,
    avro_version: str,
    audit: AuditLog | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = silent,
    on_failure: Callable[[ApplyResult], None] = lambda result: None,
) -> ApplyResult:
    """Everything that `plan` lists is done, and written to the audit log as it is.

    What was done before a failure is passed to `on_failure`, before that is raised.

    Raises:
        PlanStaleError: the registry holds something else than the plan starts from.
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer; its
            advice names what was done before.
        UsageError: the audit log cannot be written.
    """

    def now() -> str:
        return clock().isoformat(timespec="milliseconds")

    applied: list[Applied] = []
    if audit:
        audit.started(now(), len(plan.actions))
    try:
        for done in apply(plan, registry, name=name, avro_version=avro_version):
            applied.append(done)
            if audit:
                audit.applied(now(), done)
            progress("applying", len(applied), len(plan.actions))
    except SchemaregError as error:
        if audit and not isinstance(error, UsageError):
            audit.ended(now(), error.message)
        if not isinstance(error, PlanStaleError):
            failure = ApplyFailure(str(error), error.exit_code)
            missing = len(plan.actions) - len(applied)
            again = "apply the same plan again to do the rest"
            error.advice = "; ".join(filter(None, (error.advice, done_before(applied), again)))
            on_failure(ApplyResult(name, plan.digest, tuple(applied), failure, missing))
        raise
    if audit:
        audit.ended(now(), None)
    return ApplyResult(name, plan.digest, tuple(applied))
