"""`schemareg catalog build`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from schemareg.cli.graph import ManifestFile
from schemareg.cli.inputs import open_project
from schemareg.cli.options import ConfigFile, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish
from schemareg.cli.parameters import Option
from schemareg.report import Format


def build(
    out: Annotated[
        Path, Option("--out", help="The folder to build into: new, empty, or a catalog.")
    ] = Path("site"),
    against: Annotated[
        str | None,
        Option(
            "--against",
            "-a",
            envvar="SCHEMAREG_AGAINST",
            help="What is registered: snapshot, git:REF, a directory, a bundle, or a URL.",
            show_default="the snapshot, where there is one",
        ),
    ] = None,
    title: Annotated[str, Option("--title", help="The heading of the first page.")] = (
        "Event catalog"
    ),
    base_url: Annotated[
        str,
        Option(
            "--base-url", help="Where the pages will be, for feed and site map.", show_default=False
        ),
    ] = "",
    services: ManifestFile = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Build pages about subjects, types, topics and services, which open without a server."""
    from schemareg.commands.catalog import build_catalog, catalog_of
    from schemareg.registry.api.state import Origin, RegistryState
    from schemareg.services.manifest_file import find_manifest, manifest_path, read_manifest
    from schemareg.services.platform import Platform
    from schemareg.state import open_state, subjects_of_interest
    from schemareg.state.git import registered_at
    from schemareg.workspace.files import is_folder

    project, settings = open_project(None, config, verbose=verbose)
    wanted = subjects_of_interest(project, settings)
    if against is None and not is_folder(settings.snapshot, settings.shown(settings.snapshot)):
        state = RegistryState({}, Origin("nothing registered"))
    else:
        base = against or "snapshot"
        state = open_state(base, config=settings, project=project, wanted=wanted)
    path = manifest_path(services, settings) if services else find_manifest(settings)
    platform = None
    if path is not None:
        platform = Platform.of(read_manifest(path, settings).manifest, project, settings, state)
    catalog = catalog_of(
        project,
        settings,
        state,
        platform=platform,
        dates=registered_at(settings) if against in (None, "snapshot") else {},
        title=title,
        base_url=base_url,
    )
    result = build_catalog(catalog, settings.cwd / out, settings.shown(settings.cwd / out))
    finish(result, format, verbose=verbose, outputs=outputs)
