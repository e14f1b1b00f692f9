"""The job that publishes the catalog: its script runs as it is in docs/catalog.md."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
OWN = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]


def recipe() -> str:
    """The script of the step that pushes the pages."""
    text = (REPOSITORY / "docs/catalog.md").read_text(encoding="utf-8")
    block = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0]
    steps = yaml.safe_load(block)["jobs"]["catalog"]["steps"]
    [script] = [step["run"] for step in steps if "worktree" in step.get("run", "")]
    return str(script)


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *OWN, *arguments]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True, timeout=60
    ).stdout


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "--bare", "origin")
    git(tmp_path, "clone", "-q", str(tmp_path / "origin"), "main")
    (tmp_path / "main/schemareg.toml").write_text("", encoding="utf-8")
    git(tmp_path / "main", "add", "-A")
    git(tmp_path / "main", "commit", "-q", "-m", "first")
    git(tmp_path / "main", "push", "-q", "origin", "HEAD:main")
    return tmp_path / "origin"


def publish(origin: Path, number: int, folder: str, pages: dict[str, str]) -> list[str]:
    """One run of the job in a checkout of its own; the files of the branch afterwards."""
    top = origin.parent / f"run{number}"
    (top / "temp").mkdir(parents=True)
    git(top, "clone", "-q", "--branch", "main", str(origin), "work")
    for path, text in pages.items():
        (top / "temp/site" / path).parent.mkdir(parents=True, exist_ok=True)
        (top / "temp/site" / path).write_text(text, encoding="utf-8")
    environment = {
        **os.environ, "FOLDER": folder, "RUNNER_TEMP": str(top / "temp"),
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "commit.gpgsign",
        "GIT_CONFIG_VALUE_0": "false",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-e", "-c", recipe()], cwd=top / "work", env=environment,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return git(origin, "ls-tree", "-r", "--name-only", "gh-pages").split()


def test_pages_and_previews_are_beside_each_other(origin: Path) -> None:
    first = publish(origin, 1, ".", {"index.html": "a", "old/page.html": "a"})
    assert first == [".nojekyll", "index.html", "old/page.html"]
    preview = publish(origin, 2, "pull/7", {"index.html": "b"})
    assert preview == [*first[:2], "old/page.html", "pull/7/index.html"]
    merged = publish(origin, 3, ".", {"index.html": "b", "new/page.html": "b"})
    assert merged == [".nojekyll", "index.html", "new/page.html", "pull/7/index.html"]
    assert publish(origin, 4, "pull/7", {}) == [".nojekyll", "index.html", "new/page.html"]
    assert git(origin, "show", "gh-pages:index.html") == "b"
