"""Prove what consumers declare to need, and count how much of the events that covers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from schemareg.avro import Schema
from schemareg.avro.binary import decode
from schemareg.errors import DecodeError, ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.golden import committed_events
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.results import Case, Counts, Result
from schemareg.services.contracts import (
    Breach,
    Contract,
    ContractKind,
    Usage,
    Verified,
    contracts_of,
    usage_by,
    usage_of,
    verify,
    writers_of,
)
from schemareg.services.platform import Platform


@dataclass(frozen=True, slots=True)
class ContractRow:
    """`consumer` uses `fields` of an event; what that was proven against, and what fails."""

    consumer: str
    event: str
    topic: str
    kind: ContractKind
    fields: tuple[str, ...]
    proven: tuple[str, ...]
    breaches: tuple[Breach, ...]


@dataclass(frozen=True, slots=True)
class ServiceContracts:
    """How many of the events that a service consumes it has a contract for.

    The fields of those events, and the branches of their unions, that its contracts use.
    """

    service: str
    consumes: int
    contracts: int
    fields: int
    fields_used: int
    branches: int
    branches_used: int


@dataclass(frozen=True, slots=True)
class ContractsResult(Result):
    """Every contract with what it was proven against, and how much they cover.

    `coverage` is the share of consumers that have a contract, in percent; `field_coverage` the
    share of the published fields that a contract uses, `branch_coverage` that of the branches of
    unions.
    """

    command: ClassVar[str] = "contracts"

    rows: tuple[ContractRow, ...]
    services: tuple[ServiceContracts, ...]
    events: tuple[Usage, ...]
    coverage: float
    field_coverage: float
    branch_coverage: float
    findings: tuple[Diagnostic, ...]

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.findings)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a finding weighs `fail_on` or more."""
        heavy = any(finding.severity.rank <= fail_on.rank for finding in self.findings)
        return ExitCode.NO if heavy else ExitCode.YES

    def counts(self) -> Counts:
        consumers = sum(usage.consumers for usage in self.events)
        proven = sum(usage.contracts for usage in self.events)
        return Counts("consumer", consumers, proven, consumers - proven)

    def cases(self) -> Iterator[Case]:
        for row in self.rows:
            name = f"{row.consumer} reads {row.event}"
            yield Case(name, tuple(f for f in self.findings if f.element == name))


def contracts_result(
    platform: Platform,
    problems: Sequence[Diagnostic] = (),
    *,
    further: Sequence[Contract] = (),
    golden: Path | None = None,
    least: float | None = None,
) -> ContractsResult:
    """Every contract of the manifest and `further` ones, proven.

    `golden` is the folder of golden events, which are read, too; `least` is the coverage in
    percent below which the result is a finding.

    Raises:
        UsageError, SchemaParseError: a reader schema cannot be read, or is refused.
        ContentError: a file of golden events is none.
    """
    contracts = [*contracts_of(platform), *further]
    events = committed_events(golden) if golden is not None else {}
    verified = tuple(_with_golden(platform, verify(platform, c), events) for c in contracts)
    usage = usage_of(platform, contracts)
    coverage = _percent(sum(u.contracts for u in usage), sum(u.consumers for u in usage))
    found = [_finding(each, breach) for each in verified for breach in each.breaches]
    if least is not None and coverage < least:
        found.append(_below(coverage, least))
    return ContractsResult(
        tuple(map(_row, verified)),
        tuple(_services(platform, contracts)),
        usage,
        coverage,
        _percent(sum(u.used for u in usage), sum(u.fields for u in usage)),
        _percent(sum(u.branches_used for u in usage), sum(u.branches for u in usage)),
        (*problems, *found),
    )


def _row(verified: Verified) -> ContractRow:
    contract = verified.contract
    return ContractRow(
        contract.consumer,
        contract.event,
        contract.topic,
        contract.kind,
        contract.fields,
        verified.proven,
        verified.breaches,
    )


def _services(platform: Platform, contracts: Sequence[Contract]) -> Iterator[ServiceContracts]:
    for name, service in platform.manifest.services.items():
        read = {(c.event, c.topic) for c in service.consumes}
        own = {(c.event, c.topic) for c in contracts if c.consumer == name}
        if read | own:
            used = usage_by(platform, name, contracts)
            yield ServiceContracts(
                name,
                len(read | own),
                len(own),
                sum(u.fields for u in used),
                sum(u.used for u in used),
                sum(u.branches for u in used),
                sum(u.branches_used for u in used),
            )


def _with_golden(
    platform: Platform, verified: Verified, events: Mapping[tuple[str, str], Sequence[bytes]]
) -> Verified:
    """`verified`, with the golden events of each version read by the contract's schema."""
    contract = verified.contract
    writers = dict(writers_of(platform, platform.event(contract.event, contract.topic)))
    proven, breaches = list(verified.proven), list(verified.breaches)
    broken = {breach.where for breach in breaches}
    for where, writer in writers.items():
        name = "current" if where == "proposed" else where
        datas = events.get((contract.event, name), ())
        failure = _unreadable(datas, writer, contract.schema)
        if datas:
            proven.append(f"{name}.json")
        if failure and where not in broken:
            breaches.append(Breach(f"{name}.json", "", failure))
    return replace(verified, proven=tuple(proven), breaches=tuple(breaches))


def _unreadable(datas: Sequence[bytes], writer: Schema, reader: Schema) -> str:
    for number, data in enumerate(datas, start=1):
        try:
            decode(data, writer=writer, reader=reader)
        except DecodeError as error:
            return f"golden event {number} cannot be read: {error.message}"
    return ""


def _finding(verified: Verified, breach: Breach) -> Diagnostic:
    contract = verified.contract
    path = f"{breach.path}: " if breach.path else ""
    return Diagnostic(
        "contract-broken",
        Severity.ERROR,
        f"{contract.consumer} cannot rely on {contract.event} ({breach.where}):"
        f" {path}{breach.message}",
        contract.location,
        f"{contract.consumer} reads {contract.event}",
        "change the schema so that the consumer can read it, or agree a new contract with"
        f" {contract.consumer}",
    )


def _below(coverage: float, least: float) -> Diagnostic:
    return Diagnostic(
        "contract-coverage",
        Severity.ERROR,
        f"{coverage:g} % of the consumers have a contract, fewer than {least:g} %",
        Location(None),
        advice="declare the fields or the reader schema of the consumers that have none",
    )


def _percent(part: int, whole: int) -> float:
    """The share rounded down to a tenth, so that 100 means all; 100 of nothing."""
    return int(1000 * part / whole) / 10 if whole else 100.0


def trend_line(result: ContractsResult, *, at: str, commit: str) -> str:
    """A JSON line for a file that shows how coverage changes."""
    return json.dumps(
        {
            "at": at,
            "commit": commit,
            "coverage": result.coverage,
            "field_coverage": result.field_coverage,
            "branch_coverage": result.branch_coverage,
            "contracts": len(result.rows),
            "broken": sum(bool(row.breaches) for row in result.rows),
        }
    )
