"""What an author waits for: lint, fmt, check and ci over 1,000 files, beside avro-py's parse.

Each is a whole command in a process of its own, start-up included: cold, which is without a cache,
and again with one file changed since the commit. Theirs is the CPU of `avro.schema.parse` over the
same texts, without start-up. Figures are seconds of process CPU, medians over the rounds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from lint import FIELDS, FILES, change, their_parse, write_project

ROUNDS = 3
COMMANDS = (("lint",), ("fmt", "--check"), ("check",), ("ci",))
CONFIG = 'roots = ["schemas"]\nlevel = "BACKWARD"\n[fmt]\nindent = 2\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        write_project(project)
        (project / "schemareg.toml").write_text(CONFIG, encoding="utf-8")
        (project / ".gitignore").write_text("cache/\n", encoding="utf-8")
        run(project, ("fmt",), {0})
        git(project, "init", "-q", "-b", "main")
        git(project, "add", ".")
        git(project, "commit", "-qm", "Add the events")
        theirs: list[float] = []
        cold: dict[tuple[str, ...], list[float]] = {command: [] for command in COMMANDS}
        changed: dict[tuple[str, ...], list[float]] = {command: [] for command in COMMANDS}
        for turn in range(rounds):  # turn by turn, so that a busy machine slows all
            theirs.append(their_parse(project))
            git(project, "checkout", "-q", "--", ".")
            for command in COMMANDS:
                shutil.rmtree(project / "cache", ignore_errors=True)
                cold[command].append(run(project, command, {0}))
            change(project, turn)
            for command in COMMANDS:
                run(project, ("lint",), {0})  # the cache that an editor or a hook left
                changed[command].append(run(project, command, {0}))
        peer = statistics.median(theirs)
        print(f"{FILES} files of {FIELDS} fields           cold   one changed   cold / parse")
        print(f"  avro-py, parse only     {peer:7.2f} s")
        for command in COMMANDS:
            first, again = statistics.median(cold[command]), statistics.median(changed[command])
            shown = f"schemareg {' '.join(command)}"
            print(f"  {shown:23} {first:7.2f} s {again:10.2f} s {first / peer:12.1f}x")


def run(project: Path, command: tuple[str, ...], codes: set[int]) -> float:
    """CPU of one command in `project`, which must end with one of the exit codes `codes`."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(project / "cache")}
    child = subprocess.Popen(
        [sys.executable, "-m", "schemareg", *command],
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode in codes, (command, child.returncode)
    return usage.ru_utime + usage.ru_stime


def git(project: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Author", "-c", "user.email=author@company.example")
    subprocess.run(["git", *identity, *arguments], cwd=project, check=True, capture_output=True)


if __name__ == "__main__":
    main()
