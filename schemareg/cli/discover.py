"""`schemareg services discover`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from schemareg.cli.exchange import write_manifest
from schemareg.cli.inputs import broker_at, open_client, open_config
from schemareg.cli.options import BrokerAt, ConfigFile, RegistryAt, Verbose
from schemareg.cli.output import note
from schemareg.cli.parameters import Option


def discover(
    topic: Annotated[
        list[str] | None,
        Option(
            "--topic",
            help="Topics that this pattern names, such as 'orders*'. May be repeated.",
            show_default=False,
        ),
    ] = None,
    last: Annotated[
        int, Option("--last", help="How many of the newest records of a partition.", min=1)
    ] = 100,
    out: Annotated[
        Path | None,
        Option("--out", help="Write the manifest to this new file.", show_default=False),
    ] = None,
    broker: BrokerAt = None,
    registry: RegistryAt = None,
    config: ConfigFile = None,
    verbose: Verbose = False,
) -> None:
    """Propose a manifest from a Kafka cluster: its groups, topics and newest records.

    What the cluster does not show, such as the producers of records without `ce_source`, is a
    question in comments and on stderr, and never guessed. Nothing is committed.
    """
    from schemareg.brokers.groups import describe_cluster
    from schemareg.brokers.records import TopicReader
    from schemareg.commands.discover import Names, seen_topic
    from schemareg.errors import UsageError
    from schemareg.patterns import matches_glob
    from schemareg.serdes import schema_fetcher
    from schemareg.services.discover import SeenGroup, discovered

    settings = open_config(config, verbose=verbose)
    with (
        open_client("services discover", registry, settings) as (client, _),
        broker_at(broker, settings) as kafka,
    ):
        found = describe_cluster(kafka)
        names = Names(schema_fetcher(client))
        wanted = [
            name for name in found.topics
            if not topic or any(matches_glob(pattern, name) for pattern in topic)
        ]  # fmt: skip
        if topic and not wanted:
            raise UsageError(
                f"no topic matches {' or '.join(map(repr, topic))}",
                advice=f"{kafka.name} has {len(found.topics)} topics",
            )
        topics = []
        for number, name in enumerate(wanted, 1):
            with TopicReader(kafka, name, last=last) as reader:
                topics.append(seen_topic(name, reader.held(), names))
            if verbose:
                note(f"{number} of {len(wanted)} topics: {topics[-1].records} records of {name}")
    here = set(wanted)
    groups = [
        SeenGroup(group.name, group.topics, group.clients)
        for group in found.groups
        if not topic or here & set(group.topics)
    ]
    write_manifest(discovered(topics, groups, refused=found.refused), settings, out)
