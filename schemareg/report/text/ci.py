"""What a pull request is judged by, step by step."""

from __future__ import annotations

from dataclasses import replace

from schemareg.commands.check_result import Verdict
from schemareg.commands.ci import CiResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.check import check
from schemareg.report.text.findings import lint
from schemareg.report.text.fixtures import fixtures
from schemareg.report.text.fmt import fmt


def ci(result: CiResult, page: Page) -> str:
    """A section for each step, with what it does not judge, and the changes of each schema."""
    page = replace(page, width=page.width - 2)
    sections = [
        _section("lint", lint(result.lint, page), page),
        _section("check", check(result.check, page), page),
        _section("changes", "\n".join(_changes(result, page)) or "none", page),
    ]
    none = "not judged: there are none, or no snapshot beside them"
    layout = fmt(result.fmt, page) if result.fmt else "not judged: there is no [fmt]"
    golden = fixtures(result.fixtures, page) if result.fixtures else none
    sections += [_section("layout", layout, page), _section("golden events", golden, page)]
    return "\n".join(sections)


def _section(title: str, text: str, page: Page) -> str:
    indented = "".join(f"  {each}\n" if each else "\n" for each in text.rstrip().split("\n"))
    return f"{page.paint(title, 'bold')}\n{indented}"


def _changes(result: CiResult, page: Page) -> list[str]:
    """The class of the change of each subject, and every change."""
    lines = []
    for subject in result.check.subjects:
        if subject.verdict is Verdict.NEW:
            lines.append(f"new {line(subject.subject)}")
        elif subject.verdict is Verdict.NOT_COMPARED:
            lines.append(f"not compared {line(subject.subject)}")
        elif subject.impact is not None:
            lines.append(f"{subject.impact} {line(subject.subject)}")
            lines += [
                page.wrap(change.describe(), "    ", first="  - ") for change in subject.changes
            ]
    return lines
