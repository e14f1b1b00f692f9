"""Results as JUnit XML, which every CI shows: a case a pair of versions, or a finding.

Source: the schema that Apache Ant's junitreport and Jenkins' xunit plugin read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from schemareg.findings import Finding, Severity
from schemareg.report.printable import printable
from schemareg.report.result import Result
from schemareg.report.runs import round_trip_in

if TYPE_CHECKING:
    from schemareg.commands.roundtrip import Pairing


def as_junit(result: Result, fail_on: Severity = Severity.ERROR) -> str:
    """One `testsuite` named after the command; never empty, for some CIs refuse that."""
    suite = Xml.Element("testsuite", name=f"schemareg {result.command}")
    round_trip = round_trip_in(result)
    suite.extend(_cases(round_trip.pairings if round_trip else ()))
    pairs = set(round_trip.annotations()) if round_trip else set()  # these are cases already
    suite.extend(_findings((f for f in result.annotations() if f not in pairs), fail_on))
    if not len(suite):
        Xml.SubElement(suite, "testcase", classname="schemareg", name=result.command)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    Xml.indent(suite)
    return Xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _cases(pairings: tuple[Pairing, ...]) -> Iterator[Xml.Element]:
    for pairing in pairings:
        cell = pairing.cell
        name = f"v{cell.version} read by {cell.reader}, framed by {cell.framing}"
        case = Xml.Element("testcase", classname=cell.subject, name=name)
        if cell.trouble:
            told = f"{cell.trouble.event_name}: {printable(cell.trouble.message)}"
            detail = Xml.SubElement(case, "failure" if pairing.failed else "system-out")
            if pairing.failed:
                detail.set("message", told)
                detail.set("type", cell.verdict)
            detail.text = f"{told}\nbytes {cell.trouble.body.hex()}"
        yield case


def _findings(findings: Iterable[Finding], fail_on: Severity) -> Iterator[Xml.Element]:
    """A case a finding; one that does not reach `fail_on` is told, and passes."""
    for finding in findings:
        place = printable(str(finding.location)) if finding.location.path else finding.rule
        case = Xml.Element("testcase", classname=finding.rule, name=place)
        about = f"{finding.element}: " if finding.element else ""
        told = printable(about + finding.message)
        if finding.severity.rank <= fail_on.rank:
            failure = Xml.SubElement(case, "failure", message=told, type=finding.severity)
            failure.text = printable(finding.advice or told)
        else:
            advice = f"\n{printable(finding.advice)}" if finding.advice else ""
            Xml.SubElement(case, "system-out").text = f"{finding.severity}: {told}{advice}"
        yield case
