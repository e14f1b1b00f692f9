"""`schemareg verify`."""

from __future__ import annotations

from schemareg.cli.inputs import broker_at, open_project, open_registry, run_name
from schemareg.cli.options import (
    BrokerAt,
    ConfigFile,
    Events,
    OutputFormat,
    Outputs,
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
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Lint, check, register, and send events through Kafka and back, in one pass.

    The events are real bytes of every registered version.
    """
    from time import monotonic

    from schemareg.commands.roundtrip import Extent
    from schemareg.commands.verify import verify_project

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
            client,
            kafka,
            registry_name=name,
            run=run_name(),
            seconds=lambda: monotonic() - began,
            extent=Extent(events=events),
            progress=progress,
        )
    finish(result, format, verbose=verbose, outputs=outputs)
