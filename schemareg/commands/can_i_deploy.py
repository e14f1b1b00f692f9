"""Whether a version of a service may be deployed to an environment, pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from schemareg.errors import ExitCode, UsageError
from schemareg.findings import Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.results import Counts, Result
from schemareg.services.deployments import Deployments, Row, Verdict, rows_of
from schemareg.services.platform import Platform
from schemareg.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class CanIDeployResult(Result):
    """The answer for `service` at `version` in `environment`, with every pair that it rests on.

    `ignored` are the rows that do not count, as was requested.
    """

    command: ClassVar[str] = "can-i-deploy"

    service: str
    version: str
    environment: str
    deployable: Verdict
    rows: tuple[Row, ...]
    ignored: tuple[Row, ...] = ()

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """YES, NO, or EXTERNAL_FAILURE where something is not known."""
        match self.deployable:
            case Verdict.YES:
                return ExitCode.YES
            case Verdict.NO:
                return ExitCode.NO
            case Verdict.UNKNOWN:
                return ExitCode.EXTERNAL_FAILURE

    def counts(self) -> Counts:
        return Counts("pair", len(self.rows) + len(self.ignored), len(self.rows), len(self.ignored))


def can_i_deploy(
    platform: Platform,
    deployments: Deployments,
    name: str,
    environment: str,
    *,
    ignore: Sequence[str] = (),
) -> CanIDeployResult:
    """The answer for `name` (SERVICE@VERSION). A row that fails is never hidden by an unknown one.

    Raises:
        UsageError: no such service or environment.
    """
    service, version = split_name(name)
    check_names(platform, environment, service, *ignore)
    rows = tuple(rows_of(platform, deployments, service, version, environment))
    others = {row: {row.consumer.partition("@")[0], row.producer.partition("@")[0]} for row in rows}
    ignored = tuple(row for row in rows if others[row] - {service} & set(ignore))
    counted = tuple(row for row in rows if row not in ignored)
    verdicts = {row.verdict for row in counted}
    worst = next((v for v in (Verdict.NO, Verdict.UNKNOWN) if v in verdicts), Verdict.YES)
    return CanIDeployResult(service, version, environment, worst, counted, ignored)


def split_name(name: str) -> tuple[str, str]:
    """Service and version of SERVICE@VERSION.

    Raises:
        UsageError: one of them is missing.
    """
    service, _, version = name.partition("@")
    if not service or not version:
        raise UsageError(f"{name!r} is not SERVICE@VERSION", advice="such as order@3f2c1ab")
    return service, version


def check_names(platform: Platform, environment: str, *services: str) -> None:
    """The manifest has the environment and the services.

    Raises:
        UsageError: it has not.
    """
    known = platform.manifest.services
    unknown = next((name for name in services if name not in known), None)
    if unknown is not None:
        raise UsageError(f"there is no service {unknown!r}", advice=did_you_mean(unknown, known))
    environments = platform.manifest.environments
    if environment not in environments:
        raise UsageError(
            f"there is no environment {environment!r}",
            advice=did_you_mean(environment, environments),
        )
