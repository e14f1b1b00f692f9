"""`schemareg init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import click

from schemareg.cli.inputs import connect_configured
from schemareg.cli.options import OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish
from schemareg.cli.parameters import Option
from schemareg.cli.registry_options import registry_flags
from schemareg.report import Format
from schemareg.subjects import CompatibilityLevel


def init(
    registry: Annotated[
        str | None,
        Option("--registry", help="Write files of all that this registry holds."),
    ] = None,
    managed: Annotated[
        list[str] | None,
        Option("--managed", help="Only subjects like this, such as 'orders-*'; repeatable."),
    ] = None,
    level: Annotated[
        CompatibilityLevel,
        Option("--level", help="The level of schemas that no registry holds yet."),
    ] = CompatibilityLevel.BACKWARD,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Write a first schemareg.toml here, and a baseline that makes lint green.

    For the schema files under this directory, or with --registry for all that a registry holds:
    its schemas as files, its levels, its versions as the snapshot.
    """
    from schemareg.commands.init import check_is_new, init_from_directory, init_from_registry
    from schemareg.state.registry import read_registry
    from schemareg.workspace import Config

    here = Path.cwd()
    check_is_new(here)
    if registry is None and sys.stdin.isatty():
        registry = click.prompt("URL of a registry to read (empty: none)", default="", err=True)
    if not registry:
        finish(
            init_from_directory(here, level=level, registry=None),
            format,
            verbose=verbose,
            outputs=outputs,
        )
    patterns = tuple(managed or ())
    wanted = Config(cwd=here, managed=patterns, registry_flags=registry_flags())
    with connect_configured(registry, wanted) as client:
        subjects = [s for s in client.get_subjects() if wanted.is_managed(s)]
        state = read_registry(client, client.shown_as, subjects)
        inherited = client.get_level()
        result = init_from_registry(
            state, here, level=inherited, registry=client.shown_as, managed=patterns
        )
    finish(result, format, verbose=verbose, outputs=outputs)
