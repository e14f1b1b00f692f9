"""What to compare with: a directory, a git commit, the snapshot, or a registry."""

from __future__ import annotations

import os
from pathlib import Path

from schemareg.errors import UsageError
from schemareg.state.base import Base, BaseVersion
from schemareg.state.directory import FilesBase
from schemareg.state.part import PartOfBase
from schemareg.state.registry import RegistryBase
from schemareg.state.snapshot import SnapshotBase, is_snapshot, open_snapshot, write_snapshot
from schemareg.workspace import Config, Project, schema_texts

__all__ = [
    "Base",
    "BaseVersion",
    "FilesBase",
    "PartOfBase",
    "RegistryBase",
    "SnapshotBase",
    "open_base",
    "open_snapshot",
    "write_snapshot",
]


def open_base(spec: str, *, config: Config, project: Project | None = None) -> Base:
    """The base that `spec` names: `snapshot`, `git:REF`, a registry's URL, or a directory.

    Raises:
        UsageError: there is no such thing.
        GitError: git is missing or failed.
    """
    if not spec.strip():
        raise UsageError(
            "nothing is named to compare with",
            advice="name a directory, git:REF, snapshot, or a registry's URL",
        )
    if spec == "snapshot":
        return open_snapshot(config.snapshot, config)
    if spec.startswith("git:"):
        from schemareg.state.git import open_git  # subprocess is not needed otherwise

        return open_git(spec.removeprefix("git:"), config)
    if spec.startswith(("http://", "https://")):
        # the HTTP client is not needed otherwise
        from schemareg.registry import connect_from_environment

        registry = connect_from_environment(spec, os.environ)
        return RegistryBase(registry, registry.shown_as, config)
    directory = (config.cwd / Path(spec)).resolve()
    if not directory.exists():
        raise UsageError(
            f"{spec!r} is nothing to compare with",
            advice="name a directory, git:REF, snapshot, or a registry's URL",
        )
    if is_snapshot(directory):
        return open_snapshot(directory, config)
    for root in config.roots:
        if directory.is_relative_to(root) or root.is_relative_to(directory):
            raise UsageError(
                f"{config.shown(directory)} holds the schemas under check: they would be compared"
                " with themselves",
                advice="compare with another directory, git:REF, snapshot, or a registry",
            )
    texts = schema_texts(config, [directory])
    if not texts:
        raise UsageError(
            f"there are no schemas in {config.shown(directory)} to compare with",
            advice="name the directory that holds the older *.avsc files, or a snapshot",
        )
    return FilesBase(config.shown(directory), texts, config)
