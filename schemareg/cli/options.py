"""Options that several commands share, each in one place with its environment variable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import click

from schemareg.cli.parameters import Argument, Option
from schemareg.findings import Severity
from schemareg.report import Format, Output

Paths = Annotated[
    list[Path] | None,
    Argument(help="Schema files or directories; without any, the configured roots."),
]
# as `state/sources.py` has it, which start-up must not import; a test holds them equal
SOURCES = "snapshot, versions, git:REF, a registry's URL, a bundle, or a directory"
AGAINST = (
    f"Compare with: {SOURCES}"
    " (default: the snapshot, or without one the project's earlier versions, or the commit where"
    " this branch began)."
)
ApplyFixes = Annotated[
    bool,
    Option("--fix", help="Apply the fixes that change no meaning and break no reader."),
]
UnsafeFixes = Annotated[
    bool,
    Option(
        "--unsafe-fixes",
        help="Apply those, too, that a person should look at; none that breaks a reader.",
    ),
]
FixDiff = Annotated[bool, Option("--diff", help="Write nothing; print what --fix would change.")]
ConfigFile = Annotated[
    Path | None,
    Option(
        "--config",
        "-c",
        envvar="SCHEMAREG_CONFIG",
        help="Configuration file (default: the nearest schemareg.toml or pyproject.toml upwards).",
        show_default=False,
    ),
]
OutputFormat = Annotated[
    Format,
    Option("--format", "-f", envvar="SCHEMAREG_FORMAT", help="How the result is written."),
]


def _output(text: str) -> Output:
    """The format and the file of `FORMAT=FILE`."""
    name, equals, file = text.partition("=")
    if not equals or not file or name not in list(Format):
        formats = ", ".join(Format)
        raise click.BadParameter(f"{text!r} is not FORMAT=FILE; FORMAT is one of {formats}")
    return Output(Format(name), Path(file))


Outputs = Annotated[
    list[Output] | None,
    Option(
        "--output",
        "-o",
        parser=_output,
        metavar="FORMAT=FILE",
        help="Also write the result to a file in this format; several times for several files.",
        show_default=False,
    ),
]
FailOn = Annotated[
    Severity,
    Option("--fail-on", envvar="SCHEMAREG_FAIL_ON", help="Exit 1 from this severity upwards."),
]
RegistryAt = Annotated[
    str | None,
    Option(
        "--registry",
        envvar="SCHEMAREG_REGISTRY",
        help="embedded, or the URL of a Confluent-compatible registry.",
        show_default=False,
    ),
]
BrokerAt = Annotated[
    str | None,
    Option(
        "--broker",
        envvar="SCHEMAREG_BROKER",
        help="embedded, container, or HOST:PORT of a Kafka broker.",
        show_default=False,
    ),
]
Verbose = Annotated[
    bool, Option("--verbose", "-v", help="Show the settings used, and what did not change.")
]
Events = Annotated[
    int,
    Option("--events", min=0, help="Sampled events of each version, beside its edge cases."),
]
Seed = Annotated[int, Option("--seed", help="Another number, other events.")]
EnvironmentName = Annotated[
    str | None,
    Option(
        "--environment",
        "-e",
        envvar="SCHEMAREG_ENVIRONMENT",
        help="An environment of the configuration: its registry, and its differences.",
        show_default=False,
    ),
]
