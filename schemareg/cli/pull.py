"""`schemareg pull`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from schemareg.cli.inputs import open_client, open_config, open_project
from schemareg.cli.options import ConfigFile, EnvironmentName, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish
from schemareg.cli.parameters import Option
from schemareg.report import Format


def pull(
    registry: Annotated[
        str | None,
        Option("--registry", envvar="SCHEMAREG_REGISTRY", help="URL of the registry."),
    ] = None,
    prune: Annotated[
        bool,
        Option("--prune", help="Remove subjects that the registry does not hold any more."),
    ] = False,
    bundle: Annotated[
        Path | None,
        Option(
            "--bundle",
            help="Write one JSON file with everything, instead of the snapshot.",
            show_default=False,
        ),
    ] = None,
    all: Annotated[
        bool, Option("--all", help="Every subject of the registry, not only this project's.")
    ] = False,
    environment: EnvironmentName = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Write what a registry holds into the snapshot.

    With the snapshot committed, checks need no registry.
    """
    from schemareg.commands.pull import check_has_subjects
    from schemareg.commands.pull import pull as pull_from
    from schemareg.state import subjects_of_interest
    from schemareg.state.registry import read_registry

    project = None
    if all:
        settings = open_config(config, environment=environment, verbose=verbose)
    else:
        project, settings = open_project(None, config, environment=environment, verbose=verbose)
        check_has_subjects(project)
    with open_client("pull", registry, settings) as (client, _):
        shown = list(client.get_subjects())
        if project is not None:
            # others use the registry, too
            wanted = set(subjects_of_interest(project, settings))
            shown = [subject for subject in shown if subject in wanted]
        state = read_registry(client, client.shown_as, shown, with_modes=bundle is not None)
    finish(pull_from(state, settings, prune=prune, bundle=bundle), format, outputs=outputs)
