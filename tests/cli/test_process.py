"""What only a process of its own can show: start-up, signals, pipes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

HEAVY = {
    "httpx", "rich", "confluent_kafka", "fastavro", "starlette", "uvicorn", "testcontainers",
    "docker", "jinja2", "sqlite3", "tomllib", "schemareg.lint", "schemareg.avro.parse.parser",
    "schemareg.compat", "schemareg.workspace", "schemareg.registry", "schemareg.brokers",
}  # fmt: skip


def started(*arguments: str, cwd: Path = REPOSITORY) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "schemareg", *arguments],
        cwd=cwd,
        env={k: v for k, v in os.environ.items() if not k.startswith("SCHEMAREG_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_module_is_the_command() -> None:
    out, err = started("--version").communicate(timeout=60)
    assert out.startswith("schemareg ")
    assert err == ""


@pytest.mark.parametrize("encoding", ["plain", "avro-json"])
def test_sample_lines_are_json_on_an_ascii_stream(encoding: str) -> None:
    arguments = ("sample", "OrderCreated", "Money", "--edges", "--encoding", encoding)
    done = subprocess.run(
        [sys.executable, "-m", "schemareg", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    lines = done.stdout.decode("ascii").splitlines()
    assert len([json.loads(line) for line in lines]) == len(lines) > 10


def test_help_imports_nothing_that_a_command_needs() -> None:
    program = (
        "import click, json, sys\n"
        "from schemareg.cli.commands import application\n"
        "application().get_help(click.Context(application()))\n"
        "json.dump(sorted(sys.modules), sys.stdout)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert HEAVY & set(json.loads(done.stdout)) == set()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        pytest.param(signal.SIGINT, 130, "schemareg: interrupted\n", id="ctrl-c"),
        pytest.param(signal.SIGTERM, 143, "", id="cancelled-by-ci"),
    ],
)
def test_a_round_trip_is_ended(
    tmp_path: Path, number: signal.Signals, code: int, said: str
) -> None:
    """While events are under way: at once, and by way of everything that has to be stopped."""
    shutil.copytree(REPOSITORY / "schemas", tmp_path / "schemas")
    shutil.copy(REPOSITORY / "schemareg.toml", tmp_path)
    running = started("roundtrip", "--events", "20000", "--verbose", cwd=tmp_path)
    assert running.stderr is not None
    assert running.stderr.readline().startswith("schemareg: configuration: ")
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (code, "", said)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_reader_that_goes_away_changes_no_answer(tmp_path: Path) -> None:
    """`schemareg lint | head -1` still says no with its exit code."""
    (tmp_path / "schemas").mkdir()
    for number in range(300):
        (tmp_path / "schemas" / f"Broken{number}.avsc").write_text("{", encoding="utf-8")
    running = started("lint", cwd=tmp_path)
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == (
        "schemareg: 300 schema files read, 300 judged, 0 passed over\n"
    )
    running.stderr.close()
    assert running.wait(timeout=60) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_stdout_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "schemareg", "lint"],
            cwd=REPOSITORY,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr == (
        "schemareg: error: the result cannot be written: No space left on device\n"
    )


@pytest.mark.parametrize("command", [("lint", "-v"), ("lint",), ("check", "-v")])
def test_a_closed_stderr_turns_nothing_green(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/a.avsc").write_text('{"type": "nope"}', encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as broken:
        done = subprocess.run(
            [sys.executable, "-m", "schemareg", *command],
            cwd=tmp_path, stderr=broken, stdout=subprocess.DEVNULL, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode in (1, 2)


def test_an_interrupt_while_starting_is_one_line() -> None:
    """The modules of a command are imported when it starts; a signal may come in the midst."""
    code = (
        "import schemareg.cli, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'schemareg.cli.commands': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "schemareg.cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "schemareg: interrupted\n")
