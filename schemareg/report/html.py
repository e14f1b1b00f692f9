"""Results as one HTML page without scripts, to keep as a build's artifact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from schemareg.findings import Diagnostic, Severity
from schemareg.report.counted import counted
from schemareg.report.escape import Safe, html_document, plain_line
from schemareg.report.page import Page
from schemareg.report.runs import round_trip_in
from schemareg.report.text import as_text
from schemareg.report.text.findings import counts as counts_of
from schemareg.results import Result

if TYPE_CHECKING:
    from schemareg.commands.roundtrip import Pairing, RoundTripResult

_STYLE = """
:root { color-scheme: light dark; --bad: #b3261e; --warn: #9a6700; --note: #0b62c4; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --warn: #e3b341; --note: #79b8ff; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: 0 1rem; }
dd { margin: 0; }
h2 { font-size: 1.1rem; overflow-wrap: anywhere; }
div.wide, pre { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid #8888; padding: .3rem .7rem; text-align: center; }
td.bad { background: #b3261e; color: #fff; font-weight: bold; }
td.note { background: #8882; }
code { overflow-wrap: anywhere; }
ol.findings { list-style: none; padding: 0; }
ol.findings li { border-left: .3rem solid; margin: 1rem 0; padding-left: .8rem; }
ol.findings p { margin: .1rem 0; overflow-wrap: anywhere; }
ol.findings li.error { border-color: var(--bad); } li.error b { color: var(--bad); }
ol.findings li.warning { border-color: var(--warn); } li.warning b { color: var(--warn); }
ol.findings li.info { border-color: var(--note); } li.info b { color: var(--note); }
pre { font-size: .8rem; }
"""
_TEXT_WIDTH = 100


def as_html(result: Result, page: Page, fail_on: Severity = Severity.ERROR) -> Safe:
    """A whole page: the answer, what was judged, and the matrix, the findings, or else the text."""
    html = Xml.Element("html", lang="en")
    head = Xml.SubElement(html, "head")
    Xml.SubElement(head, "meta", charset="utf-8")
    Xml.SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    title = f"schemareg {result.command}: {'yes' if result.exit_code(fail_on) == 0 else 'no'}"
    Xml.SubElement(head, "title").text = title
    Xml.SubElement(head, "style").text = _STYLE
    body = Xml.SubElement(html, "body")
    Xml.SubElement(body, "h1").text = title
    _facts(body, result, page)
    round_trip = round_trip_in(result)
    if round_trip:
        _matrix(body, round_trip)
    findings = list(result.annotations())
    if findings:
        _findings(body, findings)
    if result.lists_actions or (not round_trip and not findings):
        Xml.SubElement(body, "pre").text = as_text(result, Page(_TEXT_WIDTH))
    return html_document(html)


def _facts(body: Xml.Element, result: Result, page: Page) -> None:
    """How much was judged, compared with what, at which commit, with how many findings."""
    facts: list[tuple[str, str]] = []
    facts.append(("counted", counted(result)))
    facts.append(("compared with", result.compared_with()))
    facts.append(("commit checked out", page.commit))
    facts.append(("findings", counts_of(result.annotations()) or "none"))
    listed = Xml.SubElement(body, "dl")
    for name, value in facts:
        if value:
            Xml.SubElement(listed, "dt").text = name
            Xml.SubElement(listed, "dd").text = plain_line(value)


def _matrix(body: Xml.Element, result: RoundTripResult) -> None:
    from schemareg.report.text.matrix import LEGEND, by_framing, grid, summary  # needs Kafka

    Xml.SubElement(body, "p").text = summary(result, Page())
    for sign in LEGEND:
        Xml.SubElement(body, "p").text = sign
    for subject, group in groupby(result.pairings, key=lambda p: p.cell.subject):
        for framings, pairings in by_framing(list(group)):
            title = f"{subject} ({pairings[0].level}, framed by {framings})"
            Xml.SubElement(body, "h2").text = plain_line(title)
            _table(body, grid(pairings))
            _troubles(body, pairings)


def _table(body: Xml.Element, rows: Sequence[tuple[str, ...]]) -> None:
    table = Xml.SubElement(Xml.SubElement(body, "div", {"class": "wide"}), "table")
    head = Xml.SubElement(table, "tr")
    for cell in rows[0]:
        Xml.SubElement(head, "th", scope="col").text = plain_line(cell) or "written by ↓ read by →"
    for first, *signs in rows[1:]:
        row = Xml.SubElement(table, "tr")
        Xml.SubElement(row, "th", scope="row").text = first
        for sign in signs:
            kind = {"X": "bad", "-": "note"}.get(sign, "good")
            Xml.SubElement(row, "td", {"class": kind}).text = sign


def _troubles(body: Xml.Element, pairings: Iterable[Pairing]) -> None:
    troubled = [p for p in pairings if p.cell.trouble]
    if not troubled:
        return
    listed = Xml.SubElement(body, "ul")
    for pairing in troubled:
        trouble = pairing.cell.trouble
        assert trouble is not None
        item = Xml.SubElement(listed, "li")
        aside = "" if pairing.failed else " (not promised)"
        item.text = plain_line(
            f"v{pairing.cell.version} read by {pairing.cell.reader}{aside}: "
            f"{trouble.event_name}: {trouble.message} "
        )
        Xml.SubElement(item, "code").text = trouble.body.hex()


def _findings(body: Xml.Element, findings: Sequence[Diagnostic]) -> None:
    Xml.SubElement(body, "h2").text = "Findings"
    listed = Xml.SubElement(body, "ol", {"class": "findings"})
    for finding in findings:
        item = Xml.SubElement(listed, "li", {"class": finding.severity.value})
        head = Xml.SubElement(item, "p")
        Xml.SubElement(head, "b").text = plain_line(f"{finding.severity} {finding.rule}")
        about = f"{finding.element}: " if finding.element else ""
        Xml.SubElement(item, "p").text = plain_line(about + finding.message)
        if finding.location.path:
            Xml.SubElement(Xml.SubElement(item, "p"), "code").text = plain_line(
                str(finding.location)
            )
        if finding.advice:
            Xml.SubElement(item, "p").text = plain_line(f"Do: {finding.advice}")
