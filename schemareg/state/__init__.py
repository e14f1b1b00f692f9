"""RegistryState, read from a directory, a git commit, the snapshot, a registry, or a bundle.

Each source has one function in a module of its own; `open_state` chooses among them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from schemareg.errors import UsageError
from schemareg.registry.api.address import is_registry_url
from schemareg.registry.api.state import Origin, RegistryState, StoredVersion, SubjectState
from schemareg.state.directory import read_directory
from schemareg.state.files import state_of_project, state_of_versions
from schemareg.state.schemas import Schemas, SchemaVersion
from schemareg.state.snapshot import (
    has_snapshot,
    is_snapshot,
    read_snapshot,
    snapshot_subjects,
    write_snapshot,
)
from schemareg.subjects import Subject
from schemareg.workspace import Config, Project
from schemareg.workspace.files import exists

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

_SOURCES = "name a directory, git:REF, snapshot, versions, a bundle, or a registry's URL"
VERSIONS = "versions"
"""What names the earlier versions that the project's own files describe."""


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
    if not spec.strip():
        raise UsageError("nothing is named to compare with", advice=_SOURCES)
    if spec == "snapshot":
        return read_snapshot(config.snapshot, config)
    if spec == VERSIONS:
        if project is None or not config.versions:
            raise UsageError(
                "the files describe no earlier versions: versions is not set",
                advice='set versions = ["folders"] (or files, namespaces), or compare with another',
            )
        return state_of_versions(project)
    if spec.startswith("git:"):
        from schemareg.state.git import read_git  # subprocess is not needed otherwise

        return read_git(spec.removeprefix("git:"), config, project)
    if is_registry_url(spec):
        # the HTTP client is not needed otherwise
        from schemareg.registry import connect_from_environment
        from schemareg.registry.client.environment import patience_in
        from schemareg.state.registry import read_registry

        patience = patience_in(
            os.environ, flags=config.registry_flags, table=config.registry_patience
        )
        with connect_from_environment(spec, os.environ, patience=patience) as registry:
            state = read_registry(registry, registry.shown_as, wanted)
            return state if state.subjects else _with_note(state, registry.shown_as)
    place = (config.cwd / Path(spec)).resolve()
    if not exists(place, config.shown(place)):
        raise UsageError(f"{spec!r} is nothing to compare with", advice=_SOURCES)
    if place.suffix == ".json":
        from schemareg.state.bundle import read_bundle

        return read_bundle(place, config.shown(place))
    if is_snapshot(place):
        return read_snapshot(place, config)
    return read_directory(place, config, project)


def _with_note(state: RegistryState, registry: str) -> RegistryState:
    """`state`, which has no subject, with the note that nothing was compared."""
    note = f"{registry} holds no version of any subject here: every subject counts as new"
    notes = (*state.origin.notes, note)
    return replace(state, origin=replace(state.origin, notes=notes))


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
