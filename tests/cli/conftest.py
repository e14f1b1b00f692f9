"""The command as a user runs it: a process of its own, in a directory of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest


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
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def schemareg(here: Path) -> Schemareg:
    """`schemareg("lint", "schemas")` in the empty directory."""

    def run(*arguments: str, environment: Mapping[str, str] = {}) -> Answer:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SCHEMAREG_")}
        done = subprocess.run(
            [sys.executable, "-m", "schemareg", *arguments],
            cwd=here,
            env={**kept, "COLUMNS": "80", "NO_COLOR": "1", **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return run
