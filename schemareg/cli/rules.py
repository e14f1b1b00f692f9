"""`schemareg rules`."""

from __future__ import annotations

from typing import Annotated

from schemareg.cli.options import OutputFormat, Outputs
from schemareg.cli.output import finish
from schemareg.cli.parameters import Argument
from schemareg.report import Format


def rules(
    ids: Annotated[
        list[str] | None,
        Argument(help="Rules to describe in full; without any, all in short."),
    ] = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
) -> None:
    """List the lint rules, or explain some.

    In full each comes with its reason, a bad and a good example, and its options.
    """
    from schemareg.commands.rules import describe_rules

    finish(describe_rules(ids or ()), format, outputs=outputs)
