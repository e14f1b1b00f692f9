"""Check 1,000 files of 30 fields against a commit, beside Apache's Python avro that parses them.

Ours is the whole command, `schemareg check --against git:HEAD`, start-up and git included, in a
process of its own: with every file changed (one optional field more), and with none. Theirs is the
CPU of `avro.schema.parse` over the texts before and after, without start-up, reading or comparison.
Figures are seconds of process CPU, medians over the rounds, which take turns.
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
from typing import Any

FILES, FIELDS, ROUNDS = 1_000, 30, 3
MOST_S = 1.0
KINDS = ("string", "long", "double", "boolean", "int", "bytes")
THEIR_PARSE = """
import pathlib, sys, time
import avro.schema
files = [file for folder in sys.argv[1:] for file in pathlib.Path(folder).glob("*.avsc")]
texts = [file.read_text(encoding="utf-8") for file in files]
start = time.process_time()
for text in texts:
    avro.schema.parse(text)
print(time.process_time() - start)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    theirs, changed, unchanged = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before", Path(folder) / "after"
        for project in (before, after):
            write_schemas(project, more=False)
            commit(project)
        write_schemas(after, more=True)
        for _ in range(rounds):
            theirs.append(their_parse(before, after))
            changed.append(check(after, "1000 compatible"))
            unchanged.append(check(before, "1000 unchanged"))
    spent, parse = statistics.median(changed), statistics.median(theirs)
    verdict = "met" if spent <= MOST_S else "MISSED"
    print(f"{FILES} files of {FIELDS} fields against git:HEAD   seconds of CPU")
    print(f"  avro-py, parse before and after only  {parse:7.2f}")
    print(f"  schemareg check, all changed          {spent:7.2f}  (target {MOST_S:g}, {verdict})")
    print(f"  schemareg check, none changed         {statistics.median(unchanged):7.2f}")
    print(f"  all changed, as a multiple of avro-py {spent / parse:7.1f}")


def write_schemas(project: Path, *, more: bool) -> None:
    schemas = project / "schemas"
    schemas.mkdir(parents=True, exist_ok=True)
    for number in range(FILES):
        text = json.dumps(event(number, more=more), indent=2)
        (schemas / f"Part{number}Changed.avsc").write_text(text, encoding="utf-8")


def commit(project: Path) -> None:
    person = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    for words in (["init", "-q"], ["add", "-A"], [*person, "commit", "-qm", "schemas"]):
        subprocess.run(["git", *words], cwd=project, check=True)


def event(number: int, *, more: bool) -> dict[str, Any]:
    """A third of the fields are optional; with `more` there is one more of these."""
    fields: list[dict[str, Any]] = []
    for i in range(FIELDS + more):
        kind = KINDS[i % len(KINDS)]
        field: dict[str, Any] = {"name": f"part{number}Value{i}", "doc": f"Value {i} of the part."}
        if i % 3:
            field["type"] = kind
        else:
            field.update(type=["null", kind], default=None)
        fields.append(field)
    return {
        "type": "record",
        "name": f"Part{number}Changed",
        "namespace": "com.company.parts",
        "doc": f"Part {number} was changed.",
        "fields": fields,
    }


def their_parse(*projects: Path) -> float:
    folders = [str(project / "schemas") for project in projects]
    command = [sys.executable, "-c", THEIR_PARSE, *folders]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def check(project: Path, verdict: str) -> float:
    """CPU of one check and of the git it runs; its report must have `verdict`."""
    command = [sys.executable, "-m", "schemareg", "check", "--against", "git:HEAD"]
    with tempfile.TemporaryFile() as report:
        child = subprocess.Popen(command, cwd=project, stdout=report)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        report.seek(0)
        shown = " ".join(report.read().decode().split())
    assert child.returncode == 0, (child.returncode, shown)
    assert verdict in shown, shown
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
