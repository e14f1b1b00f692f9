"""`schemareg can-i-deploy`, `record-version`, `record-deployment` and their kin."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from schemareg.cli.graph import ManifestFile, open_platform
from schemareg.cli.inputs import connect_configured
from schemareg.cli.options import ConfigFile, OutputFormat
from schemareg.cli.output import finish, note
from schemareg.cli.parameters import Argument, Option
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.commands.can_i_deploy import CanIDeployResult
    from schemareg.services.deployment_store import DeploymentStore
    from schemareg.services.deployments import Deployments
    from schemareg.services.platform import Platform
    from schemareg.workspace import Config

_RETRY_S = 5.0
Name = Annotated[str, Argument(metavar="SERVICE@VERSION", help="Such as order@3f2c1ab.")]
Names = Annotated[list[str], Argument(metavar="SERVICE@VERSION...", help="Such as order@3f2c1ab.")]
To = Annotated[str, Option("--to", help="An environment of the manifest.")]
By = Annotated[
    str | None,
    Option("--by", help="Who records it (default: the user's name).", show_default=False),
]
RecordsPlace = Annotated[
    str | None,
    Option(
        "--deployments",
        envvar="SCHEMAREG_DEPLOYMENTS",
        help="The records: a file, SQLite where it ends in .db, or a registry's URL (default:"
        " deployments.json beside the manifest).",
        show_default=False,
    ),
]


def can_i_deploy(
    name: Name,
    to: To,
    ignore: Annotated[
        list[str] | None,
        Option("--ignore", help="A service whose pairs do not count; repeatable."),
    ] = None,
    pact_exit_codes: Annotated[
        bool, Option("--pact-exit-codes", help="Exit 1 for unknown, too.")
    ] = False,
    retry: Annotated[
        int | None,
        Option(
            "--retry-while-unknown",
            help="Read the records again for so many seconds while the answer is unknown.",
            min=1,
            show_default=False,
        ),
    ] = None,
    deployments: RecordsPlace = None,
    services: ManifestFile = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
) -> None:
    """Answer whether a version can be deployed: yes 0, no 1, unknown 3.

    Compatibility is computed from the schema versions that were recorded for each build.
    """
    from schemareg.commands.can_i_deploy import can_i_deploy as answered
    from schemareg.errors import ExitCode
    from schemareg.services.deployments import Verdict

    platform, store = _opened(services, config, deployments, to_read=True)

    def answer() -> CanIDeployResult:
        return answered(platform, store.read(), name, to, ignore=ignore or ())

    result = answer()
    until = time.monotonic() + (retry or 0)
    while result.deployable is Verdict.UNKNOWN and (left := until - time.monotonic()) > 0:
        note(f"unknown; retrying for {left:.0f} s")
        time.sleep(min(_RETRY_S, left))
        result = answer()
    try:
        finish(result, format)
    except click.exceptions.Exit as finished:
        if pact_exit_codes and finished.exit_code == ExitCode.EXTERNAL_FAILURE:
            raise click.exceptions.Exit(ExitCode.NO) from None
        raise


def record_version(
    names: Names,
    by: By = None,
    deployments: RecordsPlace = None,
    services: ManifestFile = None,
    config: ConfigFile = None,
) -> None:
    """Record that a version was built, with the registered versions of its schemas."""
    _record("version", names, "", by, deployments, services, config)


def record_deployment(
    names: Names,
    to: To,
    by: By = None,
    deployments: RecordsPlace = None,
    services: ManifestFile = None,
    config: ConfigFile = None,
) -> None:
    """Record that versions replaced those before them, at the end of a rollout.

    A rollback is recorded in the same way, with the old version.
    """
    _record("deployed", names, to, by, deployments, services, config)


def record_release(
    names: Names,
    to: To,
    by: By = None,
    deployments: RecordsPlace = None,
    services: ManifestFile = None,
    config: ConfigFile = None,
) -> None:
    """Record that versions are in use beside others, until their support ends."""
    _record("released", names, to, by, deployments, services, config)


def record_support_ended(
    names: Names,
    to: To,
    by: By = None,
    deployments: RecordsPlace = None,
    services: ManifestFile = None,
    config: ConfigFile = None,
) -> None:
    """Record that released versions are not supported any more."""
    _record("support-ended", names, to, by, deployments, services, config)


def store_of(
    deployments: str | None,
    manifest: Path,
    settings: Config,
    context: click.Context,
    *,
    to_read: bool = False,
) -> DeploymentStore:
    """The store of records named so, or beside the manifest; open until `context` ends.

    Raises:
        UsageError: `to_read` of a file that was named and is not there; the default may be absent.
    """
    from schemareg.errors import UsageError
    from schemareg.registry.api.address import is_registry_url
    from schemareg.services.deployment_registry import RegistryDeployments
    from schemareg.services.deployment_store import DEPLOYMENTS, store_at
    from schemareg.workspace.files import exists

    if deployments is not None and is_registry_url(deployments):
        client = context.with_resource(connect_configured(deployments, settings))
        return RegistryDeployments(client, client.shown_as)
    beside = (settings.cwd / manifest).parent / DEPLOYMENTS
    path = settings.cwd / deployments if deployments else beside
    shown = settings.shown(path)
    if to_read and deployments and not exists(path, shown):
        raise UsageError(
            f"there are no records of deployments: {shown}",
            advice="correct --deployments (or SCHEMAREG_DEPLOYMENTS), or begin the records:"
            f" schemareg record-version SERVICE@VERSION --deployments {shown}",
        )
    return store_at(path, shown)


def _opened(
    services: Path | None, config: Path | None, deployments: str | None, *, to_read: bool = False
) -> tuple[Platform, DeploymentStore]:
    """The platform, and the store of its records."""
    from schemareg.errors import UsageError

    read, platform, settings = open_platform(services, config, "snapshot")
    for problem in read.problems:
        raise UsageError(problem.message, location=problem.location, advice=problem.advice)
    manifest = Path(read.manifest.sources[0])
    context = click.get_current_context()
    return platform, store_of(deployments, manifest, settings, context, to_read=to_read)


def _record(
    kind: str,
    names: list[str],
    environment: str,
    by: str | None,
    deployments: str | None,
    services: Path | None,
    config: Path | None,
) -> None:
    """Adds a record for each of `names`, all of them or none."""
    from datetime import UTC, datetime

    from schemareg.commands.can_i_deploy import check_names, split_name
    from schemareg.services.deployments import Record, RecordKind, built_version

    platform, store = _opened(services, config, deployments)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    who = by or os.environ.get("USER") or os.environ.get("USERNAME") or ""
    wanted: RecordKind = RecordKind(kind)

    def change(held: Deployments) -> Deployments:
        result = held
        for name in names:
            service, version = split_name(name)
            if wanted is RecordKind.VERSION:
                result = result.added(built_version(platform, service, version, at=at, by=who))
            else:
                check_names(platform, environment, service)
                result = result.added(Record(wanted, service, version, environment, who, at))
        return result

    added = store.add(change)
    note(f"{added} recorded in {store.shown}" if added else f"{store.shown} has that already")
