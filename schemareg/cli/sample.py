"""`schemareg sample`."""

from __future__ import annotations

from typing import Annotated

from schemareg.cli.inputs import open_project
from schemareg.cli.options import ConfigFile, OutputFormat, Outputs, Seed, Verbose
from schemareg.cli.output import finish
from schemareg.cli.parameters import Argument, Option
from schemareg.report import Format
from schemareg.sampling import Encoding


def sample(
    types: Annotated[list[str], Argument(help="Names of event types, full or short.")],
    count: Annotated[int, Option("--count", "-n", min=0, help="Events of each type.")] = 1,
    edges: Annotated[bool, Option("--edges", help="Every edge case of the type, too.")] = False,
    seed: Seed = 0,
    encoding: Annotated[
        Encoding,
        Option(
            "--encoding",
            help="plain JSON as people read it, or Avro's JSON encoding for Avro's own tools.",
        ),
    ] = Encoding.PLAIN,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Make example events from a schema alone.

    They are the same for the same seed. kafka-avro-console-producer and avro-tools read them with
    --encoding avro-json.
    """
    from schemareg.commands.sample import sample_project

    project, _ = open_project(None, config, verbose=verbose)
    finish(
        sample_project(project, types, seed=seed, count=count, with_edges=edges, encoding=encoding),
        format,
        outputs=outputs,
    )
