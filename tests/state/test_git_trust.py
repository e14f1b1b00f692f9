"""A repository is a stranger's: nothing in it runs a command or chooses another base."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from schemareg.commands.state_notes import state_notes
from schemareg.errors import GitError, UsageError
from schemareg.state import open_state
from schemareg.subjects import Subject
from schemareg.workspace import load_config, load_project

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


def test_a_file_whose_name_has_a_line_feed_is_part_of_the_base(service: Path) -> None:
    odd = service / "schemas/E\nodd.avsc"
    (service / "schemas/E.avsc").rename(odd)
    git(service, "add", "-A")
    git(service, "commit", "-qm", "two")
    state = open_state("git:HEAD", config=load_config(None, service))
    (version,) = state.versions(Subject("a.b.E"))
    assert version.text == EVENT


def test_a_submodule_named_like_a_schema_is_no_schema(service: Path) -> None:
    commit = git(service, "rev-parse", "HEAD")
    path = "services/orders/schemas/x.avsc"
    git(service.parent.parent, "update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
    git(service, "commit", "-qm", "two")
    state = open_state("git:HEAD", config=load_config(None, service))
    assert [*state.subjects] == ["a.b.E"]


@pytest.mark.parametrize(
    ("command", "name", "message"),
    [
        pytest.param(
            ("tag", "main", "HEAD~1"),
            "main",
            "git:main is ambiguous: refs/tags/main and refs/heads/main are different commits",
            id="tag-like-a-branch",
        ),
        pytest.param(
            ("branch", "origin/main", "HEAD~1"),
            "origin/main",
            "git:origin/main is ambiguous: refs/heads/origin/main and refs/remotes/origin/main"
            " are different commits",
            id="branch-like-a-remote",
        ),
    ],
)
def test_a_name_of_several_commits_is_refused(
    service: Path, command: tuple[str, ...], name: str, message: str
) -> None:
    git(service, "commit", "-q", "--allow-empty", "-m", "two")
    git(service, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(service, *command)
    with pytest.raises(UsageError) as refusal:
        open_state(f"git:{name}", config=load_config(None, service))
    assert str(refusal.value).startswith(message)


def test_a_base_that_is_the_commit_itself_is_noted(service: Path) -> None:
    config = load_config(None, service)
    notes = state_notes(load_project(config), open_state("git:main", config=config))
    assert [(note.rule, note.message) for note in notes] == [
        (
            "state-note",
            "git:main is the commit that is checked out: only what is not committed is compared",
        )
    ]
