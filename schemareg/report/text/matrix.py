"""Round trips: what went through the broker, and what did not come back as it should."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from schemareg.commands.roundtrip import Pairing, RoundTripResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import many
from schemareg.roundtrip.runner import CellVerdict

LEGEND = (
    "=  came back equal    ~  evolved by resolution rules   -  refused, not promised",
    "X  refused though promised, or wrong",
)


def roundtrip(result: RoundTripResult, page: Page) -> str:
    """A grid a subject, writers down and readers across; the troubles; one line that sums up."""
    lines: list[str] = []
    for subject, group in groupby(result.pairings, key=lambda p: p.cell.subject):
        for framings, pairings in by_framing(list(group)):
            heading = f"{pairings[0].level}, framed by {framings}"
            lines.append(f"{page.paint(subject, 'bold')} ({line(heading)})")
            lines.append(page.table(grid(pairings)))
            lines += troubles(pairings, page)
    return "\n".join([*lines, *LEGEND, summary(result, page)]) + "\n"


def by_framing(pairings: Sequence[Pairing]) -> list[tuple[str, list[Pairing]]]:
    """The pairings of one subject a framing, once where the framing makes no difference."""
    split: dict[str, list[Pairing]] = {}
    for pairing in pairings:
        split.setdefault(pairing.cell.framing.upper(), []).append(pairing)
    grids = [grid(own) for own in split.values()]
    if all(other == grids[0] for other in grids):
        return [(" and ".join(split), next(iter(split.values())))]
    return list(split.items())


def sign(pairing: Pairing) -> str:
    """One character for a cell, as `LEGEND` explains."""
    if pairing.failed:
        return "X"
    match pairing.cell.verdict:
        case CellVerdict.EQUAL:
            return "="
        case CellVerdict.EVOLVED:
            return "~"
        case _:
            return "-"


def grid(pairings: Sequence[Pairing]) -> list[tuple[str, ...]]:
    """Rows of cells: a head with the readers, then a row a writer."""
    readers = list(dict.fromkeys(p.cell.reader for p in pairings))
    rows: list[tuple[str, ...]] = [("", *readers)]
    for version, group in groupby(pairings, key=lambda p: p.cell.version):
        signs = {p.cell.reader: sign(p) for p in group}
        rows.append((f"v{version}", *(signs[reader] for reader in readers)))
    return rows


def troubles(pairings: Iterable[Pairing], page: Page) -> list[str]:
    """What was refused or wrong, event by event, with its bytes."""
    lines: list[str] = []
    for pairing in pairings:
        cell = pairing.cell
        if cell.trouble is None:
            continue
        aside = "" if pairing.failed else " (not promised by the level)"
        head = f"v{cell.version} read by {cell.reader}: {_verdict(pairing, page)}{aside}"
        lines.append(page.wrap(head, "    ", first="  "))
        lines.append(page.wrap(f"{cell.trouble.event_name}: {cell.trouble.message}", "    "))
        lines.append(f"    bytes {shortened(cell.trouble.body.hex()) or '(none)'}")
    return lines


def summary(result: RoundTripResult, page: Page) -> str:
    """One line: events, pairs, broker, and how many pairs broke a promise."""
    events = sum(p.cell.events for p in result.pairings)
    failed = sum(p.failed for p in result.pairings)
    verdict = page.paint(f"{many(failed, 'pair')} failed", "red") if failed else "all as promised"
    return (
        f"{many(events, 'event')} in {many(len(result.pairings), 'pair')} of versions "
        f"through the {line(result.broker)} broker: {verdict}"
    )


def shortened(text: str, most: int = 200) -> str:
    """`text`, or its first characters and how many are left out."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more)"


def _verdict(pairing: Pairing, page: Page) -> str:
    if pairing.contradicts_check:
        return page.paint("refused, although check allows it: please report this bug", "red")
    word = pairing.cell.verdict.value
    return page.paint(word, "red") if pairing.failed else word
