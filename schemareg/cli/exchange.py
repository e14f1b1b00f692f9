"""`schemareg services import` and `schemareg services export`."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from schemareg.cli.graph import ManifestFile, open_platform
from schemareg.cli.inputs import open_config
from schemareg.cli.options import ConfigFile, Verbose
from schemareg.cli.output import note, write
from schemareg.cli.parameters import Argument, Option

if TYPE_CHECKING:
    from schemareg.services.eventcatalog import Page
    from schemareg.services.exchange import Imported
    from schemareg.services.platform import Platform
    from schemareg.workspace import Config


class Foreign(StrEnum):
    """A format of another tool."""

    ASYNCAPI = "asyncapi"
    EVENTCATALOG = "eventcatalog"
    BACKSTAGE = "backstage"


Kind = Annotated[Foreign, Option("--as", help="The format of the files.", show_default=False)]


def import_services(
    paths: Annotated[
        list[Path], Argument(help="AsyncAPI or Backstage files, or an EventCatalog folder.")
    ],
    kind: Kind,
    out: Annotated[
        Path | None,
        Option("--out", help="Write the manifest to this new file.", show_default=False),
    ] = None,
    config: ConfigFile = None,
    verbose: Verbose = False,
) -> None:
    """Print a manifest of the services that other tools' files declare.

    What the files leave open, such as the direction of an API of events, is a question in comments
    and on stderr, and never guessed.
    """
    from schemareg.errors import ContentError
    from schemareg.services.exchange import Imported

    settings = open_config(config, verbose=verbose)
    read = [_read(path, kind, settings) for path in paths]
    services = {s.name: s for imported in read for s in imported.services}
    if len(services) < sum(len(imported.services) for imported in read):
        raise ContentError("two files declare a service of the same name")
    found = Imported(
        tuple(services.values()),
        tuple(chain for imported in read for chain in imported.chains),
        tuple(question for imported in read for question in imported.questions),
    )
    write_manifest(found, settings, out)


def write_manifest(found: Imported, settings: Config, out: Path | None) -> None:
    """Print `found` as a manifest, or write it to the new file `out`; its questions go to stderr.

    Raises:
        UsageError: `out` exists.
    """
    from schemareg.errors import UsageError
    from schemareg.report.escape import terminal
    from schemareg.services.exchange import manifest_text
    from schemareg.workspace.files import exists, write_file

    for question in found.questions:
        note(f"open: {question}")
    text = manifest_text(found)
    if out is None:
        write(terminal(text))
        return
    place = settings.cwd / out
    if exists(place, settings.shown(place)):
        raise UsageError(f"{settings.shown(place)} exists", advice="name a new file")
    write_file(place, text, settings.shown(place))
    note(f"{len(found.services)} services are in {settings.shown(place)}")


def export_services(
    target: Annotated[
        Path,
        Argument(help="A folder for AsyncAPI documents or an EventCatalog, or a file."),
    ],
    kind: Kind,
    services: ManifestFile = None,
    config: ConfigFile = None,
    verbose: Verbose = False,
) -> None:
    """Write what the manifest declares into other tools' files.

    Only what they lack is added; everything else in them stays, comments too.
    """
    from schemareg.workspace.files import bounds_around, replace_files

    _, platform, settings = open_platform(services, config, verbose=verbose)
    place = settings.cwd / target
    files = _files(platform, kind, place, settings)
    changed = {path: text.encode() for path, (text, is_new) in files.items() if is_new}
    folder = place.parent if kind is Foreign.BACKSTAGE else place
    replace_files(changed, settings.shown, within=bounds_around(folder))
    note(f"{len(changed)} of {len(files)} files changed in {settings.shown(place)}")


def _read(path: Path, kind: Foreign, settings: Config) -> Imported:
    from schemareg.services.asyncapi import read_asyncapi
    from schemareg.services.backstage import read_catalog_info
    from schemareg.services.eventcatalog import read_catalogue
    from schemareg.services.exchange import read_yaml

    place = settings.cwd / path
    if kind is Foreign.EVENTCATALOG:
        return read_catalogue(*_catalogue(place, settings))
    shown = settings.shown(place)
    documents = read_yaml(_bytes(place, settings), shown)
    if kind is Foreign.BACKSTAGE:
        return read_catalog_info(documents, shown)
    return read_asyncapi(documents[0] if documents else None, shown)


def _bytes(place: Path, settings: Config) -> bytes:
    from schemareg.limits import LIMITS
    from schemareg.workspace.files import read_start

    return read_start(place, settings.shown(place), LIMITS.foreign_bytes + 1)


def _catalogue(place: Path, settings: Config) -> tuple[list[Page], dict[str, str]]:
    """The pages of a catalogue, and the schema files beside them."""
    from schemareg.services.eventcatalog import read_page
    from schemareg.workspace.files import bounds_around, walk

    pages: list[Page] = []
    schemas: dict[str, str] = {}
    kept = (".mdx", ".md", ".avsc")
    found = walk(
        place, settings.shown, within=bounds_around(place), wanted=lambda n: n.endswith(kept)
    )
    for path in (folder / name for folder, names in found for name in names):
        shown = path.relative_to(place).as_posix()
        if path.suffix == ".avsc":
            schemas[shown] = _bytes(path, settings).decode("utf-8", errors="replace")
        elif page := read_page(_bytes(path, settings), shown):
            pages.append(page)
    return pages, schemas


def _files(
    platform: Platform, kind: Foreign, place: Path, settings: Config
) -> dict[Path, tuple[str, bool]]:
    """Each file with its text, and whether that differs from what the file holds."""
    match kind:
        case Foreign.ASYNCAPI:
            return _asyncapi_files(platform, place, settings)
        case Foreign.EVENTCATALOG:
            return _catalogue_files(platform, place, settings)
        case Foreign.BACKSTAGE:
            return _backstage_file(platform, place, settings)


def _asyncapi_files(
    platform: Platform, folder: Path, settings: Config
) -> dict[Path, tuple[str, bool]]:
    from schemareg.services.asyncapi import write_asyncapi
    from schemareg.services.exchange import read_yaml, yaml_text
    from schemareg.services.projection import whole_json
    from schemareg.workspace.files import exists

    files = {}
    schemas: dict[tuple[str, str], Any] = {
        (e.event, e.topic): whole_json(newest)
        for e in platform.events()
        if (newest := e.newest()) is not None
    }
    for service in platform.manifest.services.values():
        path = folder / f"{service.name}.yaml"
        shown = settings.shown(path)
        raw = _bytes(path, settings) if exists(path, shown) else b""
        held = read_yaml(raw, shown)
        before = json.dumps(held, default=str)
        written = write_asyncapi(service, schemas, held[0] if held else None)
        text = yaml_text([written], raw.decode("utf-8", errors="replace"))
        files[path] = text, json.dumps([written], default=str) != before
    return files


def _catalogue_files(
    platform: Platform, folder: Path, settings: Config
) -> dict[Path, tuple[str, bool]]:
    from schemareg.services.eventcatalog import event_names, page_text, write_service
    from schemareg.workspace.files import is_folder

    pages: list[Page] = []
    schemas: dict[str, str] = {}
    if is_folder(folder, settings.shown(folder)):
        pages, schemas = _catalogue(folder, settings)
    own = {str(p.matter.get("id")): p for p in pages if "services/" in p.path}
    ids = {name: id for id, name in event_names(pages, schemas).items()}
    files = {}
    for service in platform.manifest.services.values():
        page = own.get(service.name)
        before = json.dumps(page.matter, default=str) if page else ""
        written = write_service(service, page, ids)
        is_new = json.dumps(written.matter, default=str) != before
        files[folder / written.path] = page_text(written), is_new
    return files


def _backstage_file(
    platform: Platform, path: Path, settings: Config
) -> dict[Path, tuple[str, bool]]:
    from schemareg.services.backstage import write_catalog_info
    from schemareg.services.exchange import read_yaml, yaml_text
    from schemareg.workspace.files import exists

    shown = settings.shown(path)
    raw = _bytes(path, settings) if exists(path, shown) else b""
    held = read_yaml(raw, shown)
    before = json.dumps(held, default=str)
    written = write_catalog_info(tuple(platform.manifest.services.values()), held)
    text = yaml_text(written, raw.decode("utf-8", errors="replace"))
    return {path: (text, json.dumps(written, default=str) != before)}
