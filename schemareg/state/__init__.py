"""RegistryState, read from a directory, a git commit, the snapshot, a registry, or a bundle.

Each source is a row of `sources`, and has one function in a module of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemareg.registry.api.state import Origin, RegistryState, StoredVersion, SubjectState
from schemareg.state.directory import read_directory
from schemareg.state.files import state_of_project
from schemareg.state.schemas import Schemas, SchemaVersion
from schemareg.state.snapshot import (
    has_snapshot,
    read_snapshot,
    snapshot_subjects,
    write_snapshot,
)
from schemareg.state.sources import VERSIONS, Asked, source_of
from schemareg.subjects import Subject
from schemareg.workspace import Config, Project

__all__ = [
    "VERSIONS",
    "Origin",
    "RegistryState",
    "SchemaVersion",
    "Schemas",
    "StoredVersion",
    "SubjectState",
    "default_base",
    "has_snapshot",
    "open_state",
    "read_directory",
    "read_snapshot",
    "snapshot_subjects",
    "state_of_project",
    "subjects_of_interest",
    "write_snapshot",
]


def open_state(
    spec: str,
    *,
    config: Config,
    project: Project | None = None,
    wanted: Iterable[Subject] | None = None,
) -> RegistryState:
    """The state that `spec` names: `snapshot`, `versions`, `git:REF`, a URL, a directory, a bundle.

    `project` is what it will be compared with. Of a registry only `wanted` (None: every subject)
    and what they refer to are read.

    Raises:
        UsageError: there is no such thing.
        ContentError: a snapshot or bundle that is not whole.
        GitError: git is missing or failed.
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer.
    """
    asked = Asked(spec, config, project, wanted)
    return source_of(asked).read(asked)


def default_base(config: Config, environment: Mapping[str, str]) -> str:
    """What a change is compared with where nothing is named.

    The snapshot, where the project has one; else the earlier versions, where its files describe
    any; else the commit where the branch left the branch that it is merged into.
    """
    if has_snapshot(config):
        return "snapshot"
    if config.versions:
        return VERSIONS
    from schemareg.state.git import branch_to_merge_into  # subprocess is not needed otherwise

    branch = branch_to_merge_into(config, environment)
    return f"git:{branch}..." if branch else "snapshot"


def subjects_of_interest(project: Project, config: Config) -> tuple[Subject, ...]:
    """What a comparison of `project` with a registry needs: its subjects and the snapshot's.

    Those of the snapshot were the project's when it was taken; of a part of the project, only
    its own subjects.
    """
    own = [s.subject for s in project.subjects if project.is_concerned(s)]
    own += [s.subject for s in project.retired]
    if project.selected is None:
        own += sorted(snapshot_subjects(config.snapshot))
    return tuple(dict.fromkeys(own))
