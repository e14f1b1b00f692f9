"""The check of a change as its reviewers need it: verdicts, deprecations, approvals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from schemareg.commands.approvals import with_approvals
from schemareg.commands.broken_consumers import with_broken_consumers
from schemareg.commands.check import check_project
from schemareg.commands.check_result import CheckResult
from schemareg.commands.deprecations import with_deprecations
from schemareg.commands.progress import Progress, silent
from schemareg.findings import Diagnostic
from schemareg.state import RegistryState, Schemas
from schemareg.state.files import with_accepted_files
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Config, Project


def review(
    project: Project,
    state: RegistryState,
    config: Config,
    *,
    today: date,
    level: CompatibilityLevel | None = None,
    with_proofs: bool = False,
    progress: Progress = silent,
    about: Sequence[Diagnostic] = (),
) -> CheckResult:
    """The check of `project` against `state`, with what only the configuration knows.

    Consumers that cannot read it, fields that are removed without notice, reads of deprecated
    ones, and breaks that are approved `today`. `about` is what is reported of the state itself.

    Raises:
        UsageError, SchemaParseError: the reader schema of a consumer, where a subject changes or a
            field is deprecated.
    """
    project = with_accepted_files(project, state, config)
    schemas = Schemas(state, avro_version=project.avro_version, files=project.files)
    result = check_project(
        project,
        state,
        level=level,
        with_proofs=with_proofs,
        progress=progress,
        schemas=schemas,
    )
    result = replace(result, policy=(*result.policy, *about))
    result = with_broken_consumers(result, project, config, state)
    result = with_deprecations(result, project, schemas, config, today)
    return with_approvals(result, config.approvals, project, today)
