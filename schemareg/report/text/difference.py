"""Changes as a list."""

from __future__ import annotations

from schemareg.commands.diff import DiffResult
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
    lines = [_line(change, page) for change in result.changes]
    impact = page.paint(result.impact, _COLOUR[result.impact])
    total = many(len(result.changes), "change")
    return (
        "\n".join([*lines, f"{impact}: {total} from {line(result.old)} to {line(result.new)}"])
        + "\n"
    )


def _line(change: Change, page: Page) -> str:
    word = page.paint(change.impact.value.ljust(5), _COLOUR[change.impact])
    breaks = " and ".join(direction.value.lower() for direction in change.breaks)
    aside = f" (breaks {breaks})" if breaks else ""
    return page.wrap(f"{change.describe()}{aside}", "        ", first=f"  {word} ")
