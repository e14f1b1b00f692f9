"""`schemareg register`."""

from __future__ import annotations

from dataclasses import replace

from schemareg.cli.inputs import open_project, open_registry, registry_named
from schemareg.cli.options import (
    ConfigFile,
    EnvironmentName,
    OutputFormat,
    Outputs,
    Paths,
    RegistryAt,
    Verbose,
)
from schemareg.cli.output import finish, progress_bar
from schemareg.errors import ExitCode
from schemareg.report import Format


def register(
    paths: Paths = None,
    registry: RegistryAt = None,
    environment: EnvironmentName = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Register the schemas, shared types first, and set the configured levels.

    Nothing is registered unless every one of them is compatible with the registered versions.
    """
    from schemareg.commands.check import check_project
    from schemareg.commands.managed import levels_after, read_managed
    from schemareg.commands.register import register_project
    from schemareg.errors import UsageError
    from schemareg.plan.order import AT_ONCE

    project, settings = open_project(paths, config, environment=environment, verbose=verbose)
    if not registry_named(registry, settings):
        raise UsageError(
            "register needs a registry to register in",
            advice="add --registry URL, or set registry; --registry embedded is only a rehearsal",
        )
    with open_registry(registry, settings, project) as (client, name), progress_bar() as progress:
        managed = read_managed(project, settings, client, name)
        state = levels_after(managed.state, managed.options)
        answer = check_project(project, state, progress=progress)
        if answer.exit_code() is not ExitCode.YES:
            finish(answer, format, outputs=outputs)
        result = register_project(
            project,
            client,
            name=name,
            state=managed.state,
            options=managed.options,
            at_once=AT_ONCE,
            progress=progress,
        )
    warnings = tuple(found for subject in answer.subjects for found in subject.warnings)
    finish(replace(result, warnings=warnings), format, verbose=verbose, outputs=outputs)
