"""`schemareg graph`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from schemareg.cli.inputs import open_project
from schemareg.cli.options import SOURCES, ConfigFile, FailOn, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish, note, write
from schemareg.cli.parameters import Option
from schemareg.findings import Severity
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.services.manifest_file import ReadManifest
    from schemareg.services.platform import Platform
    from schemareg.workspace import Config

ManifestFile = Annotated[
    Path | None,
    Option(
        "--services",
        envvar="SCHEMAREG_SERVICES",
        help="The manifest (default: services.toml beside the configuration, or in schemas/).",
        show_default=False,
    ),
]
Against = Annotated[
    str,
    Option(
        "--against",
        "-a",
        envvar="SCHEMAREG_AGAINST",
        help=f"What is deployed: {SOURCES}.",
    ),
]


def open_platform(
    services: Path | None, config: Path | None, against: str | None = None, *, verbose: bool = False
) -> tuple[ReadManifest, Platform, Config]:
    """The manifest, and the platform that it describes with the schemas of `against`.

    None: those of the snapshot, read when they are first needed, or no registered ones where the
    project has no snapshot.

    Raises:
        SchemaParseError: a schema file of the project is refused.
        UsageError: no manifest, or nothing to compare with.
    """
    from functools import partial

    from schemareg.registry.api.address import is_registry_url
    from schemareg.services.manifest_file import read_manifest
    from schemareg.services.manifest_place import manifest_path
    from schemareg.services.platform import Platform
    from schemareg.state import (
        Origin,
        RegistryState,
        has_snapshot,
        open_state,
        read_snapshot,
        subjects_of_interest,
    )
    from schemareg.user_cache import cache_folder

    project, settings = open_project(None, config, verbose=verbose)
    for failure in project.failures:
        raise failure
    no_cache = os.environ.get("SCHEMAREG_NO_CACHE")
    folder = None if no_cache else cache_folder(os.environ, "services")
    read = read_manifest(manifest_path(services, settings), settings, cache=folder)
    if against is None:
        registered = partial(read_snapshot, settings.snapshot, settings)
        if not has_snapshot(settings):
            note("there is no snapshot: no schema counts as registered")
            registered = partial(RegistryState, {}, Origin("no snapshot"))
        return read, Platform.of(read.manifest, project, settings, registered), settings
    wanted = subjects_of_interest(project, settings) if is_registry_url(against) else None
    state = open_state(against, config=settings, project=project, wanted=wanted)
    return read, Platform.of(read.manifest, project, settings, state), settings


def graph(
    services: ManifestFile = None,
    around: Annotated[
        str | None,
        Option("--around", help="Only this service and its neighbours.", show_default=False),
    ] = None,
    critical: Annotated[
        bool, Option("--critical", help="Only what services cannot work without.")
    ] = False,
    draw: Annotated[
        str | None,
        Option("--draw", help="Print a drawing instead: mermaid, dot or svg.", show_default=False),
    ] = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    fail_on: FailOn = Severity.ERROR,
    verbose: Verbose = False,
) -> None:
    """Show which services depend on which, by events, requests and configuration.

    Cycles come with the fewest edges to relax; the manifest is checked, too.
    """
    from schemareg.cli.graphviz import svg_of_dot
    from schemareg.commands.collector import without_collector
    from schemareg.commands.graph import graph_result
    from schemareg.errors import UsageError
    from schemareg.report.drawing import Drawing
    from schemareg.report.drawing import draw as drawn
    from schemareg.suggestions import did_you_mean

    if draw is not None and draw not in list(Drawing):
        raise UsageError(f"unknown drawing {draw!r}", advice=did_you_mean(draw, list(Drawing)))
    with without_collector():
        read, platform, _ = open_platform(services, config, verbose=verbose)
        result = graph_result(read, platform, around=around, critical=critical)
    if draw is None:
        finish(result, format, fail_on, outputs=outputs)
    write(drawn(result.graph, Drawing(draw), svg_of_dot=svg_of_dot))
    raise click.exceptions.Exit(result.exit_code(fail_on))
