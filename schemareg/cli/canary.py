"""`schemareg canary`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from schemareg.cli.graph import Against, ManifestFile, open_platform
from schemareg.cli.inputs import broker_at, open_client
from schemareg.cli.options import BrokerAt, ConfigFile, OutputFormat, Outputs, RegistryAt, Verbose
from schemareg.cli.output import finish, note
from schemareg.cli.parameters import Option
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.brokers.records import TopicReader
    from schemareg.commands.canary import Incoming
    from schemareg.services.canary import Judgement

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def canary(
    topic: Annotated[str, Option("--topic", help="The topic to read.", show_default=False)],
    duration: Annotated[str, Option("--for", help="How long, such as 90s, 10m or 1h.")] = "10m",
    header: Annotated[
        str | None,
        Option(
            "--canary-header",
            help="NAME=VALUE of the header by which records of canary producers are known.",
            show_default=False,
        ),
    ] = None,
    least: Annotated[int, Option("--min-records", help="Fewer are inconclusive.", min=1)] = 100,
    looks: Annotated[int, Option("--looks", help="How often it is judged.", min=1, max=100)] = 5,
    alpha: Annotated[
        float, Option("--alpha", help="Probability of a wrong alarm, over all looks.")
    ] = 0.05,
    existing: Annotated[
        int | None,
        Option(
            "--existing",
            help="Judge the newest N records of each partition, once, instead of what arrives.",
            min=1,
            show_default=False,
        ),
    ] = None,
    metrics: Annotated[
        Path | None,
        Option(
            "--metrics",
            help="Write metrics for Prometheus to this file at every look.",
            show_default=False,
        ),
    ] = None,
    chart: Annotated[
        Path | None,
        Option("--chart", help="Write a chart to this file, SVG.", show_default=False),
    ] = None,
    mesh_patch: Annotated[
        Path | None,
        Option(
            "--mesh-patch",
            help="Write the JSON patch of an Istio VirtualService to this file.",
            show_default=False,
        ),
    ] = None,
    weight: Annotated[
        int, Option("--weight", help="Per cent for the canary in the patch.", min=1, max=100)
    ] = 100,
    broker: BrokerAt = None,
    registry: RegistryAt = None,
    services: ManifestFile = None,
    against: Against = "snapshot",
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Read a topic with the deployed and the new reader of every consumer.

    A record that only the deployed one reads is a fail at once. Exit codes: 0 pass, 1 fail, 3
    inconclusive or not reachable. No offset of any consumer group is committed.
    """
    from schemareg.brokers.records import TopicReader
    from schemareg.commands.canary import canary_topic, shadows_of
    from schemareg.errors import UsageError
    from schemareg.report.canary_chart import canary_chart
    from schemareg.report.canary_metrics import canary_metrics
    from schemareg.report.mesh_patch import istio_patch
    from schemareg.serdes import schema_fetcher
    from schemareg.services.canary import Baseline, Limits
    from schemareg.workspace.files import write_file

    found = re.fullmatch(r"([1-9][0-9]{0,5})([smh])", duration)
    if found is None:
        raise UsageError(f"--for {duration!r} is no duration", advice="write 90s, 10m or 1h")
    if not 0 < alpha < 1:
        raise UsageError(f"--alpha {alpha:g} is not between 0 and 1")
    seconds = int(found[1]) * _SECONDS[found[2]]
    name, _, value = (header or "").partition("=")
    if header is not None and not (name and value):
        raise UsageError(f"--canary-header {header!r} is not NAME=VALUE")
    _, platform, settings = open_platform(services, config, against, verbose=verbose)
    shadows = shadows_of(platform, topic)

    def is_canary(record: Incoming) -> bool:
        return bool(name) and (name, value.encode()) in record.headers

    def report(judgement: Judgement) -> None:
        note(f"{judgement.records} records, {judgement.failed} failed: {judgement.verdict}")
        if metrics is not None:
            written(metrics, canary_metrics(topic, judgement, at=time.time()))

    def written(path: Path, text: str) -> None:
        write_file(settings.cwd / path, text, settings.shown(settings.cwd / path))

    with (
        open_client("canary", registry, settings) as (client, _),
        broker_at(broker, settings) as kafka,
        TopicReader(kafka, topic, last=existing) as reader,
    ):
        each_s = 0.0 if existing is not None else seconds / looks
        before = 0 if existing is not None else reader.count_before(seconds)
        result = canary_topic(
            topic,
            shadows,
            _batches(reader, each_s, looks),
            schema_fetcher(client),
            limits=Limits(least=least, alpha=alpha, looks=looks if existing is None else 1),
            is_canary=is_canary,
            report=report,
            baseline=Baseline(before, seconds),
            seconds=each_s,
        )
    if chart is not None:
        written(chart, canary_chart(result))
    if mesh_patch is not None:
        written(mesh_patch, istio_patch(result.verdict, weight=weight))
    finish(result, format, verbose=verbose, outputs=outputs)


def _batches(reader: TopicReader, seconds: float, looks: int) -> Iterator[tuple[Incoming, ...]]:
    """What arrives in `seconds` for each look; with 0 one batch of what the topic holds.

    Raises:
        BrokerError: the broker fails.
    """
    from schemareg.brokers.records import Record
    from schemareg.commands.canary import Incoming

    def incoming(record: Record) -> Incoming:
        latency = None if record.timestamp_s is None else time.time() - record.timestamp_s
        return Incoming(record.partition, record.offset, record.value, record.headers, latency)

    if not seconds:
        # how long a record has been in the topic is no latency
        yield tuple(replace(incoming(record), latency_s=None) for record in reader.held())
        return
    for _ in range(looks):
        yield tuple(map(incoming, reader.arriving(seconds)))
