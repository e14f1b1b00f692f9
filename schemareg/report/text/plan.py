"""A plan, and what applying it did, for the reviewer of a change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from schemareg.commands.plan import ApplyResult, PlanResult
from schemareg.errors import ExitCode
from schemareg.plan.actions import Action, RegisterVersion, SetLevel
from schemareg.report.page import Page
from schemareg.report.text.check import check
from schemareg.report.text.findings import many


def plan(result: PlanResult, page: Page) -> str:
    """A line per action; what forbids the plan in full; how much there is to do."""
    lines = [f"{page.paint(_mark(action), 'green')} {_line(action)}" for action in result.actions]
    if result.exit_code() is ExitCode.NO or any(s.warnings for s in result.check.subjects):
        lines += ["", check(result.check, page).rstrip(), ""]
    if result.exit_code() is ExitCode.NO:
        lines.append(page.paint("this plan cannot be applied: fix what is listed above", "red"))
    lines.append(_summary(result.actions, result.registry))
    return "\n".join(lines) + "\n"


def apply(result: ApplyResult, page: Page) -> str:
    """A line per action that was done; how many there were."""
    lines = []
    for done in result.applied:
        id = f", id {done.id}" if done.id is not None else ""
        before = "" if done.is_new else " (done before)"
        lines.append(f"{_mark(done.action)} {_line(done.action)}{id}{before}")
    new = sum(done.is_new for done in result.applied)
    return "\n".join([*lines, f"{many(new, 'change')} made in {result.registry}"]) + "\n"


def _mark(action: Action) -> str:
    return "~" if isinstance(action, SetLevel) else "+"


def _line(action: Action) -> str:
    match action:
        case SetLevel():
            return f"{action.subject}: level {action.before or 'unset'} → {action.after}"
        case RegisterVersion():
            kind = f" ({action.impact})" if action.impact else ""
            return f"{action.subject}: register version {action.version}{kind}"
        case _:
            assert_never(action)


def _summary(actions: Iterable[Action], registry: str) -> str:
    levels = sum(isinstance(action, SetLevel) for action in actions)
    versions = sum(isinstance(action, RegisterVersion) for action in actions)
    if not levels and not versions:
        return f"nothing to do: {registry} holds what this project describes"
    counts = [many(levels, "level")] * bool(levels) + [many(versions, "version")] * bool(versions)
    return f"{' and '.join(counts)} to set or register in {registry}"
