"""The files that `init` wrote, and what to do next."""

from __future__ import annotations

from schemareg.commands.init import InitResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import finding, many

_MOST_OUTSIDE = 3


def init(result: InitResult, page: Page) -> str:
    """What could not be described, the files, and the next commands."""
    folded = () if page.verbose else result.outside()[_MOST_OUTSIDE:]
    lines = [finding(note, page) for note in result.notes if note not in folded]
    if folded:
        left = many(len(folded), "more file")
        lines.append(f"{left} outside of the roots (--verbose lists them)")
    shown = result.written if page.verbose else result.written[:1]
    lines += [f"wrote {line(path)}" for path in shown]
    rest = len(result.written) - len(shown)
    if rest:
        lines.append(f"wrote {many(rest, 'more file')} (--verbose lists them)")
    if result.passed_over:
        lines.append(f"passed over: {many(result.passed_over, 'subject')} of other schema types")
    accepted = ""
    if result.accepted:
        accepted = f"; {many(result.accepted, 'finding')} accepted in the baseline"
    if result.earlier:
        lines.append(f"versions recognized: {many(result.earlier, 'earlier file')}")
    lines.append(f"{many(result.schemas, 'schema')} from {line(result.source)}{accepted}")
    if result.errors:
        lines.append(f"{many(result.errors, 'error')} that no baseline accepts: see schemareg lint")
    then = "schemareg plan" if result.has_registry else "commit, and schemareg check at each change"
    lines.append(f"next: schemareg lint, then {then}")
    return "\n".join(lines) + "\n"
