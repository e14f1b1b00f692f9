"""What one registry has and another lacks."""

from __future__ import annotations

from schemareg.commands.promote import PromoteResult
from schemareg.plan.words import in_one, mark
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import finding, many


def promote(result: PromoteResult, page: Page) -> str:
    """A line per action; which version is which where numbers or ids differ; what forbids it."""
    lines = [
        f"{page.paint(mark(action), 'green')} {line(action.subject)}: {line(words)}"
        for action, words in in_one(result.actions)
    ]
    rows: list[tuple[str, ...]] = [
        (
            m.subject,
            f"v{m.source_version} id {m.source_id}",
            "→",
            f"v{m.target_version} id {m.target_id}",
        )
        for m in result.mapped
        if page.verbose or (m.source_version, m.source_id) != (m.target_version, m.target_id)
    ]
    if rows:
        lines.append(page.table(rows))
    lines += [finding(each, page) for each in result.findings]
    same = many(len(result.mapped), "version")
    if result.is_forbidden:
        lines.append(page.paint("this plan cannot be applied: see above", "red"))
    todo = many(len(result.actions), "action") if result.actions else "nothing to do"
    lines.append(f"{todo} in {line(result.target)}; it has {same} of {line(result.source)} already")
    return "\n".join(lines) + "\n"
