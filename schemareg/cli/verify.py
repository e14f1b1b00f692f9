"""`schemareg verify`."""

from __future__ import annotations

from schemareg.cli.inputs import broker_at, open_project, open_registry, run_name
from schemareg.cli.options import (
    BrokerAt,
    ConfigFile,
    Events,
    OutputFormat,
    Paths,
    RegistryAt,
    Verbose,
)
from schemareg.cli.output import finish, progress_bar
from schemareg.report import Format


def verify(
    paths: Paths = None,
    registry: RegistryAt = None,
    broker: BrokerAt = None,
    events: Events = 10,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    verbose: Verbose = False,
) -> None:
    """Do the whole job in one pass.

    Lint, check, register, and send real events of every version through Kafka and back.
    """
    from time import monotonic

    from schemareg.commands.roundtrip import Extent
    from schemareg.commands.verify import verify_project
    from schemareg.state import RegistryBase

    began = monotonic()
    project, settings = open_project(paths, config, verbose=verbose)
    with (
        open_registry(registry, settings, project) as (client, name),
        broker_at(broker, settings) as kafka,
        progress_bar() as progress,
    ):
        result = verify_project(
            project,
            settings,
            RegistryBase(client, name, settings),
            client,
            kafka,
            registry_name=name,
            run=run_name(),
            seconds=lambda: monotonic() - began,
            extent=Extent(events=events),
            progress=progress,
        )
    finish(result, format)
