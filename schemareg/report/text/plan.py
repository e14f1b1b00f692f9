"""A plan, and what applying it did, for the reviewer of a change."""

from __future__ import annotations

from collections.abc import Sequence

from schemareg.commands.plan import ApplyResult, PlanResult
from schemareg.diff import Change
from schemareg.errors import ExitCode
from schemareg.plan.actions import (
    Action,
    ImportVersion,
    PermanentDelete,
    RegisterVersion,
    SoftDelete,
)
from schemareg.plan.words import described, in_one, mark
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.check import check
from schemareg.report.text.findings import finding, many

_CHANGES = 5
"""Changes shown of each schema; a reviewer reads a plan in ten seconds."""


def plan(result: PlanResult, page: Page) -> str:
    """A line per action; what forbids the plan in full; how much there is to do."""
    lines: list[str] = []
    for action, words in in_one(result.actions):
        lines.append(_marked(action, f"{action.subject}: {words}", page))
        if isinstance(action, RegisterVersion):
            lines += _changes(result.changes.get(action.subject, ()), page)
    for kept in result.kept:
        users = " and ".join(kept.users)
        lines.append(
            page.wrap(f"not deleted: {kept.subject}: {users} refers to it", "  ", first="")
        )
    if result.exit_code() is ExitCode.NO or any(s.warnings for s in result.check.subjects):
        lines += ["", check(result.check, page).rstrip(), ""]
    else:
        lines += (finding(note, page) for note in result.check.without_subject())
    if result.exit_code() is ExitCode.NO:
        lines.append(page.paint("this plan cannot be applied: fix what is listed above", "red"))
    lines.append(_summary(result.actions, result.registry))
    return "\n".join(lines) + "\n"


def apply(result: ApplyResult, page: Page) -> str:
    """A line per action that was done; how many there were."""
    lines = []
    for done in result.applied:
        id = f", id {done.id}" if done.id is not None else ""
        before = " (done before)" if done.is_whole and not done.is_new else ""
        words = f"{done.action.subject}: {described(done.action)}{id}{before}"
        lines.append(_marked(done.action, words, page))
        if done.note:
            lines.append(page.wrap(done.note, "    ", first="  "))
    new = sum(done.is_new for done in result.applied)
    if result.failure is not None:
        lines.append(f"stopped: {many(result.missing, 'action')} of the plan not done")
    return "\n".join([*lines, f"{many(new, 'change')} made in {line(result.registry)}"]) + "\n"


def _changes(changes: Sequence[Change], page: Page) -> list[str]:
    """The first of `changes`, or all of them on a verbose page."""
    shown = changes if page.verbose else changes[:_CHANGES]
    lines = [page.wrap(change.describe(), "      ", first="    ") for change in shown]
    if len(changes) > len(shown):
        lines.append(f"    and {many(len(changes) - len(shown), 'more change')} (--verbose)")
    return lines


def _marked(action: Action, words: str, page: Page) -> str:
    sign = mark(action)
    wrapped = page.wrap(words, "      ", first=f"{sign} ")
    return page.paint(sign, "green") + wrapped.removeprefix(sign)


def _summary(actions: Sequence[Action], registry: str) -> str:
    if not actions:
        return f"nothing to do: {line(registry)} holds what this project describes"
    registered = sum(isinstance(action, RegisterVersion | ImportVersion) for action in actions)
    deleted = sum(isinstance(action, SoftDelete | PermanentDelete) for action in actions)
    set_ = len(actions) - registered - deleted
    counts = [
        many(set_, "setting") + " to change",
        many(registered, "version") + " to register",
        many(deleted, "subject") + " to delete",
    ]
    kept = [text for text, count in zip(counts, (set_, registered, deleted), strict=True) if count]
    return f"{', '.join(kept)} in {line(registry)}"
