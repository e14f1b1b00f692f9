"""The command as a user runs it, in a directory of its own."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import click
import pytest

from schemareg.cli.commands import application as made

CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY")
COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION")
PLAIN = {"COLUMNS": "80", "NO_COLOR": "1"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a finished command said."""

    code: int
    out: str
    err: str


class Schemareg(Protocol):
    """Runs `schemareg` with arguments in the test's directory."""

    def __call__(self, *arguments: str, environment: Mapping[str, str] = ...) -> Answer: ...


@pytest.fixture
def here(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An empty working directory, and an environment without settings of ours."""
    for name in os.environ:
        if name.startswith("SCHEMAREG_") or name in (*CHECKOUTS, *COMMITS):
            monkeypatch.delenv(name)
    for name, value in PLAIN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def application() -> click.Group:
    """The application with its commands, as `schemareg.cli.main` makes it."""
    return made()


@pytest.fixture
def schemareg(here: Path, application: click.Group, monkeypatch: pytest.MonkeyPatch) -> Schemareg:
    """`schemareg("lint", "schemas")` in the empty directory, in this process."""

    def run(*arguments: str, environment: Mapping[str, str] = {}) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with monkeypatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name, value in environment.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as end:
                application(list(arguments), prog_name="schemareg")
        return Answer(int(end.value.code or 0), out.getvalue(), err.getvalue())

    return run
