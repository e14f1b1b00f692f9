"""Which services a change affects, in the waves of its deployment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.results import Counts, Result
from schemareg.services.changes import changes_of, history_findings
from schemareg.services.findings import manifest_findings
from schemareg.services.impact import ImpactReport, impact_of
from schemareg.services.manifest import Manifest
from schemareg.services.manifest_file import ReadManifest
from schemareg.services.order import order_of
from schemareg.services.platform import Platform


@dataclass(frozen=True, slots=True)
class ImpactResult(Result):
    """What a change reaches, and the affected services in waves.

    A service that the order of deployments does not place is in the first wave. `explain`: text
    shows every chain.
    """

    command: ClassVar[str] = "impact"

    base: str
    impact: ImpactReport
    waves: tuple[tuple[str, ...], ...]
    findings: tuple[Diagnostic, ...]
    explain: bool = False
    unordered: tuple[str, ...] = ()
    """Events that no order of whole services deploys; `waves` are not to be deployed then."""

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.findings)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a finding about the manifest weighs `fail_on` or more."""
        heavy = any(finding.severity.rank <= fail_on.rank for finding in self.findings)
        return ExitCode.NO if heavy else ExitCode.YES

    def counts(self) -> Counts:
        return Counts("file", self.impact.files, self.impact.files - len(self.impact.unowned),
                      len(self.impact.unowned))  # fmt: skip

    def compared_with(self) -> str:
        return self.base


def impact_result(
    read: ReadManifest,
    platform: Platform,
    files: Sequence[str],
    *,
    before: Manifest | None = None,
    transitive: bool = True,
    explain: bool = False,
) -> ImpactResult:
    """What `files` and the changed schemas of `platform` reach; `before` is the base's manifest."""
    report = impact_of(platform, files, before=before, transitive=transitive)
    order = order_of(tuple(changes_of(platform)))
    last = {r.service: n for n, wave in enumerate(order.waves) for r in wave.releases}
    placed: dict[int, list[str]] = {}
    for affected in report.affected:
        placed.setdefault(last.get(affected.service, 0), []).append(affected.service)
    waves = tuple(tuple(placed[number]) for number in sorted(placed))
    findings = (*read.problems, *manifest_findings(platform), *history_findings(platform))
    unordered = dict.fromkeys(change.event for change, _ in order.blocked)
    unordered |= {
        event.partition("@")[0]: None
        for wave in order.waves
        for release in wave.releases
        for event in release.events
        if release.part is not None
    }
    base = platform.schemas.state.origin.description
    return ImpactResult(base, report, waves, findings, explain, tuple(unordered))
