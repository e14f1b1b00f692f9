"""`schemareg catalog build` and `schemareg catalog serve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from schemareg.cli.deployments import RecordsPlace, store_of
from schemareg.cli.graph import ManifestFile
from schemareg.cli.inputs import note_without_subject, open_project
from schemareg.cli.options import SOURCES, ConfigFile, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish, note
from schemareg.cli.parameters import Option
from schemareg.report import Format

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemareg.commands.catalog_cache import CatalogCache
    from schemareg.site.catalog.model import Catalog
    from schemareg.workspace import Config

_POLL_S = 0.5
Against = Annotated[
    str | None,
    Option(
        "--against",
        "-a",
        envvar="SCHEMAREG_AGAINST",
        help=f"What is registered: {SOURCES}.",
        show_default="the snapshot, where there is one",
    ),
]
Title = Annotated[str, Option("--title", help="The heading of the first page.")]


def build(
    out: Annotated[
        Path, Option("--out", help="The folder to build into: new, empty, or a catalog.")
    ] = Path("site"),
    against: Against = None,
    title: Title = "Event catalog",
    base_url: Annotated[
        str,
        Option(
            "--base-url", help="Where the pages will be, for feed and site map.", show_default=False
        ),
    ] = "",
    commits: Annotated[
        int,
        Option("--commits", help="Commits that the trends are counted at; 0: no trends.", min=0),
    ] = 24,
    no_cache: Annotated[
        bool,
        Option(
            "--no-cache",
            help="Render every page again, and keep nothing for the next time.",
            envvar="SCHEMAREG_NO_CACHE",
        ),
    ] = False,
    services: ManifestFile = None,
    deployments: RecordsPlace = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Build pages about subjects, types, topics and services, which open without a server."""
    from schemareg.commands.catalog import build_catalog
    from schemareg.commands.collector import without_collector
    from schemareg.report.badge import catalog_badges

    given = (against, title, base_url, services, deployments, config)
    with without_collector():
        catalog, settings = _open(*given, commits=commits, verbose=verbose)
        folder = settings.cwd / out
        result = build_catalog(
            catalog,
            folder,
            settings.shown(folder),
            processes=os.cpu_count() or 1,
            more=catalog_badges(catalog),
            cache=None if no_cache else _cache(catalog, settings, "build"),
        )
    finish(result, format, verbose=verbose, outputs=outputs)


def serve(
    port: Annotated[int, Option("--port", "-p", help="Port; 0 takes a free one.")] = 8090,
    against: Against = None,
    title: Title = "Event catalog",
    services: ManifestFile = None,
    deployments: RecordsPlace = None,
    config: ConfigFile = None,
    verbose: Verbose = False,
) -> None:
    """Show the catalog on this machine; open pages load again when a file changes."""
    import time
    from tempfile import TemporaryDirectory

    from schemareg.commands.catalog import build_catalog
    from schemareg.errors import SchemaregError
    from schemareg.site.catalog.preview import Preview

    given = (against, title, "", services, deployments, config)
    with TemporaryDirectory(prefix="schemareg-") as name, Preview(Path(name), port) as preview:
        seen = _times(config, services, deployments)
        catalog, settings = _open(*given, verbose=verbose)
        cache = _cache(catalog, settings, "serve")
        build_catalog(catalog, Path(name), "the pages", reload=True, cache=cache)
        note(f"serving at {preview.url}, stop with Ctrl+C")
        while True:
            time.sleep(_POLL_S)
            try:
                now = _times(config, services, deployments)
                if now == seen:
                    continue
                seen = now
                catalog, settings = _open(*given, verbose=verbose)
                cache = _cache(catalog, settings, "serve")
                result = build_catalog(catalog, Path(name), "the pages", reload=True, cache=cache)
            except SchemaregError as error:
                note(f"not built: {error}")
                continue
            preview.built()
            note(f"built: {result.written} of {result.files} files differ")


def _cache(catalog: Catalog, settings: Config, use: str) -> CatalogCache:
    """The cache of the project for `use`: the pages of a server are others."""
    from schemareg.commands.catalog_cache import CatalogCache
    from schemareg.site.catalog.inputs import Inputs, code_digest
    from schemareg.user_cache import cache_folder

    home = f"{use} {(settings.source or settings.cwd).as_posix()}"
    inputs = Inputs(catalog, code_digest(), reload=use == "serve")
    return CatalogCache(cache_folder(os.environ, "catalog"), home, inputs)


def _times(
    config: Path | None, services: Path | None, deployments: str | None
) -> Mapping[str, tuple[int, int]]:
    from schemareg.cli.inputs import open_config
    from schemareg.commands.catalog import watched
    from schemareg.registry.api.address import is_registry_url
    from schemareg.services.deployment_store import DEPLOYMENTS
    from schemareg.services.manifest_place import find_manifest, manifest_path

    settings = open_config(config)
    manifest = manifest_path(services, settings) if services else find_manifest(settings)
    also = [manifest] if manifest else []
    if manifest is not None and not (deployments and is_registry_url(deployments)):
        beside = (settings.cwd / manifest).parent / DEPLOYMENTS
        also.append(settings.cwd / deployments if deployments else beside)
    return watched(settings, also)


def _open(
    against: str | None,
    title: str,
    base_url: str,
    services: Path | None,
    deployments: str | None,
    config: Path | None,
    *,
    commits: int = 0,
    verbose: bool,
) -> tuple[Catalog, Config]:
    from schemareg.commands.catalog import catalog_of, trends_of
    from schemareg.registry.api.state import Origin, RegistryState
    from schemareg.services.manifest_file import read_manifest
    from schemareg.services.manifest_place import find_manifest, manifest_path
    from schemareg.services.platform import Platform
    from schemareg.state import open_state, subjects_of_interest
    from schemareg.state.git import registered_at
    from schemareg.workspace.files import is_folder

    project, settings = open_project(None, config, verbose=verbose)
    note_without_subject(project)
    wanted = subjects_of_interest(project, settings)
    if against is None and not is_folder(settings.snapshot, settings.shown(settings.snapshot)):
        state = RegistryState({}, Origin("nothing registered"))
    else:
        base = against or "snapshot"
        state = open_state(base, config=settings, project=project, wanted=wanted)
    path = manifest_path(services, settings) if services else find_manifest(settings)
    platform = records = None
    if path is not None:
        with click.Context(click.Command("records")) as context:
            records = store_of(deployments, path, settings, context, to_read=True).read()
        platform = Platform.of(read_manifest(path, settings).manifest, project, settings, state)
    catalog = catalog_of(
        project,
        settings,
        state,
        platform=platform,
        dates=registered_at(settings) if against in (None, "snapshot") else {},
        title=title,
        base_url=base_url,
        trends=trends_of(settings, commits),
        deployments=records,
    )
    return catalog, settings
