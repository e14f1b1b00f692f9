"""The state of a commit where a clone has not the whole history."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.state import open_state
from tests.state.commits import config_of, git, two_commits


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return two_commits(tmp_path)


def test_git_state_of_a_ref_missing_from_a_shallow_clone(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", "--no-tags", repository.as_uri(), "shallow")
    with pytest.raises(UsageError) as refusal:
        open_state("git:origin/release", config=config_of(tmp_path / "shallow"))
    assert "this clone is shallow" in str(refusal.value)
    assert "`git fetch --depth=1 origin release:refs/remotes/origin/release`" in str(refusal.value)


def test_git_state_of_a_relative_ref_in_a_shallow_clone(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", "--no-tags", repository.as_uri(), "shallow")
    with pytest.raises(UsageError) as refusal:
        open_state("git:HEAD~1", config=config_of(tmp_path / "shallow"))
    head = git(tmp_path / "shallow", "rev-parse", "HEAD").strip()
    assert str(refusal.value) == (
        "git knows no commit 'HEAD~1'; this clone is shallow, and its history may end before that:"
        f" fetch more of it, with `git fetch --deepen=100 origin {head}`"
    )
    git(tmp_path / "shallow", "fetch", "-q", "--deepen=100", "origin", head)
    assert open_state("git:HEAD~1", config=config_of(tmp_path / "shallow")).subjects


@pytest.mark.parametrize("with_tip", [False, True], ids=["no-branch", "its-tip"])
def test_git_state_of_the_start_of_a_branch_in_a_shallow_clone(
    repository: Path, tmp_path: Path, with_tip: bool
) -> None:
    git(repository, "switch", "-qc", "change")
    git(repository, "commit", "-qm", "three", "--allow-empty")
    git(repository, "commit", "-qm", "four", "--allow-empty")
    git(repository, "switch", "-q", "main")
    git(repository, "commit", "-qm", "another", "--allow-empty")
    shallow = tmp_path / "shallow"
    url = repository.as_uri()
    git(tmp_path, "clone", "-q", "--depth=1", "--no-tags", "--branch=change", url, "shallow")
    git(shallow, "checkout", "-q", "--detach")
    if with_tip:
        git(shallow, "fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(UsageError) as refusal:
        open_state("git:origin/main...", config=config_of(shallow))
    [command] = re.findall("`git (fetch --unshallow [^`]*)`", str(refusal.value))
    git(shallow, *command.split())
    state = open_state("git:origin/main...", config=config_of(shallow))
    assert state.origin.description.startswith("git:origin/main... (")
    assert list(state.subjects) == ["shop.Money"]
