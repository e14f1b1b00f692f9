"""What commands work on: the configuration and the project that options point at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from schemareg.cli.output import note
from schemareg.cli.registry_options import registry_flags

# Help must not wait for the parser, the rules or the network: a command imports what it runs.
if TYPE_CHECKING:
    from schemareg.brokers.broker import Broker
    from schemareg.findings import Diagnostic
    from schemareg.registry import RegistryClient
    from schemareg.workspace import Config, Project
    from schemareg.workspace.schema_paths import PassedOver

EMBEDDED = "embedded"


def open_config(
    config: Path | None,
    paths: Sequence[Path] | None = None,
    *,
    environment: str | None = None,
    verbose: bool = False,
) -> Config:
    """The configuration in force for `paths`; with `verbose` its file is printed on stderr."""
    from schemareg.workspace import load_config

    settings = load_config(config, Path.cwd(), paths or (), environment=environment)
    settings = replace(settings, registry_flags=registry_flags())
    if verbose:
        note(f"configuration: {settings.source or 'defaults (no file found)'}")
    return settings


def open_project(
    paths: Sequence[Path] | None,
    config: Path | None,
    *,
    environment: str | None = None,
    verbose: bool = False,
) -> tuple[Project, Config]:
    """The project under `paths` (the configured roots without any) and its configuration.

    Raises:
        UsageError: a path that does not exist, or no schema file under any.
    """
    from schemareg.workspace import load_project

    settings = open_config(config, paths, environment=environment, verbose=verbose)
    project = load_project(settings, paths)
    note_passed_over(project.passed_over)
    return project, settings


def note_passed_over(passed_over: Sequence[PassedOver]) -> None:
    """Prints on stderr which files look like schemas and were not read."""
    from schemareg.workspace.schema_paths import passed_over_note

    if passed_over:
        note(passed_over_note(passed_over))


def note_without_subject(project: Project) -> None:
    """Prints on stderr which files no subject holds, for a command that is about subjects."""
    from schemareg.commands.state_notes import files_without_subject

    for found in files_without_subject(project):
        note(f"{found.location.path}: {found.message}")


@contextmanager
def open_registry(
    spec: str | None, config: Config, project: Project
) -> Iterator[tuple[RegistryClient, str]]:
    """A client of the registry that `spec` names, and the name to show for it.

    `embedded` is a registry of this process that holds what the snapshot describes, and ends
    with it; anything else is the URL of a running registry.

    Raises:
        UsageError: `spec` is neither.
    """
    wanted = registry_named(spec, config) or EMBEDDED
    if wanted != EMBEDDED:
        with connect_configured(wanted, config) as client:
            yield client, client.shown_as
        return
    from schemareg.commands.replay import replay
    from schemareg.registry import connect
    from schemareg.registry.server import EmbeddedRegistry
    from schemareg.state import has_snapshot, read_snapshot

    with EmbeddedRegistry() as server, connect(server.url) as client:
        if has_snapshot(config):
            replay(read_snapshot(config.snapshot, config), client)
        yield client, EMBEDDED


@contextmanager
def open_client(
    command: str, spec: str | None, config: Config
) -> Iterator[tuple[RegistryClient, str]]:
    """A client of the running registry that `spec` or `config` names, and the name to show for it.

    Raises:
        UsageError: none is named, and the message begins with `command`; or it is no URL.
    """
    from schemareg.errors import UsageError

    url = registry_named(spec, config)
    if not url or url == EMBEDDED:
        ends = f", and {EMBEDDED} ends with this command" if url else ""
        raise UsageError(
            f"{command} needs a registry{ends}", advice="add --registry URL, or set registry"
        )
    with connect_configured(url, config) as client:
        yield client, client.shown_as


def connect_configured(url: str, config: Config) -> RegistryClient:
    """A client of the registry at `url`, with the credentials and the patience in force."""
    from schemareg.registry import connect_from_environment
    from schemareg.registry.client.environment import patience_in

    environ = registry_variables(config)
    patience = patience_in(environ, flags=config.registry_flags, table=config.registry_patience)
    return connect_from_environment(url, environ, patience=patience)


def registry_variables(config: Config) -> Mapping[str, str]:
    """The process's variables as they are for the environment that `config` is of."""
    return config.environment.variables(os.environ) if config.environment else os.environ


def registry_named(spec: str | None, config: Config) -> str | None:
    """The registry of `spec` (command line or environment), else of the configuration file.

    Raises:
        UsageError: credentials of the environment would go to a host that only the file names, or
            two registries are named.
    """
    from schemareg.errors import UsageError
    from schemareg.workspace.trust import check_registry_host

    named = config.environment
    if named is None:
        if spec is None and config.registry not in (None, EMBEDDED):
            check_registry_host(config.registry, os.environ)
        return spec or config.registry
    if spec is not None:
        raise UsageError(
            f"two registries are named: {spec!r}, and that of the environment {named.name!r}",
            advice="leave out --registry (and SCHEMAREG_REGISTRY), or --environment",
        )
    variables, variable = registry_variables(config), f"{named.prefix}URL"
    if url := variables.get("SCHEMAREG_REGISTRY_URL"):
        return url
    if named.url is None:
        raise UsageError(
            f"the environment {named.name!r} has no registry",
            advice=f"set url in [environments.{named.name}], or the variable {variable}",
        )
    check_registry_host(named.url, variables, variable=variable)
    return named.url


def broker_at(spec: str | None, config: Config) -> Broker:
    """The broker that `spec` names, to be entered.

    Raises:
        UsageError: as `registry_named`, for the broker.
    """
    from schemareg.brokers import open_broker
    from schemareg.workspace.trust import check_broker_host

    if spec is None and config.broker not in (None, EMBEDDED, "container"):
        check_broker_host(config.broker, os.environ)
    return open_broker(spec or config.broker or EMBEDDED, settings=config.kafka)


def run_name() -> str:
    """A word of its own for the topics of one run, so that runs do not share any."""
    import secrets

    return secrets.token_hex(4)


def changes_of(settings: Config) -> tuple[Diagnostic, ...]:
    """What the change does to the snapshot that judges it."""
    from schemareg.state.snapshot_changes import snapshot_changes

    return snapshot_changes(settings, os.environ)
