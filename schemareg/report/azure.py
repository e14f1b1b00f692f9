"""Results as logging commands of Azure Pipelines: issues of the build, at their files.

Source: Microsoft, "Logging commands", section "LogIssue: Log an error or warning".
"""

from __future__ import annotations

from schemareg.findings import Diagnostic, Severity
from schemareg.report.escape import azure_data, azure_property, line, terminal
from schemareg.report.identity import full_message, repository_path
from schemareg.report.page import Page
from schemareg.results import Result


def as_azure(result: Result, page: Page) -> str:
    """One command a finding; notes are plain lines: a build has errors and warnings only."""
    return "".join(_issue(finding, page.root) + "\n" for finding in result.annotations())


def _issue(finding: Diagnostic, root: str) -> str:
    place = finding.location
    path = repository_path(place.path, root) if place.path else ""
    if finding.severity is Severity.INFO:
        at = f"{path}:{place.line}: " if place.line else f"{path}: " if path else ""
        return terminal(line(f"{at}note {finding.rule}: {full_message(finding)}"))
    properties = {"type": finding.severity.value}
    if path:
        properties["sourcepath"] = path
    if path and place.line:
        properties |= {"linenumber": str(place.line), "columnnumber": str(place.column)}
    properties["code"] = finding.code or finding.rule
    text = ";".join(f"{name}={azure_property(value)}" for name, value in properties.items())
    return f"##vso[task.logissue {text}]{azure_data(full_message(finding))}"
