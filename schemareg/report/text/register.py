"""What registering led to."""

from __future__ import annotations

from schemareg.commands.register import RegisterResult
from schemareg.report.page import Page
from schemareg.report.text.findings import many


def register(result: RegisterResult, page: Page) -> str:
    """A row a subject: what it got; then how many are new."""
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
    told = f"{many(new, 'new version')}, {total} in {result.registry}"
    return "\n".join([*([page.table(rows)] if rows else []), told]) + "\n"
