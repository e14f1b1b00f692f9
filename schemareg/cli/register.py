"""`schemareg register`."""

from __future__ import annotations

from schemareg.cli.inputs import open_project, open_registry
from schemareg.cli.options import ConfigFile, OutputFormat, Paths, RegistryAt, Verbose
from schemareg.cli.output import finish, progress_bar
from schemareg.errors import ExitCode
from schemareg.report import Format


def register(
    paths: Paths = None,
    registry: RegistryAt = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    verbose: Verbose = False,
) -> None:
    """Register the schemas, shared types first, and set the configured levels.

    Nothing is registered unless every one of them is compatible with the registered versions.
    """
    from schemareg.commands.check import check_project
    from schemareg.commands.register import register_project
    from schemareg.errors import UsageError
    from schemareg.state import subjects_of_interest
    from schemareg.state.registry import read_registry

    project, settings = open_project(paths, config, verbose=verbose)
    if not (registry or settings.registry):
        raise UsageError(
            "register needs a registry to register in",
            advice="add --registry URL, or set registry; --registry embedded is only a rehearsal",
        )
    with open_registry(registry, settings, project) as (client, name), progress_bar() as progress:
        state = read_registry(client, name, subjects_of_interest(project, settings))
        answer = check_project(project, state, progress=progress)
        if answer.exit_code() is not ExitCode.YES:
            finish(answer, format)
        result = register_project(project, client, name=name, state=state, progress=progress)
    finish(result, format, verbose=verbose)
