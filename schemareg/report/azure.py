"""Results as logging commands of Azure Pipelines: issues of the build, at their files.

Source: Microsoft, "Logging commands", section "LogIssue: Log an error or warning".
"""

from __future__ import annotations

from schemareg.findings import Diagnostic, Severity
from schemareg.report.escape import Safe, azure_command, joined, line, terminal
from schemareg.report.identity import full_message, repository_path
from schemareg.report.page import Page
from schemareg.results import Result


def as_azure(result: Result, page: Page) -> Safe:
    """One command a finding; notes are plain lines: a build has errors and warnings only."""
    return joined(_issue(finding, page.root) for finding in result.annotations())


def _issue(finding: Diagnostic, root: str) -> Safe:
    place = finding.location
    path = repository_path(place.path, root) if place.path else ""
    if finding.severity is Severity.INFO:
        at = f"{path}:{place.line}: " if place.line else f"{path}: " if path else ""
        return terminal(line(f"{at}note {finding.rule}: {full_message(finding)}") + "\n")
    properties = {"type": finding.severity.value}
    if path:
        properties["sourcepath"] = path
    if path and place.line:
        properties |= {"linenumber": str(place.line), "columnnumber": str(place.column)}
    properties["code"] = finding.code or finding.rule
    return azure_command(properties, full_message(finding))
