"""The commits that changed a project, and the project as one of them has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from schemareg.errors import GitError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.state.git import project_of, repository_of
from schemareg.workspace import Config, Project

COMMITS_MAX = 100_000
"""Commits that are listed; older ones do not count."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit on the way to HEAD; `at_s` is in seconds since 1970."""

    id: str
    at_s: int

    @property
    def month(self) -> str:
        """Such as 2026-11, in UTC."""
        return datetime.fromtimestamp(self.at_s, UTC).strftime("%Y-%m")


def commits_of(config: Config, manifest: Path | None) -> tuple[Commit, ...]:
    """The commits of HEAD's first parents that changed something that is counted, oldest first.

    That is a schema, the settings, the snapshot, or the manifest of services.

    Raises:
        UsageError: there is no repository, or no commit in it.
        GitError: git is missing or failed.
    """
    repository = repository_of(config)
    further = [path for path in (config.source, manifest, config.snapshot) if path is not None]
    places = [*config.roots, *further]
    inside = [path for path in places if repository.relative(path) is not None]
    if all(repository.relative(path) is None for path in config.roots):
        raise UsageError("no root is in the git repository", advice="run it where the schemas are")
    listed = repository.done(
        "log", "--first-parent", "--format=%H %ct", f"--max-count={COMMITS_MAX}", "HEAD", "--",
        *(path.as_posix() for path in inside),
    )  # fmt: skip
    rows = [line.split() for line in listed.decode().splitlines()]
    return tuple(Commit(name, int(at_s)) for name, at_s in reversed(rows))


def sampled(commits: tuple[Commit, ...], most: int) -> tuple[Commit, ...]:
    """All of few commits; of more than `most` the last of each month, the newest `most`."""
    if len(commits) > most:
        commits = tuple({commit.month: commit for commit in commits}.values())
    return commits[-most:]


def projects_of(
    commits: tuple[Commit, ...], config: Config, manifest: Path | None
) -> Iterator[tuple[Commit, Project, Config, bytes | None]]:
    """Each commit with its project, its settings, and the file `manifest` as it has it.

    A commit that cannot be read, or has no schemas where today's settings look, is left out.
    """
    for commit in commits:
        try:
            yield commit, *project_of(commit.id, config, manifest)
        except (UsageError, GitError):
            continue
