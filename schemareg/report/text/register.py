"""The versions and levels that registering made."""

from __future__ import annotations

from schemareg.commands.register import RegisterResult
from schemareg.report.page import Page
from schemareg.report.text.findings import many


def register(result: RegisterResult, page: Page) -> str:
    """Each level that was set; a row a subject with its version; then how many are new."""
    rows: list[tuple[str, ...]] = [
        (
            "+" if r.is_new else "=",
            r.subject,
            f"version {r.version}",
            f"id {r.id}",
            "" if r.is_new else "was registered",
        )
        for r in result.registrations
    ]
    new = sum(r.is_new for r in result.registrations)
    total = many(len(rows), "subject")
    summary = f"{many(new, 'new version')}, {total} in {result.registry}"
    levels = [f"level of {c.subject}: {c.before} → {c.after}" for c in result.levels]
    return "\n".join([*levels, *([page.table(rows)] if rows else []), summary]) + "\n"
