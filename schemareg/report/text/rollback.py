"""What undoes a plan, and what cannot be undone."""

from __future__ import annotations

from schemareg.commands.rollback import RollbackResult
from schemareg.plan.words import described, mark
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import finding, many


def rollback(result: RollbackResult, page: Page) -> str:
    """A line per action; what stays and why; what forbids it; how much there is to do."""
    lines = [
        f"{page.paint(mark(action), 'green')} {line(action.subject)}: {line(described(action))}"
        for action in result.actions
    ]
    reasons: dict[tuple[str, str], list[str]] = {}
    for left in result.remainders:
        reasons.setdefault((described(left.action), left.why), []).append(left.action.subject)
    for (action, why), subjects in reasons.items():
        text = f"not undone: {action} of {', '.join(subjects)}: {why}"
        lines.append(page.wrap(text, "  ", first=""))
    lines += [finding(refusal, page) for refusal in result.findings]
    if result.findings:
        lines.append(page.paint("this plan cannot be applied: see above", "red"))
    elif not result.actions:
        lines.append(f"nothing to undo in {line(result.registry)}")
    else:
        lines.append(f"{many(len(result.actions), 'action')} to undo it in {line(result.registry)}")
    return "\n".join(lines) + "\n"
