"""`schemareg drift`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from schemareg.cli.inputs import open_project, open_registry, registry_named
from schemareg.cli.options import (
    ConfigFile,
    EnvironmentName,
    FailOn,
    OutputFormat,
    Outputs,
    RegistryAt,
    Verbose,
)
from schemareg.cli.output import finish
from schemareg.cli.parameters import Option
from schemareg.findings import Severity
from schemareg.report import Format


def drift(
    registry: RegistryAt = None,
    all: Annotated[
        bool, Option("--all", help="Report subjects that no file defines, too.")
    ] = False,
    metrics: Annotated[
        Path | None,
        Option(
            "--metrics",
            help="Write the counts to this file, for Prometheus's node exporter.",
            show_default=False,
        ),
    ] = None,
    environment: EnvironmentName = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    fail_on: FailOn = Severity.ERROR,
    verbose: Verbose = False,
) -> None:
    """Report where a registry differs from the files, for a schedule.

    Levels, schemas and versions that were changed elsewhere; nothing is changed.
    """
    from schemareg.commands.drift import drift_of_project
    from schemareg.commands.managed import read_managed
    from schemareg.errors import UsageError
    from schemareg.report.metrics import drift_metrics
    from schemareg.state import has_snapshot, read_snapshot, subjects_of_interest
    from schemareg.workspace.files import write_file

    project, settings = open_project(None, config, environment=environment, verbose=verbose)
    if not registry_named(registry, settings):
        raise UsageError(
            "drift needs a registry to compare with", advice="add --registry URL, or set registry"
        )
    for failure in project.failures:
        raise failure
    snapshot = read_snapshot(settings.snapshot, settings) if has_snapshot(settings) else None
    with open_registry(registry, settings, project) as (client, name):
        managed = read_managed(project, settings, client, name)
        state = managed.state
        others = set(client.get_subjects()) - set(subjects_of_interest(project, settings))
    others = {s for s in others if settings.is_managed(s)} if all or settings.managed else set()
    result = drift_of_project(
        project,
        state,
        snapshot,
        registry=name,
        options=managed.options,
        unmanaged=others - state.subjects.keys(),
    )
    if metrics is not None:
        write_file(
            settings.cwd / metrics, drift_metrics(result, at=time.time()), metrics.as_posix()
        )
    finish(result, format, fail_on, outputs=outputs)
