"""What the page is that a command prints on."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from schemareg.cli.output import page
from tests.cli.conftest import CHECKOUTS

VARIABLES = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", *CHECKOUTS)


class Terminal(io.StringIO):
    """A stdout that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("stdout", "environment", "colours"),
    [
        pytest.param(Terminal(), {}, True, id="terminal"),
        pytest.param(io.StringIO(), {}, False, id="file"),
        pytest.param(None, {}, False, id="closed"),
        pytest.param(Terminal(), {"TERM": "dumb"}, False, id="dumb-terminal"),
        pytest.param(Terminal(), {"NO_COLOR": "1"}, False, id="no-color"),
        pytest.param(Terminal(), {"NO_COLOR": ""}, True, id="empty-no-color"),
        pytest.param(io.StringIO(), {"FORCE_COLOR": "1"}, True, id="force-color"),
        pytest.param(
            io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="no-color-wins"
        ),
    ],
)
def test_colours(
    monkeypatch: pytest.MonkeyPatch,
    stdout: io.StringIO | None,
    environment: Mapping[str, str],
    colours: bool,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", stdout)
    assert page().colours is colours


@pytest.mark.parametrize(("columns", "width"), [("40", 40), ("132", 132), ("", 80), ("x", 80)])
def test_width(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "__stdout__", None)
    assert page().width == width


@pytest.mark.parametrize(
    ("below", "root"),
    [
        pytest.param("", "", id="at-the-top"),
        pytest.param("services/shop", "services/shop/", id="below-it"),
    ],
)
def test_root_is_what_leads_from_the_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, below: str, root: str
) -> None:
    (tmp_path / below).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / below)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path.resolve()))
    assert page().root == root


def test_root_is_empty_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "other"))
    assert page().root == ""
