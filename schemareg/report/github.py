"""Results as GitHub workflow commands: annotations on the lines of a pull request.

Source: GitHub, "Workflow commands for GitHub Actions", section "Setting an error message".
"""

from __future__ import annotations

from schemareg.findings import Diagnostic, Severity
from schemareg.report.escape import Safe, joined, workflow_command
from schemareg.report.identity import repository_path
from schemareg.report.page import Page
from schemareg.results import Result

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def as_github(result: Result, page: Page) -> Safe:
    """One workflow command a finding, at its path below `page.root`; "" when there are none."""
    return joined(_annotation(finding, page.root) for finding in result.annotations())


def _annotation(finding: Diagnostic, root: str) -> Safe:
    place = finding.location
    properties = {"title": finding.rule}
    if place.path:
        properties = {"file": repository_path(place.path, root), **properties}
        if place.line:
            properties |= {"line": str(place.line), "col": str(place.column)}
    message = f"{finding.element}: {finding.message}" if finding.element else finding.message
    if finding.advice:
        message = f"{message}\n{finding.advice}"
    if finding.detail:
        message = f"{message}\n{finding.detail}"
    return workflow_command(_LEVEL[finding.severity], properties, message)
