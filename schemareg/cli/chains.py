"""`schemareg chains`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from schemareg.cli.graph import ManifestFile, open_platform
from schemareg.cli.options import ConfigFile, FailOn, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish, write
from schemareg.cli.parameters import Argument, Option
from schemareg.findings import Severity
from schemareg.report import Format


def chains(
    files: Annotated[
        list[Path],
        Argument(help="Traces: OTLP JSON (also a line each), Jaeger JSON, or Zipkin version 2."),
    ],
    draw: Annotated[
        str | None,
        Option(
            "--draw",
            help="Print the flow of this correlation or trace id as a Mermaid sequence.",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[
        bool, Option("--strict", help="An edge that the manifest does not declare is an error.")
    ] = False,
    services: ManifestFile = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    fail_on: FailOn = Severity.ERROR,
    verbose: Verbose = False,
) -> None:
    """Compare traces with the manifest: edges, and how each event chain went.

    Messages are joined by links, parents, offsets and correlation ids, in this order. A flow with
    a compensation that is missing, doubled or in the wrong order is an error.
    """
    from schemareg.commands.chains import chains_result
    from schemareg.errors import UsageError
    from schemareg.limits import LIMITS
    from schemareg.report.escape import terminal
    from schemareg.services.flows import sequence
    from schemareg.services.traces import Traces, read_traces
    from schemareg.suggestions import did_you_mean
    from schemareg.workspace.files import read_start

    _, platform, settings = open_platform(services, config, verbose=verbose)
    read = []
    for file in files:
        place = settings.cwd / file
        shown = settings.shown(place)
        raw = read_start(place, shown, LIMITS.traces_bytes + 1)
        if len(raw) > LIMITS.traces_bytes:
            raise UsageError(f"{shown} is larger than {LIMITS.traces_bytes} bytes")
        read.append(read_traces(raw, shown))
    traces = Traces(
        tuple(span for each in read for span in each.spans),
        {id: parent for each in read for id, parent in each.parents.items()},
        sum(each.others for each in read),
    )
    result = chains_result(platform, traces, strict=strict)
    if draw is None:
        finish(result, format, fail_on, verbose=verbose, outputs=outputs)
    flow = next((f for f in result.flows if f.correlation == draw), None)
    if flow is None:
        known = [f.correlation for f in result.flows]
        raise UsageError(f"no chain ran as {draw!r}", advice=did_you_mean(draw, known) or None)
    write(terminal(sequence(flow)))
