"""Undo what a plan did, by another plan that is checked like any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import ClassVar

from schemareg.compat.words import described as incompatibility_in_words
from schemareg.diff import Change
from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.plan.actions import Action
from schemareg.plan.rollback import Refusal, Remainder, roll_back
from schemareg.plan.saved import Plan
from schemareg.registry.api.state import RegistryState
from schemareg.results import Case, Counts, Result
from schemareg.subjects import Subject


@dataclass(frozen=True, slots=True)
class RollbackResult(Result):
    """The actions that undo a plan, and what they leave of it.

    `undone` identifies the plan that is undone, `digest` the one that undoes it. `findings` name
    what the levels forbid.
    """

    command: ClassVar[str] = "rollback"
    lists_actions: ClassVar[bool] = True

    registry: str
    undone: str
    digest: str
    actions: tuple[Action, ...]
    remainders: tuple[Remainder, ...]
    findings: tuple[Diagnostic, ...] = ()
    changes: Mapping[Subject, tuple[Change, ...]] = field(default_factory=dict)

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.findings)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a level forbids it."""
        return ExitCode.NO if self.findings else ExitCode.YES

    def counts(self) -> Counts:
        done = len(self.actions)
        return Counts("action", done + len(self.remainders), done, len(self.remainders))

    def cases(self) -> Iterator[Case]:
        for subject in dict.fromkeys(action.subject for action in self.actions):
            yield Case(subject, tuple(f for f in self.findings if f.element == subject))

    def compared_with(self) -> str:
        return self.registry


def rollback_plan(
    plan: Plan, state: RegistryState, *, avro_version: str
) -> tuple[RollbackResult, Plan]:
    """The plan that undoes `plan` where `state` is what the registry holds."""
    found = roll_back(plan, state, avro_version=avro_version)
    result = RollbackResult(
        plan.registry,
        plan.digest,
        found.plan.digest,
        found.plan.actions,
        found.remainders,
        tuple(map(_as_finding, found.refusals)),
        found.changes,
    )
    return result, found.plan


def _as_finding(refusal: Refusal) -> Diagnostic:
    clash = refusal.clash
    reasons = "; ".join(map(incompatibility_in_words, clash.incompatibilities[:3]))
    return Diagnostic(
        rule="rollback-incompatible",
        severity=Severity.ERROR,
        message=f"{refusal.level} forbids the former schema after v{clash.version}: {reasons}",
        location=Location(None),
        element=refusal.subject,
        advice="set a level that permits it first, or register a schema that both can read",
    )
