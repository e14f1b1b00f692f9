"""`schemareg ci`."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from schemareg.cli.inputs import changes_of, open_project
from schemareg.cli.options import AGAINST, ConfigFile, FailOn, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish, progress_bar
from schemareg.cli.parameters import Option
from schemareg.findings import Severity
from schemareg.report import Format


def ci(
    against: Annotated[
        str | None,
        Option("--against", "-a", envvar="SCHEMAREG_AGAINST", help=AGAINST, show_default=False),
    ] = None,
    prove: Annotated[
        bool, Option("--prove", help="Show an event that a reader cannot read.")
    ] = False,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    fail_on: FailOn = Severity.ERROR,
    verbose: Verbose = False,
) -> None:
    """Judge a pull request: lint, layout, check, changes and golden events in one report.

    The layout counts where the configuration has [fmt], golden events where they are committed.
    """
    from schemareg.commands.ci import judge_change
    from schemareg.commands.policy_changes import with_policy_changes
    from schemareg.state import default_base, has_snapshot, open_state, subjects_of_interest
    from schemareg.state.git import policy_before
    from schemareg.user_cache import cache_folder

    project, settings = open_project(None, config, verbose=verbose)
    wanted = subjects_of_interest(project, settings)
    base = default_base(settings, os.environ) if against is None else against
    state = open_state(base, config=settings, project=project, wanted=wanted)
    snapshot = state if base == "snapshot" else None
    if snapshot is None and has_snapshot(settings):
        snapshot = open_state("snapshot", config=settings, project=project, wanted=wanted)
    with progress_bar() as progress:
        result = judge_change(
            project,
            state,
            settings,
            today=datetime.now().astimezone().date(),
            snapshot=snapshot,
            cache=None
            if os.environ.get("SCHEMAREG_NO_CACHE")
            else cache_folder(os.environ, "lint"),
            with_proofs=prove,
            progress=progress,
            about=changes_of(settings) if base == "snapshot" else (),
        )
    before = policy_before(base, settings, os.environ)
    check = with_policy_changes(result.check, settings, *before)
    result = replace(result, check=check)
    finish(result, format, fail_on, verbose=verbose, outputs=outputs)
