"""What works without any extra, and what names the extra that it needs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from schemareg.report import Format

REPOSITORY = Path(__file__).parents[2]

# Runs each command of standard input in one process that has nothing but the base dependencies.
SCRIPT = """
import contextlib, importlib.abc, io, json, sys

ABSENT = {
    "uvicorn", "starlette", "httptools", "uvloop", "jinja2", "prometheus_client", "argon2",
    "bcrypt", "jwt", "confluent_kafka", "fastavro", "testcontainers", "docker", "opentelemetry",
    "pytest", "hypothesis",
}


class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Absent())
from schemareg.cli.commands import application

app = application()
answers = []
for arguments in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            app(arguments, prog_name="schemareg")
        except SystemExit as end:
            answers.append([end.code or 0, out.getvalue(), err.getvalue()])
json.dump(answers, sys.stdout)
"""


COUNTED = re.compile(r"schemareg: \d+ [a-z ]+ read, \d+ judged, 0 passed over\n")


def answers(*commands: list[str]) -> list[tuple[int, str, str]]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=REPOSITORY,
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(int(code), out, err) for code, out, err in json.loads(done.stdout)]


def test_base_commands_work_in_every_format() -> None:
    commands = [
        [command, *arguments, "--format", format.value]
        for command, *arguments in (
            ("lint",),
            ("check", "--prove"),
            ("diff", "carts-value@1", "carts-value"),
            ("rules", "money-as-double"),
            ("sample", "OrderCreated", "--edges"),
            ("fingerprint", "schemas/shared/Money.avsc"),
        )
        for format in Format
    ]
    refused = {
        " ".join(command): (code, err)
        for command, (code, _, err) in zip(commands, answers(*commands), strict=True)
        if code != 0 or not COUNTED.fullmatch(err)
    }
    assert refused == {}


@pytest.mark.parametrize(
    ("extra", "commands"),
    [
        pytest.param("kafka", [["roundtrip"], ["verify"], ["roundtrip", "--broker", "a:1"]]),
        pytest.param("server", [["serve", "--port", "0"], ["register", "--registry", "embedded"]]),
    ],
)
def test_what_needs_an_extra_names_it(extra: str, commands: list[list[str]]) -> None:
    for code, out, err in answers(*commands):
        assert (code, out) == (2, "")
        assert err.endswith(f"run: pip install 'schemareg[{extra}]'\n")
        assert len(err.splitlines()) == 1
