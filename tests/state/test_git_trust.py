"""A repository is a stranger's: nothing in it runs a command or chooses another base."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from schemareg.errors import GitError, UsageError
from schemareg.state import open_state
from schemareg.workspace import load_config

EVENT = '{"type":"record","name":"E","namespace":"a.b","fields":[]}'
BARE_CONFIG = """
[core]
 repositoryformatversion = 1
 bare = false
 worktree = .
 fsmonitor = "touch {mark}; false"
[extensions]
 partialClone = origin
[remote "origin"]
 url = .
 promisor = true
 uploadpack = "touch {mark}; false"
"""


def git(at: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=at, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A service's folder in a repository, with a configuration and one schema."""
    top = tmp_path / "repo"
    folder = top / "services" / "orders"
    (folder / "schemas").mkdir(parents=True)
    (folder / "schemas/E.avsc").write_text(EVENT, encoding="utf-8")
    (folder / "schemareg.toml").write_text('roots = ["schemas"]', encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "one")
    return folder


def test_a_folder_that_looks_like_a_bare_repository_is_not_taken_for_one(
    service: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "PWNED"
    top = service.parent.parent
    commit = git(top, "rev-parse", "HEAD")
    shutil.copytree(top / ".git" / "objects" / commit[:2], service / "objects" / commit[:2])
    (service / "objects/info").mkdir()
    (service / "objects/pack").mkdir()
    (service / "refs/heads").mkdir(parents=True)
    (service / "refs/heads/main").write_text(commit, encoding="utf-8")
    (service / "HEAD").write_text("ref: refs/heads/main", encoding="utf-8")
    (service / "config").write_text(BARE_CONFIG.format(mark=mark), encoding="utf-8")
    config = load_config(None, service)
    with pytest.raises((UsageError, GitError)):
        open_state("git:main", config=config)
    assert not mark.exists()


def test_a_partial_clone_is_not_completed_behind_the_user(service: Path, tmp_path: Path) -> None:
    top = service.parent.parent
    git(top, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{top}", "partial")
    partial = tmp_path / "partial"
    (partial / "services/orders").mkdir(parents=True)
    shutil.copy(service / "schemareg.toml", partial / "services/orders")
    with pytest.raises(GitError):
        open_state("git:HEAD", config=load_config(None, partial / "services/orders"))
