"""What a build of the catalog did."""

from __future__ import annotations

from schemareg.commands.catalog import CatalogResult
from schemareg.report.page import Page
from schemareg.report.text.findings import many


def catalog(result: CatalogResult, page: Page) -> str:
    """The folder, and how many of its files changed."""
    changed = f"{result.written} written"
    changed += f", {result.removed} removed" if result.removed else ""
    files = many(result.files, "file")
    summary = f"{result.folder}: {many(result.subjects, 'subject')} in {files}, {changed}"
    if result.refused:
        refused = many(result.refused, "schema file")
        summary += f"; {refused} cannot be read: run `schemareg lint`"
    return page.wrap(summary, "  ", first="") + "\n"
