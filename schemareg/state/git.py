"""The state of a commit, read from git's objects; work tree and index are never touched."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemareg.errors import GitError, UsageError
from schemareg.registry.api.state import Origin, RegistryState
from schemareg.state.files import SourceFile, state_of_files
from schemareg.suggestions import did_you_mean
from schemareg.workspace import SNAPSHOT_MARK, Config, Project
from schemareg.workspace.config_file import FILE_NAME, PYPROJECT, configures_us, parse_config
from schemareg.workspace.schema_paths import is_schema_path

_TIMEOUT_S = 60.0
# A repository is a stranger's: nothing in it may name a command to run or a place to fetch from.
_HARDENED = (
    "--no-pager",
    "--literal-pathspecs",
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never"),
)
_HARDENED_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}


# Where the target branch of a pull request is: GitHub, GitLab, Azure Pipelines.
_TARGETS = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
)
_DEFAULT_BRANCHES = ("origin/main", "origin/master", "main", "master")
_RELATIVE = re.compile(r"[~^]")


def read_git(ref: str, config: Config, project: Project | None = None) -> RegistryState:
    """The state that the commit `ref` describes, under the configuration that it has itself.

    `REF...` is the commit where HEAD left REF: what others changed on REF since is not compared.
    Where the commit has no configuration that can be read, today's counts.

    Raises:
        UsageError: no such ref, no repository, or no schemas in that commit.
        GitError: git is missing or failed.
    """
    repository = _Repository(config)
    commit = repository.commit(ref)
    then, notes = repository.config_of(commit, ref)
    files = tuple(repository.files(commit, ref, then or config))
    if not files:
        places = ", ".join(config.shown(root) for root in (then or config).roots)
        raise UsageError(
            f"there are no schemas under {places} in git:{ref}",
            advice="compare with a commit that has them, or with the snapshot",
        )
    origin = Origin(f"git:{ref} ({commit[:10]})", f"git:{ref}", notes)
    return state_of_files(files, origin, today=config, then=then, project=project)


def branch_to_merge_into(config: Config, environment: Mapping[str, str]) -> str | None:
    """The branch that a change here goes to: a CI job's target, else the default branch.

    None without a repository, or without such a branch in it.
    """
    for variable in _TARGETS:
        if target := environment.get(variable):
            return f"origin/{target.removeprefix('refs/heads/')}"
    try:
        repository = _Repository(config)
    except (UsageError, GitError):
        return None
    head = repository.git("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if head.returncode == 0:
        return head.stdout.decode().strip()
    for branch in _DEFAULT_BRANCHES:
        if repository.git("rev-parse", "--verify", "--quiet", branch).returncode == 0:
            return branch
    return None


def _environment() -> dict[str, str]:
    """Ours, without what git sets for a hook: the repository is found by path."""
    of_hooks = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    kept = {name: value for name, value in os.environ.items() if name not in of_hooks}
    return kept | _HARDENED_ENVIRONMENT


def _last_line(stderr: bytes) -> str:
    """The reason that git gives; of several lines the one with its verdict."""
    lines = stderr.decode(errors="replace").strip().splitlines()
    fatal = [line for line in lines if line.startswith("fatal:")]
    return (fatal or lines or ["no reason given"])[-1]


class _Repository:
    """The repository around a project, read through git's plumbing."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.start = config.source.parent if config.source else config.cwd
        found = self.git("rev-parse", "--show-toplevel")
        if found.returncode != 0:
            raise self.no_repository(_last_line(found.stderr))
        self.top = self.start = Path(found.stdout.decode().rstrip("\n")).resolve()

    def no_repository(self, reason: str) -> UsageError:
        """Why git finds no repository here; it refuses one that belongs to another user."""
        if "dubious ownership" in reason or "safe.directory" in reason:
            return UsageError(
                f"git refuses the repository around {self.start}, because it belongs to another"
                " user",
                advice=f"run: git config --global --add safe.directory {self._owned()}",
            )
        if "not a git repository" in reason:
            return UsageError(
                f"{self.start} is not in a git repository",
                advice="compare with a directory, the snapshot, or a registry",
            )
        return UsageError(f"git cannot use the repository around {self.start}: {reason}")

    def _owned(self) -> Path:
        """The top of the repository that git refuses."""
        tops = (path for path in (self.start, *self.start.parents) if (path / ".git").exists())
        return next(tops, self.start)

    def git(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ["git", *_HARDENED, *arguments],
                cwd=self.start,
                env=_environment(),
                input=given,
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except FileNotFoundError as error:
            raise GitError(
                "git is not installed", advice="install it, or compare with the snapshot"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git {arguments[0]} took longer than {_TIMEOUT_S:.0f} s") from error

    def done(self, *arguments: str, given: bytes = b"") -> bytes:
        """The output of a git command that must succeed."""
        found = self.git(*arguments, given=given)
        if found.returncode != 0:
            raise GitError(f"git {arguments[0]} failed: {_last_line(found.stderr)}")
        return found.stdout

    def commit(self, ref: str) -> str:
        """The id of the commit that `ref` names, or for `REF...` of the merge base with HEAD."""
        if not ref.endswith("..."):
            return self.named(ref)
        branch = self.named(ref.removesuffix("..."))
        found = self.git("merge-base", branch, "HEAD")
        if found.returncode == 0:
            return found.stdout.decode().strip()
        raise UsageError(
            f"git finds no commit that {ref.removesuffix('...')!r} and HEAD have in common",
            advice="fetch more history, with `git fetch --unshallow` where the clone is shallow, or"
            " compare with the tip",
        )

    def named(self, ref: str) -> str:
        found = self.git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
        )
        if found.returncode == 0 and ref:
            return found.stdout.decode().strip()
        raise UsageError(f"git knows no commit {ref!r}", advice=self.advice_on(ref))

    def advice_on(self, ref: str) -> str:
        """What helps against an unknown `ref`: in a shallow clone the history may end before it."""
        if self.done("rev-parse", "--is-shallow-repository").strip() == b"true":
            if _RELATIVE.search(ref):
                return (
                    "this clone is shallow, and its history may end before that: fetch more of"
                    " it, with `git fetch --deepen=100` or `git fetch --unshallow`"
                )
            name = ref.removeprefix("origin/")
            return (
                "this clone is shallow: fetch the ref first, with"
                f" `git fetch --depth=1 origin {name}:refs/remotes/origin/{name}`, or check out"
                " with full history"
            )
        refs = self.done("for-each-ref", "--format=%(refname:short)").decode().split()
        return did_you_mean(ref, [*refs, "HEAD"])

    def config_of(self, commit: str, ref: str) -> tuple[Config | None, tuple[str, ...]]:
        """The configuration that the commit has, and what to note where it cannot be read."""
        source = self.config.source or self.config.cwd / FILE_NAME
        for path in dict.fromkeys((source, source.parent / FILE_NAME, source.parent / PYPROJECT)):
            if not path.is_relative_to(self.top):
                continue
            raw = self.content(commit, path)
            if raw is None or (path.name == PYPROJECT and not configures_us(raw)):
                continue
            try:
                return parse_config(raw, path, self.config.cwd), ()
            except UsageError as error:
                note = f"the configuration of git:{ref} cannot be used: {error}; today's is used"
                return None, (note,)
        return None, ()

    def content(self, commit: str, path: Path) -> bytes | None:
        """The file at `path` as the commit has it, None where it has none."""
        found = self.git("cat-file", "blob", f"{commit}:{path.relative_to(self.top).as_posix()}")
        return found.stdout if found.returncode == 0 else None

    def files(self, commit: str, ref: str, config: Config) -> Iterator[SourceFile]:
        """Each schema file below the roots of `config`."""
        listed = self.listed(commit, config)
        roots = [self.inside(root) for root in config.roots]
        folders = {path.rpartition("/")[0] for path in listed if path.endswith(f"/{SNAPSHOT_MARK}")}
        paths = [
            path
            for path in listed
            if any(is_schema_path(path.removeprefix(f"{root}/")) for root in roots)
            and "\n" not in path
            and path.rpartition("/")[0] not in folders
        ]
        wanted = "".join(f"{commit}:{path}\n" for path in paths).encode(errors="surrogateescape")
        answers = self.done("cat-file", "--batch", given=wanted)
        for path in paths:
            header, _, answers = answers.partition(b"\n")
            size = int(header.rsplit(b" ", 1)[1])
            today = self.config.shown(self.top / path)
            yield SourceFile(today, f"{ref}:{path}", answers[:size])
            answers = answers[size + 1 :]

    def listed(self, commit: str, config: Config) -> Sequence[str]:
        roots = [self.inside(root) for root in config.roots]
        listed = self.done(
            "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", *roots
        )
        return [path.decode(errors="surrogateescape") for path in listed.split(b"\0") if path]

    def inside(self, root: Path) -> str:
        if not root.is_relative_to(self.top):
            raise UsageError(
                f"the root {self.config.shown(root)} is not in the git repository {self.top}",
                advice="compare with a directory, the snapshot, or a registry",
            )
        return root.relative_to(self.top).as_posix()


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """Paths below the top of the repository that differ between `base` and HEAD, sorted.

    A file that was moved counts at both paths. `texts` are the files at the wanted paths as
    `base` has them; one that it does not have is absent.
    """

    base: str
    paths: tuple[str, ...]
    texts: Mapping[Path, bytes]
    top: Path


def changed_files(ref: str, config: Config, wanted: Sequence[Path] = ()) -> ChangedFiles:
    """What HEAD changed since it left `ref`, and the files `wanted` as they were there.

    Raises:
        UsageError: no such ref, no repository, or no commit in common.
        GitError: git is missing or failed.
    """
    repository = _Repository(config)
    base = repository.commit(f"{ref.removesuffix('...')}...")
    listed = repository.done(
        "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-commit-id", base, "HEAD"
    )
    paths = [path.decode(errors="surrogateescape") for path in listed.split(b"\0") if path]
    texts = {
        path: text
        for path in wanted
        if path.is_relative_to(repository.top)
        and (text := repository.content(base, path)) is not None
    }
    return ChangedFiles(base, tuple(sorted(paths)), texts, repository.top)
