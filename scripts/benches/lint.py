"""Lint 1,000 files of 30 fields from cold, beside Apache's Python avro that only parses them.

Ours is the whole command, `schemareg lint` with the recommended preset, start-up included, in a
process of its own; theirs is the CPU of `avro.schema.parse` over the same texts, without start-up.
Then the same with the cache that this run left, and the growth with the number of diagnostics in
one file. Figures are seconds of process CPU, medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FILES, FIELDS, ROUNDS = 1_000, 30, 5
MOST_RATIO = 4.0
MOST_S = 0.3
REPORTED_FIELDS = (100, 200, 400, 800)
KINDS = ("string", "long", "double", "boolean", "int", "bytes")
THEIR_PARSE = """
import pathlib, sys, time
import avro.schema
texts = [p.read_text(encoding="utf-8") for p in sorted(pathlib.Path("schemas").glob("*.avsc"))]
start = time.process_time()
for text in texts:
    avro.schema.parse(text)
print(time.process_time() - start)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        write_project(project)
        theirs, ours, again, one = [], [], [], []
        for turn in range(rounds):  # turn by turn, so that a busy machine slows all
            shutil.rmtree(project / "cache", ignore_errors=True)
            theirs.append(their_parse(project))
            ours.append(lint(project))
            again.append(lint(project))
            change(project, turn)
            one.append(lint(project))
        ratio = statistics.median(ours) / statistics.median(theirs)
        print(f"{FILES} files of {FIELDS} fields")
        print(f"  avro-py, parse only     {statistics.median(theirs):7.2f} s")
        print(f"  schemareg lint, cold    {statistics.median(ours):7.2f} s")
        verdict = "met" if ratio <= MOST_RATIO else "MISSED"
        print(f"  ratio                   {ratio:7.1f}x  (target {MOST_RATIO:g}x, {verdict})")
        spent = statistics.median(one)
        verdict = "met" if spent < MOST_S else "MISSED"
        print(f"  nothing changed         {statistics.median(again):7.2f} s")
        print(f"  one file changed        {spent:7.2f} s  (target {MOST_S:g} s, {verdict})\n")
    print("reported fields in one file     problems   warnings")
    for count in REPORTED_FIELDS:
        spent = []
        for write, code in ((write_bad, 1), (write_doubtful, 0)):
            with tempfile.TemporaryDirectory() as folder:
                write(Path(folder), count)
                spent.append(statistics.median(lint(Path(folder), code) for _ in range(rounds)))
        print(f"  {count:5}                      {spent[0]:7.2f} s  {spent[1]:7.2f} s")


def write_project(project: Path) -> None:
    (project / "schemas").mkdir()
    (project / "schemareg.toml").write_text('roots = ["schemas"]\n', encoding="utf-8")
    for number in range(FILES):
        text = json.dumps(event(number), indent=2)
        (project / "schemas" / f"Part{number}Changed.avsc").write_text(text, encoding="utf-8")


def change(project: Path, turn: int) -> None:
    """Another doc in one file."""
    path = project / "schemas" / "Part7Changed.avsc"
    text = path.read_text(encoding="utf-8").replace("was changed", f"was changed {turn}")
    path.write_text(text, encoding="utf-8")


def event(number: int) -> dict[str, Any]:
    """An event on which no rule of the recommended preset reports anything."""
    instant = {"type": "long", "logicalType": "timestamp-millis"}
    fields: list[dict[str, Any]] = [
        {"name": "eventId", "type": "string", "doc": "Identity of the event."},
        {"name": "occurredAt", "type": instant, "doc": "When the part changed."},
    ]
    for i in range(FIELDS - len(fields)):
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


def write_bad(project: Path, count: int) -> None:
    """One file whose every second field has an unknown type, and every other a bad default."""
    write_one(
        project,
        [
            {"name": f"f{i}", "type": f"Missing{i}"}
            if i % 2
            else {"name": f"f{i}", "type": "int", "default": "x"}
            for i in range(count)
        ],
    )


def write_doubtful(project: Path, count: int) -> None:
    """One file whose every field is money as a double."""
    write_one(project, [{"name": f"price{i}", "type": "double"} for i in range(count)])


def write_one(project: Path, fields: list[dict[str, Any]]) -> None:
    (project / "schemas").mkdir()
    (project / "schemareg.toml").write_text('roots = ["schemas"]\n', encoding="utf-8")
    record = {"type": "record", "name": "Paid", "namespace": "n", "fields": fields}
    (project / "schemas" / "Paid.avsc").write_text(json.dumps(record, indent=2), encoding="utf-8")


def their_parse(project: Path) -> float:
    command = [sys.executable, "-c", THEIR_PARSE]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    return float(done.stdout)


def lint(project: Path, code: int = 0) -> float:
    """CPU of one `schemareg lint` in `project`, which must end with the exit code `code`."""
    command = [sys.executable, "-m", "schemareg", "lint"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(project / "cache")}
    child = subprocess.Popen(command, cwd=project, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == code, child.returncode
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
