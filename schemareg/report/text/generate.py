"""Generated models."""

from __future__ import annotations

from schemareg.commands.generate import GenerateResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import finding, many


def generate(result: GenerateResult, page: Page) -> str:
    """Whether the file was written, is up to date, or has to be written."""
    lines = [finding(diagnostic, page) for diagnostic in result.annotations()]
    schemas = many(result.schemas, "schema file")
    if result.written:
        lines.append(f"{line(result.path)}: models of {schemas} written")
    elif not result.differs:
        lines.append(f"{line(result.path)}: up to date with {schemas}")
    return "\n".join(lines) + "\n"
