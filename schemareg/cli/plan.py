"""`schemareg plan` and `schemareg apply`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from schemareg.cli.inputs import (
    open_client,
    open_config,
    open_project,
    open_registry,
    registry_named,
)
from schemareg.cli.options import (
    ConfigFile,
    EnvironmentName,
    OutputFormat,
    Outputs,
    Paths,
    RegistryAt,
    Verbose,
)
from schemareg.cli.output import finish, note, progress_bar, show
from schemareg.cli.parameters import Argument, Option
from schemareg.report import Format
from schemareg.subjects import Deletion

if TYPE_CHECKING:
    from schemareg.plan.audit import AuditLog
    from schemareg.plan.saved import Plan


def plan(
    paths: Paths = None,
    registry: RegistryAt = None,
    out: Annotated[
        Path | None,
        Option("--out", help="Write the plan to this file, for apply.", show_default=False),
    ] = None,
    detailed: Annotated[
        bool, Option("--detailed-exitcode", help="Exit 10 when changes are pending.")
    ] = False,
    delete: Annotated[
        Deletion,
        Option("--delete", help="Delete managed subjects that the project does not have."),
    ] = Deletion.NONE,
    prove: Annotated[
        bool, Option("--prove", help="Show an event that a reader cannot read.")
    ] = False,
    environment: EnvironmentName = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Show what registering the schemas would change in a registry.

    Levels to set and versions to register, each checked; nothing is changed.
    """
    from schemareg.commands.managed import newest_numbers, read_managed
    from schemareg.commands.plan import plan_project
    from schemareg.errors import ExitCode, UsageError
    from schemareg.plan.plan_json import save_plan
    from schemareg.plan.saved import after_deleted

    project, settings = open_project(paths, config, environment=environment, verbose=verbose)
    if not registry_named(registry, settings):
        raise UsageError(
            "plan needs a registry to compare with", advice="add --registry URL, or set registry"
        )
    for failure in project.failures:
        raise failure
    with open_registry(registry, settings, project) as (client, name), progress_bar() as progress:
        managed = read_managed(project, settings, client, name, deletion=delete)
        result, made = plan_project(
            project,
            managed.state,
            registry=name,
            options=managed.options,
            detailed=detailed,
            with_proofs=prove,
            progress=progress,
        )
        made = after_deleted(made, newest_numbers(made, client))
        result = replace(result, digest=made.digest, actions=made.actions)
    if out is not None and result.exit_code() is not ExitCode.NO:
        save_plan(made, settings.cwd / out)
        note(f"the plan is in {settings.shown(out)}")
    finish(result, format, verbose=verbose, outputs=outputs)


def apply(
    file: Annotated[Path, Argument(help="A plan that `schemareg plan --out` wrote.")],
    registry: RegistryAt = None,
    yes: Annotated[bool, Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    audit: Annotated[
        Path | None,
        Option(
            "--audit",
            envvar="SCHEMAREG_AUDIT",
            help="Append what is done to this file, a JSON object a line.",
            show_default=False,
        ),
    ] = None,
    environment: EnvironmentName = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Do what a saved plan lists.

    A plan is refused with exit code 4 when the registry has changed since it was made. One that
    was interrupted is applied again to do the rest. Registries have no lock: let one apply run at
    a time.
    """
    from schemareg.commands.plan import apply_plan
    from schemareg.plan.plan_json import load_plan

    settings = open_config(config, environment=environment, verbose=verbose)
    saved = load_plan(settings.cwd / file)
    with open_client("apply", registry, settings) as (client, name):
        _check_same(saved, name)
        if not yes:
            _confirm(len(saved.actions), saved.registry)
        with progress_bar() as progress:
            result = apply_plan(
                saved,
                client,
                name=name,
                avro_version=settings.avro_version,
                audit=_audit_log(settings.cwd / audit, saved) if audit else None,
                progress=progress,
                on_failure=lambda stopped: show(stopped, format, outputs=outputs),
            )
    finish(result, format, verbose=verbose, outputs=outputs)


def rollback(
    file: Annotated[Path, Argument(help="The plan to undo, which was applied.")],
    registry: RegistryAt = None,
    out: Annotated[
        Path | None,
        Option("--out", help="Write the plan to this file, for apply.", show_default=False),
    ] = None,
    environment: EnvironmentName = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Plan how to undo an applied plan, as far as a registry permits.

    Former schemas become the newest versions again, former settings are restored; no version is
    ever deleted. What others changed since stays. Nothing is changed before the plan is applied.
    """
    from schemareg.commands.managed import newest_numbers
    from schemareg.commands.rollback import rollback_plan
    from schemareg.errors import ExitCode
    from schemareg.plan.apply import read_base
    from schemareg.plan.plan_json import load_plan, save_plan
    from schemareg.plan.saved import after_deleted

    settings = open_config(config, environment=environment, verbose=verbose)
    saved = load_plan(settings.cwd / file)
    with open_client("rollback", registry, settings) as (client, name):
        _check_same(saved, name)
        state = read_base(saved, client, name)
        result, made = rollback_plan(saved, state, avro_version=settings.avro_version)
        made = after_deleted(made, newest_numbers(made, client))
    result = replace(result, digest=made.digest, actions=made.actions)
    if out is not None and result.exit_code() is ExitCode.YES:
        save_plan(made, settings.cwd / out)
        note(f"the plan is in {settings.shown(out)}")
    finish(result, format, verbose=verbose, outputs=outputs)


def _check_same(plan: Plan, name: str) -> None:
    """Raises: UsageError when `plan` was made for another registry than `name`."""
    from schemareg.errors import UsageError

    if name != plan.registry:
        raise UsageError(
            f"the plan was made for {plan.registry}, not for {name}",
            advice="make a plan for this registry",
        )


def _audit_log(path: Path, plan: Plan) -> AuditLog:
    from getpass import getuser

    from schemareg.plan.audit import AuditLog, actor_in

    try:
        user = getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = ""
    return AuditLog(path, plan, actor_in(os.environ, user=user))


def _confirm(actions: int, registry: str) -> None:
    """Nothing, when the user agrees.

    Raises:
        UsageError: there is no terminal, or the user does not agree.
    """
    from schemareg.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("apply needs a confirmation, and there is no terminal", advice="add --yes")
    if not click.confirm(f"Do {actions} actions in {registry}?", err=True):
        raise UsageError("not confirmed: nothing was changed")
