"""`schemareg lint`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from schemareg.cli.inputs import note_passed_over, open_config
from schemareg.cli.options import (
    ApplyFixes,
    ConfigFile,
    FailOn,
    FixDiff,
    OutputFormat,
    Outputs,
    Paths,
    UnsafeFixes,
    Verbose,
)
from schemareg.cli.output import finish, note
from schemareg.cli.parameters import Option
from schemareg.findings import BaselineMode, Severity
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.commands.lint import LintResult
    from schemareg.lint.ratchet import Ratchet
    from schemareg.state import RegistryState
    from schemareg.workspace import Config


def lint(
    paths: Paths = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    fail_on: FailOn = Severity.ERROR,
    baseline: Annotated[
        BaselineMode,
        Option(
            "--baseline",
            help="use: report only what the baseline does not accept; write: accept everything"
            " that is reported now; ignore: report that, too.",
        ),
    ] = BaselineMode.USE,
    fix: ApplyFixes = False,
    unsafe_fixes: UnsafeFixes = False,
    diff: FixDiff = False,
    against: Annotated[
        str | None,
        Option(
            "--against",
            "-a",
            envvar="SCHEMAREG_AGAINST",
            help="What --fix and lint.ratchet compare with, named as in `check` (default: the"
            " snapshot; the ratchet, without one: where this branch began).",
            show_default=False,
        ),
    ] = None,
    no_cache: Annotated[
        bool,
        Option(
            "--no-cache",
            envvar="SCHEMAREG_NO_CACHE",
            help="Lint every file again, and keep nothing for the next time.",
        ),
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Judge schema files by the lint rules.

    No registry and no network is needed. What did not change since the last time is not linted
    again; what is remembered for that is in the user's cache directory. --fix edits only the
    characters concerned; layout and comments stay.
    """
    from schemareg.commands.lint import lint_paths
    from schemareg.user_cache import cache_folder

    settings = open_config(config, paths, verbose=verbose)
    ratchet = _ratchet(settings, paths, against)
    if fix or unsafe_fixes or diff:
        change = (settings, paths, against, baseline, ratchet)
        result = _fixed(*change, unsafe=unsafe_fixes, write=not diff)
        note_passed_over(result.passed_over)
        finish(result, format, fail_on, verbose=verbose, outputs=outputs)
    folder = None if no_cache else cache_folder(os.environ, "lint")
    result = lint_paths(settings, paths, cache=folder, mode=baseline, ratchet=ratchet)
    note_passed_over(result.passed_over)
    finish(result, format, fail_on, verbose=verbose, outputs=outputs)


def _ratchet(config: Config, paths: Sequence[Path] | None, against: str | None) -> Ratchet | None:
    """The ratchet of the configuration; None, with a line on stderr, where there is no base."""
    from schemareg.commands.lint import ratchet_of

    def base() -> RegistryState | None:
        from schemareg.state import default_base, has_snapshot, open_state, subjects_of_interest
        from schemareg.workspace import load_project

        spec = default_base(config, os.environ) if against is None else against
        if spec == "snapshot" and against is None and not has_snapshot(config):
            note("there is no snapshot and no branch to compare with: lint.ratchet accepts nothing")
            return None
        project = load_project(config, paths)
        wanted = subjects_of_interest(project, config)
        return open_state(spec, config=config, project=project, wanted=wanted)

    return ratchet_of(config, base)


def _fixed(
    config: Config,
    paths: Sequence[Path] | None,
    against: str | None,
    baseline: BaselineMode,
    ratchet: Ratchet | None,
    *,
    unsafe: bool,
    write: bool,
) -> LintResult:
    from schemareg.commands.fix import fix_paths
    from schemareg.errors import UsageError
    from schemareg.state import has_snapshot, open_state, subjects_of_interest
    from schemareg.workspace import load_project

    if baseline is not BaselineMode.USE:
        raise UsageError(
            "--fix applies to what the baseline does not accept",
            advice="leave --baseline out, or write the baseline after the fixes",
        )
    state = None
    if against is not None or has_snapshot(config):
        project = load_project(config, paths)
        wanted = subjects_of_interest(project, config)
        state = open_state(against or "snapshot", config=config, project=project, wanted=wanted)
    return fix_paths(config, paths, state, unsafe=unsafe, write=write, ratchet=ratchet)
