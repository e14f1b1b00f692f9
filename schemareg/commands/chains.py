"""Compare what traces show with the manifest: edges, and runs of event chains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.results import Case, Counts, Result
from schemareg.services.findings import manifest_findings, reader_findings
from schemareg.services.flows import (
    Flow,
    FlowFault,
    SeenEdge,
    UnseenEdge,
    edges_of,
    flows_of,
    joined,
)
from schemareg.services.platform import Platform
from schemareg.services.traces import Traces

_WORDS = {
    FlowFault.MISSING: "is missing, although another step was undone",
    FlowFault.DOUBLED: "happened more often than what it undoes",
    FlowFault.MISORDERED: "happened before a later step was undone",
    FlowFault.WITHOUT_STEP: "undoes a step that did not happen",
    FlowFault.LATE: "was not followed by an end before the deadline",
}
_CHAIN_RULES = ("not-produced", "compensation-not-consumed")


@dataclass(frozen=True, slots=True)
class ChainsResult(Result):
    """What the traces show: `seen` edges, declared ones that are `unseen`, and `flows`.

    `messages` were in the traces; of `unjoined` no sender was. Nothing is known about what was
    not sampled: an unseen edge is no proof that nobody uses it.
    """

    command: ClassVar[str] = "chains"

    messages: int
    unjoined: int
    seen: tuple[SeenEdge, ...]
    unseen: tuple[UnseenEdge, ...]
    flows: tuple[Flow, ...]
    findings: tuple[Diagnostic, ...]

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.findings)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a finding weighs `fail_on` or more, or there was nothing to compare."""
        heavy = any(finding.severity.rank <= fail_on.rank for finding in self.findings)
        return ExitCode.NO if heavy else ExitCode.YES

    def counts(self) -> Counts:
        return Counts("message", self.messages, self.messages - self.unjoined, self.unjoined)

    def cases(self) -> Iterator[Case]:
        for flow in self.flows:
            own = (f for f in self.findings if f.element == flow.correlation)
            yield Case(flow.correlation, tuple(own))


def chains_result(platform: Platform, traces: Traces, *, strict: bool = False) -> ChainsResult:
    """`traces` compared with the manifest; with `strict` an undeclared edge is an error."""
    seen, unseen = edges_of(traces, platform.manifest)
    flows = tuple(flows_of(traces, platform.manifest))
    findings = [f for f in manifest_findings(platform) if f.rule in _CHAIN_RULES]
    undone = {step.undo for chain in platform.manifest.chains for step in chain.steps}
    for service in platform.manifest.services.values():
        for consumes in service.consumes:
            if consumes.event in undone:
                findings += reader_findings(platform, consumes)
    findings += (_undeclared(edge, strict=strict) for edge in seen if not edge.is_declared)
    findings += (_fault(flow, *fault) for flow in flows for fault in flow.faults)
    if not traces.spans:
        message = f"the traces hold no messages; {traces.others} spans are about something else"
        findings.append(Diagnostic("no-messages", Severity.ERROR, message, Location(None)))
    return ChainsResult(
        len(traces.spans), len(joined(traces)[1]), seen, unseen, flows, tuple(findings)
    )


def _undeclared(edge: SeenEdge, *, strict: bool) -> Diagnostic:
    return Diagnostic(
        "edge-not-declared",
        Severity.ERROR if strict else Severity.WARNING,
        f"{edge.target} received from {edge.topic} what {edge.source} sent ({edge.count} times),"
        " which the manifest does not declare",
        Location(None),
        f"{edge.source} → {edge.target}",
        "declare it in the manifest of the services",
    )


def _fault(flow: Flow, fault: FlowFault, event: str) -> Diagnostic:
    # a service that cancels first and releases then is common, and may be right
    severity = Severity.WARNING if fault is FlowFault.MISORDERED else Severity.ERROR
    return Diagnostic(
        fault.value,
        severity,
        f"{flow.chain} {flow.correlation}: {event} {_WORDS[fault]}",
        Location(None),
        flow.correlation,
        f"draw it: schemareg chains … --draw {flow.correlation}",
    )
