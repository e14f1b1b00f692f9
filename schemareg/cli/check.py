"""`schemareg check`."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated

from schemareg.cli.inputs import changes_of, note_passed_over, open_config
from schemareg.cli.options import (
    AGAINST,
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
from schemareg.cli.output import finish, progress_bar
from schemareg.cli.parameters import Option
from schemareg.findings import Severity
from schemareg.report import Format
from schemareg.subjects import CompatibilityLevel


def check(
    paths: Paths = None,
    against: Annotated[
        str | None,
        Option(
            "--against",
            "-a",
            envvar="SCHEMAREG_AGAINST",
            help=AGAINST,
            show_default=False,
        ),
    ] = None,
    level: Annotated[
        CompatibilityLevel | None,
        Option(
            "--level",
            help="Judge by this level instead of the configured one.",
            show_default=False,
        ),
    ] = None,
    prove: Annotated[
        bool, Option("--prove", help="Show an event that a reader cannot read.")
    ] = False,
    fix: ApplyFixes = False,
    unsafe_fixes: UnsafeFixes = False,
    diff: FixDiff = False,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    fail_on: FailOn = Severity.ERROR,
    verbose: Verbose = False,
) -> None:
    """Check that schemas are compatible with the registered versions.

    Every incompatibility names the version, the place, and what to do about it. --fix applies
    what needs no decision: the default null, an alias, the default symbol of an enum; a fix after
    which the check still fails there is refused.
    """
    from schemareg.commands.collector import without_collector
    from schemareg.commands.policy_changes import with_policy_changes
    from schemareg.commands.review import review
    from schemareg.state import default_base, open_state, subjects_of_interest
    from schemareg.state.files import with_accepted_files
    from schemareg.state.git import policy_before
    from schemareg.workspace import load_project

    with without_collector():
        settings = open_config(config, paths, verbose=verbose)
        project = load_project(settings, paths)
        wanted = subjects_of_interest(project, settings)
        against = default_base(settings, os.environ) if against is None else against
        state = open_state(against, config=settings, project=project, wanted=wanted)
        project = with_accepted_files(project, state, settings)
    note_passed_over(project.passed_over)
    about = changes_of(settings) if against == "snapshot" else ()
    today = datetime.now().astimezone().date()
    if fix or unsafe_fixes or diff:
        from schemareg.commands.fix import fix_incompatibilities

        result = fix_incompatibilities(
            settings,
            paths,
            state,
            level=level,
            with_proofs=prove,
            unsafe=unsafe_fixes,
            write=not diff,
            today=today,
            about=about,
        )
        finish(result, format, fail_on, verbose=verbose, outputs=outputs)
    with without_collector(), progress_bar() as progress:
        result = review(
            project,
            state,
            settings,
            today=today,
            level=level,
            with_proofs=prove,
            progress=progress,
            about=about,
        )
    result = with_policy_changes(result, settings, *policy_before(against, settings, os.environ))
    finish(result, format, fail_on, verbose=verbose, outputs=outputs)
