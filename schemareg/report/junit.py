"""Results as JUnit XML, which every CI shows: a case for each pair of versions, file or subject.

Source: the schema that Apache Ant's junitreport and Jenkins' xunit plugin read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from schemareg.findings import Diagnostic, Severity
from schemareg.report.escape import Safe, plain_line, xml_document
from schemareg.report.runs import round_trip_in
from schemareg.results import Case, Result

if TYPE_CHECKING:
    from schemareg.commands.roundtrip import Pairing


def as_junit(result: Result, fail_on: Severity = Severity.ERROR) -> Safe:
    """One `testsuite` named after the command; never empty, for some CIs refuse that."""
    suite = Xml.Element("testsuite", name=f"schemareg {result.command}")
    round_trip = round_trip_in(result)
    if result is not round_trip:
        suite.extend(_case(case, result.command, fail_on) for case in result.cases())
    suite.extend(_pairs(round_trip.pairings if round_trip else ()))
    if not len(suite):
        Xml.SubElement(suite, "testcase", classname="schemareg", name=result.command)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.insert(0, _counts(result))
    Xml.indent(suite)
    return xml_document(suite)


def _counts(result: Result) -> Xml.Element:
    counts = result.counts()
    properties = Xml.Element("properties")
    for name in ("unit", "read", "judged", "passed_over"):
        value = plain_line(str(getattr(counts, name)))
        Xml.SubElement(properties, "property", name=f"schemareg.{name}", value=value)
    return properties


def _pairs(pairings: tuple[Pairing, ...]) -> Iterator[Xml.Element]:
    for pairing in pairings:
        cell = pairing.cell
        name = f"v{cell.version} read by {cell.reader}, framed by {cell.framing}"
        case = Xml.Element("testcase", classname=plain_line(cell.subject), name=plain_line(name))
        if cell.trouble:
            message = plain_line(f"{cell.trouble.event_name}: {cell.trouble.message}")
            detail = Xml.SubElement(case, "failure" if pairing.failed else "system-out")
            if pairing.failed:
                detail.set("message", message)
                detail.set("type", cell.verdict)
            detail.text = f"{message}\nbytes {cell.trouble.body.hex()}"
        yield case


def _case(case: Case, command: str, fail_on: Severity) -> Xml.Element:
    """A case that fails by what reaches `fail_on`; the rest is in its output.

    One `failure` holds everything, for readers of JUnit show one a case.
    """
    element = Xml.Element("testcase", classname=f"schemareg.{command}", name=plain_line(case.name))
    failing = [d for d in case.diagnostics if d.severity.rank <= fail_on.rank]
    passing = [d for d in case.diagnostics if d.severity.rank > fail_on.rank]
    if failing:
        message = "; ".join(_message(d) for d in failing)
        rules = ", ".join(dict.fromkeys(d.rule for d in failing))
        failure = Xml.SubElement(element, "failure", message=message, type=plain_line(rules))
        failure.text = "\n".join(map(_in_full, failing))
    if passing:
        Xml.SubElement(element, "system-out").text = "\n".join(map(_in_full, passing))
    return element


def _message(diagnostic: Diagnostic) -> str:
    about = f"{diagnostic.element}: " if diagnostic.element else ""
    return plain_line(about + diagnostic.message)


def _in_full(diagnostic: Diagnostic) -> str:
    place = f"{diagnostic.location}: " if diagnostic.location.path else ""
    lines = [plain_line(f"{place}{diagnostic.severity} {diagnostic.rule}: ") + _message(diagnostic)]
    lines += [plain_line(f"do: {diagnostic.advice}")] if diagnostic.advice else []
    lines += [diagnostic.detail] if diagnostic.detail else []
    return "\n".join(lines)
