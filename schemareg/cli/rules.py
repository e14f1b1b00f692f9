"""`schemareg rules`."""

from __future__ import annotations

from typing import Annotated

from schemareg.cli.inputs import open_config
from schemareg.cli.options import ConfigFile, OutputFormat, Outputs
from schemareg.cli.output import finish
from schemareg.cli.parameters import Argument
from schemareg.report import Format


def rules(
    ids: Annotated[
        list[str] | None,
        Argument(help="Rules to describe in full; without any, all in short."),
    ] = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
) -> None:
    """List the lint rules, or explain some.

    In full each comes with its reason, a bad and a good example, and its options. The rules of the
    plugins that the configuration names are among them.
    """
    from schemareg.commands.rules import describe_rules
    from schemareg.lint.configuration import rules_of

    known = rules_of(open_config(config))
    finish(describe_rules(ids or (), known), format, outputs=outputs)
