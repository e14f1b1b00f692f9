"""CPU of a command from its start to its end, in a process of its own, beside peers.

Ours are `--version`, `--help`, `lint` of one file and `check` of one file against a commit; the
peers are an empty Python, `import typer`, and Apache's Python avro that parses the same file. All
take turns, so that a busy machine slows all alike. Figures are milliseconds of CPU: the median, the
least, and the median as a multiple of the empty Python's, which a slow moment changes least. The
aims are for a machine on which the empty Python takes 11 ms, and are scaled by what it takes here.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 15
EMPTY_MS = 11.0
EMPTY = "python -c pass"
OURS = [sys.executable, "-m", "schemareg"]
AVRO = "import avro.schema; avro.schema.parse(open('schemas/Order.avsc', encoding='utf-8').read())"
COMMANDS: dict[str, tuple[list[str], float | None]] = {
    EMPTY: ([sys.executable, "-c", "pass"], None),
    "python -c 'import typer'": ([sys.executable, "-c", "import typer"], None),
    "avro-py parses the file": ([sys.executable, "-c", AVRO], None),
    "schemareg --version": ([*OURS, "--version"], None),
    "schemareg --help": ([*OURS, "--help"], 80.0),
    "schemareg lint, one file": ([*OURS, "lint", "--no-cache"], 100.0),
    "schemareg check, one file": ([*OURS, "check", "--against", "git:HEAD"], 130.0),
}
SCHEMA = {
    "type": "record",
    "name": "OrderPlaced",
    "namespace": "com.company.orders",
    "doc": "An order was placed.",
    "fields": [
        {"name": "orderId", "type": "string", "doc": "Its id."},
        {"name": "note", "type": ["null", "string"], "default": None, "doc": "What was said."},
    ],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    spent: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        write_repository(Path(folder))
        for turn in range(rounds + 1):
            for name, (command, _) in COMMANDS.items():
                ms = cpu_ms(command, Path(folder))
                if turn:  # the first compiles what is not compiled yet
                    spent[name].append(ms)
    empty = statistics.median(spent[EMPTY])
    print(f"{'ms of CPU':28} {'median':>7} {'least':>7} {'x empty':>8}")
    for name, (_, aim) in COMMANDS.items():
        median = statistics.median(spent[name])
        line = f"{name:28} {median:7.0f} {min(spent[name]):7.0f} {median / empty:8.1f}"
        if aim is not None:
            verdict = "met" if median <= aim * empty / EMPTY_MS else "MISSED"
            line += f"  (target {aim:g}, here {aim * empty / EMPTY_MS:.0f}: {verdict})"
        print(line)


def write_repository(folder: Path) -> None:
    """One schema file, committed."""
    (folder / "schemas").mkdir()
    (folder / "schemas" / "Order.avsc").write_text(json.dumps(SCHEMA, indent=2), encoding="utf-8")
    person = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    for words in (["init", "-q"], ["add", "-A"], [*person, "commit", "-qm", "schemas"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def cpu_ms(command: list[str], folder: Path) -> float:
    """CPU of one process, which must end well, with that of what it started."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, (command, child.returncode)
    return (usage.ru_utime + usage.ru_stime) * 1_000


if __name__ == "__main__":
    main()
