"""`schemareg impact`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from schemareg.cli.graph import ManifestFile, open_platform
from schemareg.cli.options import ConfigFile, FailOn, OutputFormat, Verbose
from schemareg.cli.output import finish, note, write
from schemareg.cli.parameters import Option
from schemareg.findings import Severity
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.services.manifest import Manifest
    from schemareg.workspace import Config


def impact(
    against: Annotated[
        str,
        Option(
            "--against",
            "-a",
            envvar="SCHEMAREG_AGAINST",
            help="git:REF (what HEAD changed since it left REF), or what is deployed, with"
            " --files-from: snapshot, a directory, a bundle, or a registry's URL.",
        ),
    ] = "git:origin/main",
    files_from: Annotated[
        str | None,
        Option(
            "--files-from",
            help="Read the changed files, one a line, from this file; - is stdin.",
            show_default=False,
        ),
    ] = None,
    explain: Annotated[
        bool, Option("--explain", help="Show every chain that reaches a service.")
    ] = False,
    direct: Annotated[
        bool, Option("--direct", help="Leave out services that only call affected ones.")
    ] = False,
    pipeline: Annotated[
        str | None,
        Option(
            "--pipeline",
            help="Print for a pipeline instead: github, gitlab, argocd or helmfile.",
            show_default=False,
        ),
    ] = None,
    chunk: Annotated[
        bool, Option("--chunk", help="Several matrices for GitHub, 256 services in each.")
    ] = False,
    services: ManifestFile = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    fail_on: FailOn = Severity.ERROR,
    verbose: Verbose = False,
) -> None:
    """Show which services a change affects, by files and by the fields that they use.

    Schemas count by what they mean, not as files; the manifest of the base counts, too.
    """
    from schemareg.commands.collector import without_collector
    from schemareg.commands.impact import impact_result
    from schemareg.errors import ContentError, UsageError
    from schemareg.report.pipelines import Pipeline, as_pipeline
    from schemareg.suggestions import did_you_mean

    if pipeline is not None and pipeline not in list(Pipeline):
        raise UsageError(
            f"unknown pipeline {pipeline!r}", advice=did_you_mean(pipeline, list(Pipeline))
        )
    is_git = against.startswith("git:")
    if not is_git and files_from is None:
        raise UsageError(
            f"{against!r} gives no changed files", advice="add --files-from FILE, or use git:REF"
        )
    ref = against.removeprefix("git:").removesuffix("...")
    spec = f"git:{ref}..." if is_git else against
    with without_collector():
        read, platform, settings = open_platform(services, config, spec, verbose=verbose)
        before: Manifest | None = None
        files: tuple[str, ...] = ()
        if is_git:
            files, before = _since(ref, read.manifest.sources, settings)
        if files_from is not None:
            files = _named_files(files_from)
        result = impact_result(
            read, platform, files, before=before, transitive=not direct, explain=explain
        )
    if pipeline is None:
        finish(result, format, fail_on)
    if result.unordered:
        raise ContentError(
            f"no order of whole services deploys {', '.join(result.unordered)}",
            advice="see `schemareg order` for the steps",
        )
    write(as_pipeline(result.waves, Pipeline(pipeline), chunk=chunk))
    raise click.exceptions.Exit(result.exit_code(fail_on))


def _since(
    ref: str, sources: tuple[str, ...], settings: Config
) -> tuple[tuple[str, ...], Manifest | None]:
    """The files that HEAD changed since it left `ref`, and the manifest as it was there."""
    from schemareg.errors import UsageError
    from schemareg.services.manifest_file import included_in, parse_manifests
    from schemareg.state.git import changed_files

    paths = [(settings.cwd / source).resolve() for source in sources]
    changed = changed_files(ref, settings, paths)
    try:
        if (top := changed.texts.get(paths[0])) is not None:
            # what the manifest of the base included, too: it may have been deleted since
            known = [changed.top / path for path in changed.paths]
            paths = list(dict.fromkeys([*paths, *included_in(top, paths[0], settings, known)]))
            changed = changed_files(ref, settings, paths)
        texts = [(path, changed.texts[path]) for path in paths if path in changed.texts]
        before = parse_manifests(texts, settings).manifest if texts else None
    except UsageError as error:
        note(f"the manifest of git:{ref} cannot be used: {error}")
        before = None
    return changed.paths, before


def _named_files(place: str) -> tuple[str, ...]:
    from schemareg.errors import UsageError
    from schemareg.workspace.files import FileError, read_bytes

    try:
        raw = sys.stdin.buffer.read() if place == "-" else read_bytes(Path(place), place)
    except FileError as error:
        raise UsageError(f"--files-from: {place} cannot be read: {error.reason}") from error
    lines = raw.decode("utf-8", errors="surrogateescape").splitlines()
    return tuple(line.removeprefix("./") for line in lines if line)
