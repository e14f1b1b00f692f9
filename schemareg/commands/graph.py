"""Draw who depends on whom, with the findings about the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from schemareg.errors import ExitCode, UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.results import Counts, Result
from schemareg.services.findings import manifest_findings
from schemareg.services.graph import Cycle, ServiceGraph, graph_of, waves_and_cycles
from schemareg.services.manifest_file import ReadManifest
from schemareg.services.platform import Platform
from schemareg.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class GraphResult(Result):
    """The graph of services with its cycles and waves, and what is wrong with the manifest."""

    command: ClassVar[str] = "graph"

    sources: tuple[str, ...]
    graph: ServiceGraph
    waves: tuple[tuple[str, ...], ...]
    cycles: tuple[Cycle, ...]
    findings: tuple[Diagnostic, ...]

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.findings)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a finding weighs `fail_on` or more."""
        heavy = any(finding.severity.rank <= fail_on.rank for finding in self.findings)
        return ExitCode.NO if heavy else ExitCode.YES

    def counts(self) -> Counts:
        shown = len(self.graph.services)
        return Counts("service", shown, shown)


def graph_result(
    read: ReadManifest, platform: Platform, *, around: str | None = None, critical: bool = False
) -> GraphResult:
    """The graph of `read`, or of its part around one service, or of its critical edges.

    Raises:
        UsageError: there is no service `around`.
    """
    graph = graph_of(read.manifest)
    if around is not None:
        if around not in graph.services:
            raise UsageError(
                f"there is no service {around!r}", advice=did_you_mean(around, graph.services)
            )
        graph = graph.around(around)
    if critical:
        graph = graph.critical()
    findings = (*read.problems, *manifest_findings(platform))
    return GraphResult(read.manifest.sources, graph, *waves_and_cycles(graph), findings)
