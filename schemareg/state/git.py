"""The files of a commit, read from git's objects; work tree and index are never touched."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from schemareg.errors import GitError, UsageError
from schemareg.state.directory import FilesBase
from schemareg.suggestions import did_you_mean
from schemareg.workspace import SNAPSHOT_MARK, SUFFIX, Config

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


def open_git(ref: str, config: Config) -> FilesBase:
    """The schema files below the roots as the commit `ref` has them.

    `REF...` is the commit where HEAD left REF: what others changed on REF since is not compared.

    Raises:
        UsageError: no such ref, no repository, or no schemas in that commit.
        GitError: git is missing or failed.
    """
    repository = _Repository(config)
    commit = repository.commit(ref)
    texts = list(repository.texts(commit, ref))
    if not texts:
        places = ", ".join(config.shown(root) for root in config.roots)
        raise UsageError(
            f"there are no schemas under {places} in git:{ref}",
            advice="compare with a commit that has them, or with the snapshot",
        )
    return FilesBase(f"git:{ref} ({commit[:10]})", texts, config, called=f"git:{ref}")


def _environment() -> dict[str, str]:
    """Ours, without what a git hook says of its own directory: the repository is found by path."""
    said = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    kept = {name: value for name, value in os.environ.items() if name not in said}
    return kept | _HARDENED_ENVIRONMENT


class _Repository:
    """The repository around a project; every answer comes from git's plumbing."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.start = config.source.parent if config.source else config.cwd
        found = self.git("rev-parse", "--show-toplevel")
        if found.returncode != 0:
            raise UsageError(
                f"{self.start} is not in a git repository",
                advice="compare with a directory, the snapshot, or a registry",
            )
        self.top = self.start = Path(found.stdout.decode().rstrip("\n")).resolve()

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
        """What git answers, when it must have one."""
        found = self.git(*arguments, given=given)
        if found.returncode != 0:
            told = found.stderr.decode(errors="replace").strip().splitlines()
            raise GitError(f"git {arguments[0]} failed: {told[-1] if told else 'no reason given'}")
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
            advice="fetch more history (a shallow clone cuts it off), or compare with the tip",
        )

    def named(self, ref: str) -> str:
        found = self.git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
        )
        if found.returncode == 0 and ref:
            return found.stdout.decode().strip()
        raise UsageError(f"git knows no commit {ref!r}", advice=self.way_out(ref))

    def way_out(self, ref: str) -> str:
        if self.done("rev-parse", "--is-shallow-repository").strip() == b"true":
            name = ref.removeprefix("origin/")
            return (
                "this clone is shallow: fetch the ref first, with"
                f" `git fetch --depth=1 origin {name}:refs/remotes/origin/{name}`, or check out"
                " with full history"
            )
        refs = self.done("for-each-ref", "--format=%(refname:short)").decode().split()
        return did_you_mean(ref, [*refs, "HEAD"])

    def texts(self, commit: str, ref: str) -> Iterator[tuple[str, bytes]]:
        """Path (as `REF:path`) and bytes of each schema file below the roots."""
        listed = self.listed(commit)
        folders = {path.rpartition("/")[0] for path in listed if path.endswith(f"/{SNAPSHOT_MARK}")}
        paths = [
            path
            for path in listed
            if path.endswith(SUFFIX) and "\n" not in path and path.rpartition("/")[0] not in folders
        ]
        wanted = "".join(f"{commit}:{path}\n" for path in paths).encode(errors="surrogateescape")
        answers = self.done("cat-file", "--batch", given=wanted)
        for path in paths:
            header, _, answers = answers.partition(b"\n")
            size = int(header.rsplit(b" ", 1)[1])
            yield f"{ref}:{path}", answers[:size]
            answers = answers[size + 1 :]

    def listed(self, commit: str) -> Sequence[str]:
        roots = [self.inside(root) for root in self.config.roots]
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
