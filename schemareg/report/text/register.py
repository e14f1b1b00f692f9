"""The versions and levels that registering made."""

from __future__ import annotations

from schemareg.commands.register import RegisterResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import finding, many


def level_lines(result: RegisterResult) -> list[str]:
    """A line for each level that was set."""
    return [f"level of {line(c.subject)}: {c.before} → {c.after}" for c in result.levels]


def register(result: RegisterResult, page: Page) -> str:
    """Each level that was set; a row a new version; then how many there are.

    With a verbose page a row for every subject.
    """
    rows: list[tuple[str, ...]] = [
        (
            "+" if r.is_new else "=",
            r.subject,
            f"version {r.version}",
            f"id {r.id}",
            "" if r.is_new else "was registered",
        )
        for r in result.registrations
        if r.is_new or page.verbose
    ]
    new = sum(r.is_new for r in result.registrations)
    total = many(len(result.registrations), "subject")
    summary = f"{many(new, 'new version')}, {total} in {line(result.registry)}"
    notes = [finding(note, page) for note in result.annotations()]
    return (
        "\n".join([*notes, *level_lines(result), *([page.table(rows)] if rows else []), summary])
        + "\n"
    )
