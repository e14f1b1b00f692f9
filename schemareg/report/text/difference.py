"""Changes as a list."""

from __future__ import annotations

from schemareg.commands.diff import DiffResult, SubjectDiff
from schemareg.diff import Change, Impact
from schemareg.report.escape import line
from schemareg.report.page import Colour, Page
from schemareg.report.text.findings import many

_COLOUR: dict[Impact, Colour] = {
    Impact.MAJOR: "red",
    Impact.MINOR: "yellow",
    Impact.PATCH: "dim",
}


def diff(result: DiffResult, page: Page) -> str:
    """A line a change, then one that sums up with the heaviest class."""
    if result.impact is None:
        return f"nothing changed from {line(result.old)} to {line(result.new)}\n"
    if result.subjects:
        return _projects(result, page)
    lines = [_line(change, page) for change in result.changes]
    impact = page.paint(result.impact, _COLOUR[result.impact])
    total = many(len(result.changes), "change")
    return (
        "\n".join([*lines, f"{impact}: {total} from {line(result.old)} to {line(result.new)}"])
        + "\n"
    )


def _projects(result: DiffResult, page: Page) -> str:
    """A heading for each subject, its changes below it, then one line that sums up."""
    lines: list[str] = []
    for subject in result.subjects:
        lines.append(f"{_heading(subject, page)} {page.paint(subject.subject, 'bold')}")
        lines += [_line(change, page) for change in subject.changes]
    assert result.impact is not None
    impact = page.paint(result.impact, _COLOUR[result.impact])
    total = many(len(result.subjects), "subject")
    ends = f"from {line(result.old)} to {line(result.new)}"
    return "\n".join([*lines, f"{impact}: {total} changed {ends}"]) + "\n"


def _heading(subject: SubjectDiff, page: Page) -> str:
    word = subject.impact if subject.status == "changed" else subject.status
    return page.paint(word, _COLOUR[subject.impact])


def _line(change: Change, page: Page) -> str:
    word = page.paint(change.impact.value.ljust(5), _COLOUR[change.impact])
    breaks = " and ".join(direction.value.lower() for direction in change.breaks)
    aside = f" (breaks {breaks})" if breaks else ""
    return page.wrap(f"{change.describe()}{aside}", "        ", first=f"  {word} ")
