"""`schemareg rehearse`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from schemareg.cli.graph import ManifestFile, open_platform
from schemareg.cli.inputs import EMBEDDED, broker_at, open_registry, run_name
from schemareg.cli.options import BrokerAt, ConfigFile, OutputFormat, Outputs, Seed, Verbose
from schemareg.cli.output import finish
from schemareg.cli.parameters import Option
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.brokers.channel import Channel


def rehearse(
    wave: Annotated[
        list[str] | None,
        Option(
            "--wave",
            help="Services of one wave, by commas, to rehearse instead of the computed order. May"
            " be repeated.",
            show_default=False,
        ),
    ] = None,
    history: Annotated[
        Path | None,
        Option(
            "--history",
            help="Write everything that happened to this file, JSON lines.",
            show_default=False,
        ),
    ] = None,
    broker: BrokerAt = None,
    seed: Seed = 0,
    services: ManifestFile = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Deploy a change with simulated services, wave by wave, and back again.

    Two instances of each service write, read, are killed and restarted, on a broker and with a
    registry; the history is judged for records that are lost or that a reader cannot read.
    """
    from schemareg.brokers.channel import Channel
    from schemareg.commands.rehearse import rehearse_change
    from schemareg.commands.replay import register_unjudged
    from schemareg.rehearsal.platform import PARTITIONS, Fact
    from schemareg.state.registry import read_registry
    from schemareg.workspace.files import write_file

    _, platform, settings = open_platform(services, config, "snapshot", verbose=verbose)
    project = platform.project
    given = [[name.strip() for name in names.split(",")] for names in wave or ()]
    facts: list[Fact] = []
    run = run_name()
    with (
        open_registry(EMBEDDED, settings, project) as (client, name),
        broker_at(broker, settings) as kafka,
    ):
        register_unjudged(project, client, name=name)

        def opened(part: str) -> Channel:
            return Channel(kafka, prefix=f"{run}-{part}", partitions=PARTITIONS)

        result = rehearse_change(
            platform,
            read_registry(client, name, [subject.subject for subject in project.subjects]),
            opened,
            broker=f"the {kafka.name} broker",
            seed=seed,
            given=given,
            keep=facts.append,
        )
    if history is not None:
        place = settings.cwd / history
        lines = "".join(json.dumps(asdict(fact), default=str) + "\n" for fact in facts)
        write_file(place, lines, settings.shown(place))
    finish(result, format, verbose=verbose, outputs=outputs)
