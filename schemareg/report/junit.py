"""Outcomes as JUnit XML, which every CI shows: a case a pair of versions, or a finding.

Source: the schema that Apache Ant's junitreport and Jenkins' xunit plugin read.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as Xml

from schemareg.jobs.roundtrip import Pairing, RoundTripOutcome
from schemareg.jobs.verify import VerifyOutcome
from schemareg.report.outcome import Outcome


def as_junit(outcome: Outcome) -> str:
    """One `testsuite` named after the command."""
    suite = Xml.Element("testsuite", name=f"schemareg {outcome.command}")
    pairings: tuple[Pairing, ...] = ()
    if isinstance(outcome, RoundTripOutcome):
        pairings = outcome.pairings
    elif isinstance(outcome, VerifyOutcome) and outcome.roundtrip:
        pairings = outcome.roundtrip.pairings
    suite.extend(_cases(pairings))
    if not isinstance(outcome, RoundTripOutcome):
        suite.extend(_findings(outcome))
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
            told = f"{cell.trouble.event_name}: {_printable(cell.trouble.message)}"
            detail = Xml.SubElement(case, "failure" if pairing.failed else "system-out")
            if pairing.failed:
                detail.set("message", told)
                detail.set("type", cell.outcome)
            detail.text = f"{told}\nbytes {cell.trouble.body.hex()}"
        yield case


def _findings(outcome: Outcome) -> Iterator[Xml.Element]:
    for finding in outcome.annotations():
        case = Xml.Element("testcase", classname=finding.rule, name=str(finding.location))
        about = f"{finding.element}: " if finding.element else ""
        told = _printable(about + finding.message)
        failure = Xml.SubElement(case, "failure", message=told, type=finding.severity)
        failure.text = _printable(finding.advice or told)
        yield case


def _printable(text: str) -> str:
    """`text` with what XML 1.0 cannot hold written as escapes."""
    return "".join(c if c >= " " or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)
