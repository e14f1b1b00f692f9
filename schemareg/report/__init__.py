"""Results as text for people, JSON for programs, annotations and Markdown for pull requests.

A format is one member of `Format` and one function; adding one is those two and nothing else.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, assert_never

from schemareg.findings import Severity

if TYPE_CHECKING:
    from schemareg.report.escape import Safe
    from schemareg.report.page import Page
    from schemareg.results import Result


class Format(StrEnum):
    """How a result is written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    HTML = "html"
    SARIF = "sarif"
    GITLAB = "gitlab"
    AZURE = "azure"


class Output(NamedTuple):
    """A file to write a result to, and in which format."""

    format: Format
    file: Path


def render(
    result: Result, format: Format, page: Page, *, fail_on: Severity = Severity.ERROR
) -> Safe:
    """`result` in `format`, ending in a newline; "" when there is nothing to report.

    `page` is what text is laid out for: its width in columns, and whether it shows colours.
    Formats that hold an exit code hold that of `fail_on`.
    """
    match format:
        case Format.TEXT:
            from schemareg.report.escape import terminal
            from schemareg.report.text import as_text

            return terminal(as_text(result, page), colours=page.colours)
        case Format.JSON:
            from schemareg.report.as_json import as_json

            return as_json(result, page, fail_on)
        case Format.GITHUB:
            from schemareg.report.github import as_github

            return as_github(result, page)
        case Format.MARKDOWN:
            from schemareg.report.markdown import as_markdown

            return as_markdown(result, page, fail_on)
        case Format.JUNIT:
            from schemareg.report.junit import as_junit

            return as_junit(result, fail_on)
        case Format.HTML:
            from schemareg.report.html import as_html

            return as_html(result, page, fail_on)
        case Format.SARIF:
            from schemareg.report.sarif import as_sarif

            return as_sarif(result, page, fail_on)
        case Format.GITLAB:
            from schemareg.report.gitlab import as_gitlab

            return as_gitlab(result, page)
        case Format.AZURE:
            from schemareg.report.azure import as_azure

            return as_azure(result, page)
        case _:
            assert_never(format)
