"""`schemareg roundtrip`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from schemareg.cli.inputs import (
    broker_at,
    note_without_subject,
    open_project,
    open_registry,
    run_name,
)
from schemareg.cli.options import (
    BrokerAt,
    ConfigFile,
    Events,
    OutputFormat,
    Outputs,
    Paths,
    RegistryAt,
    Seed,
    Verbose,
)
from schemareg.cli.output import finish, progress_bar
from schemareg.cli.parameters import Option
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.workspace import Config, Project
    from schemareg.workspace.consumers import ConsumerReader


def roundtrip(
    paths: Paths = None,
    registry: RegistryAt = None,
    broker: BrokerAt = None,
    events: Events = 10,
    seed: Seed = 0,
    matrix: Annotated[
        bool,
        Option("--matrix", help="Both framings, and every consumer's own reader schema, too."),
    ] = False,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Send events of every version through Kafka.

    Every live version writes, every live version reads; each event is compared with what its
    reader gets according to the specification.
    """
    from schemareg.commands.replay import register_unjudged
    from schemareg.commands.roundtrip import Extent, round_trip_project
    from schemareg.state.registry import read_registry
    from schemareg.wire import Framing
    from schemareg.workspace.consumers import consumer_readers

    project, settings = open_project(paths, config, verbose=verbose)
    extent = Extent(events=events, seed=seed)
    if matrix:
        consumers = (
            *consumer_readers(settings, project.files, project.subjects),
            *_manifest_readers(project, settings),
        )
        extent = replace(extent, framings=tuple(Framing), consumers=consumers)
    note_without_subject(project)
    with (
        open_registry(registry, settings, project) as (client, name),
        broker_at(broker, settings) as kafka,
        progress_bar() as progress,
    ):
        if name == "embedded":
            register_unjudged(project, client, name=name)
        result = round_trip_project(
            project,
            read_registry(client, name, [subject.subject for subject in project.subjects]),
            kafka,
            run=run_name(),
            registry_name=name,
            extent=extent,
            progress=progress,
        )
    finish(result, format, outputs=outputs)


def _manifest_readers(project: Project, settings: Config) -> Iterator[ConsumerReader]:
    """The reader schemas that the manifest of the services names, where there is a manifest."""
    from schemareg.services.further import manifest_readers
    from schemareg.services.manifest_file import read_manifest
    from schemareg.services.manifest_place import find_manifest
    from schemareg.services.platform import Platform
    from schemareg.state import RegistryState

    path = find_manifest(settings)
    if path is not None:
        manifest = read_manifest(path, settings).manifest
        yield from manifest_readers(Platform.of(manifest, project, settings, RegistryState({})))
