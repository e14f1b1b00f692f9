"""Hostile texts through every command in every format: nothing of them acts on who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from schemareg.cli.commands import COMMANDS, find_command
from schemareg.report import Format
from tests.cli.conftest import Answer, Schemareg, application, here, schemareg
from tests.hostile.projects import OLD, PROJECTS, SCHEMA
from tests.hostile.registry import Manner, hostile_registry
from tests.hostile.texts import EVIL, HUGE, IN_URL, violations

__all__ = ["application", "here", "schemareg"]

DEPLOYED = ["--to", "production"]
# Arguments of each command on a hostile repository; REGISTRY is a registry's URL.
ROWS: Mapping[str, Sequence[Sequence[str]]] = {
    "init": [["--registry", "REGISTRY"]],
    "lint": [[], ["--diff"], [EVIL]],
    "fmt": [["--check"], ["--diff"]],
    "check": [[], ["--prove"], ["--against", "REGISTRY"], ["--diff"], ["--against", EVIL]],
    "ci": [[]],
    "register": [["--registry", "REGISTRY"]],
    "plan": [["--registry", "REGISTRY"], ["--registry", "REGISTRY", "--out", "plan.json"]],
    "apply": [["plan.json", "--registry", "REGISTRY", "--yes"]],
    "rollback": [["plan.json", "--registry", "REGISTRY"]],
    "promote": [["--from", "a", "--to", EVIL]],
    "drift": [["--registry", "REGISTRY"], ["--registry", "REGISTRY", "--all"]],
    "roundtrip": [["--registry", "REGISTRY", "--broker", "embedded", "--matrix"]],
    "verify": [["--registry", "REGISTRY", "--broker", "embedded"]],
    "graph": [[], ["--draw", "mermaid"], ["--draw", "dot"]],
    "contracts": [[]],
    "can-i-deploy": [[f"{EVIL}@1", *DEPLOYED], ["web@1", *DEPLOYED]],
    "record-version": [[f"{EVIL}@1"], ["web@1"]],
    "record-deployment": [[f"{EVIL}@1", *DEPLOYED], ["web@1", *DEPLOYED]],
    "record-release": [[f"{EVIL}@1", *DEPLOYED], ["web@1", *DEPLOYED]],
    "record-support-ended": [[f"{EVIL}@1", *DEPLOYED], ["web@1", *DEPLOYED]],
    "impact": [["--against", "snapshot"], ["--against", "snapshot", "--pipeline", "github"]],
    "order": [["--against", "snapshot"]],
    "diff": [["t-value@1", "t-value"], [EVIL, "t-value"]],
    "fingerprint": [[]],
    "rules": [[], [EVIL]],
    "sample": [["E", "--edges"], [EVIL]],
    "fixtures generate": [[]],
    "fixtures check": [[]],
    "generate python": [["events.py"]],
    "pull": [["--registry", "REGISTRY"], ["--registry", "REGISTRY", "--all"]],
    "catalog build": [["--out", "site"]],
    "metrics": [[], ["--lines"]],
    "services discover": [
        ["--broker", "127.0.0.1:9"],
        ["--registry", "REGISTRY", "--broker", "embedded"],
        ["--registry", "REGISTRY", "--broker", "embedded", "--topic", EVIL],
    ],
    "services import": [
        ["services.toml", "--as", "asyncapi"],
        ["foreign.json", "--as", "asyncapi"],
    ],
    "services export": [["exported", "--as", "asyncapi"], ["info.yaml", "--as", "backstage"]],
    "registry backup": [["-", "--db", EVIL]],
    "canary": [["--topic", EVIL, "--for", "1s", "--broker", "127.0.0.1:9"]],
    "chains": [["foreign.json"], ["foreign.json", "--draw", EVIL]],
    "rehearse": [[]],
    "config show": [[], ["schemas/E.avsc"], [EVIL]],
    "registry export": [["-", "--db", EVIL]],
    "registry release": [[EVIL]],
    "registry health": [["REGISTRY"], [EVIL]],
    "registry restore": [["schemas/E.avsc", "--db", "new.db"]],
    "registry import": [["schemas/E.avsc", "--db", "new.db"]],
}
# What prints one value of its own, or serves until it is stopped.
LEFT_OUT = {"registry hash-password", "serve", "lsp", "catalog serve"}


def test_every_command_has_a_row() -> None:
    assert {name for name, *_ in COMMANDS} == ROWS.keys() | LEFT_OUT


@pytest.fixture(scope="session")
def options() -> Mapping[str, set[str]]:
    """The options of each command."""
    commands = {name: find_command(name) for name in ROWS}
    return {
        name: {option for each in command.params for option in each.opts}
        for name, command in commands.items()
        if command
    }


@pytest.mark.parametrize("project", PROJECTS, ids=lambda build: build.__name__)
@pytest.mark.parametrize("command", ROWS)
def test_a_hostile_repository(
    here: Path,
    schemareg: Schemareg,
    options: Mapping[str, set[str]],
    project: Callable[[Path], None],
    command: str,
) -> None:
    project(here)
    shown = [
        (row, *each)
        for row in ROWS[command]
        for each in _in_every_format(schemareg, here, options[command], command, row, f"{IN_URL}:9")
    ]
    assert _wrong(shown) == []


WITH_REGISTRY = [name for name, rows in ROWS.items() if any("REGISTRY" in row for row in rows)]


@pytest.mark.parametrize("evil", [EVIL, HUGE], ids=["evil", "huge"])
@pytest.mark.parametrize("manner", ["answers", "refuses", "rambles", "strays"])
@pytest.mark.parametrize("command", WITH_REGISTRY)
def test_a_hostile_registry(
    here: Path,
    schemareg: Schemareg,
    options: Mapping[str, set[str]],
    command: str,
    manner: Manner,
    evil: str,
) -> None:
    if command != "init":
        PROJECTS[0](here)
    with hostile_registry(manner, evil, OLD if manner == "strays" else SCHEMA) as url:
        shown = [
            (row, *each)
            for row in ROWS[command]
            if "REGISTRY" in row
            for each in _in_every_format(schemareg, here, options[command], command, row, url)
        ]
    assert _wrong(shown) == []


Shown = tuple[str, str]


def _in_every_format(
    schemareg: Schemareg,
    here: Path,
    options: set[str],
    command: str,
    row: Sequence[str],
    registry: str,
) -> Iterator[Shown]:
    """The format and text of each output; "stderr" for what is noted."""
    words = [*command.split(), *(registry if word == "REGISTRY" else word for word in row)]
    if "--registry-tries" in options:
        words += ["--registry-tries", "1"]
    if "--output" in options:
        files = {format: here / f"out.{format}" for format in Format}
        outputs = [f"--output={format}={file.name}" for format, file in files.items()]
        answer = schemareg(*words, *outputs)
        yield from _of(answer, "text")
        for format, file in files.items():
            if file.exists() and "--draw" not in words:
                yield format, file.read_text(encoding="utf-8")
    elif "--format" in options and "--pipeline" not in words:
        for format in Format:
            yield from _of(schemareg(*words, "--format", format), format)
    else:
        yield from _of(schemareg(*words), "text")


def _of(answer: Answer, format: str) -> Iterator[Shown]:
    assert answer.code != 70, answer.err
    yield format, answer.out
    yield "stderr", answer.err


def _wrong(shown: Sequence[tuple[Sequence[str], str, str]]) -> list[tuple[str, str, str]]:
    return [
        (" ".join(row)[:40], format, violation)
        for row, format, text in shown
        for violation in violations(text, format)
        if text
    ]
