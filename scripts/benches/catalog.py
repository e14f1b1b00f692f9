"""Seconds, memory and bytes of the catalog of a large project, built by the command itself.

A thousand subjects with ten registered versions each, and a hundred services that use them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from schemareg.registry.api.state import RegistryState, StoredVersion, SubjectState
from schemareg.state.snapshot import write_snapshot
from schemareg.subjects import Subject, Version

FIELDS = 10
CONSUMERS = 3


def text_of(event: int, version: int) -> str:
    """An event that has one optional field more in each version."""
    fields: list[dict[str, object]] = [
        {"name": f"field{n}", "type": "string", "doc": f"What field {n} of the event means."}
        for n in range(FIELDS)
    ]
    for n in range(version - 1):
        fields.append({"name": f"later{n}", "type": ["null", "long"], "default": None})
    schema = {"type": "record", "name": f"load.E{event}", "doc": "An event.", "fields": fields}
    return json.dumps(schema, indent=2)


def write_project(folder: Path, subjects: int, versions: int, services: int) -> None:
    (folder / "schemas").mkdir()
    topics = [f'[topics.t{n}]\nevents = ["load.E{n}"]\n' for n in range(subjects)]
    settings = 'roots = ["schemas"]\nsnapshot = "registered"\n' + "\n".join(topics)
    (folder / "schemareg.toml").write_text(settings, encoding="utf-8")
    states = {}
    for event in range(subjects):
        subject = Subject(f"t{event}-value")
        texts = [text_of(event, version) for version in range(1, versions + 1)]
        (folder / f"schemas/E{event}.avsc").write_text(texts[-1], encoding="utf-8")
        held = tuple(
            StoredVersion(Version(n), text, id=event * versions + n)
            for n, text in enumerate(texts, start=1)
        )
        states[subject] = SubjectState(subject, held)
    write_snapshot(folder / "registered", RegistryState(states))
    lines: list[str] = []
    for n in range(services):
        lines += [f"[services.s{n}]", f'owner = "team-{n % 10}"']
        lines += [f'paths = ["services/s{n}/**"]']
        own = range(n, subjects, services)
        read = [(e + 1 + k * 7) % subjects for e in own for k in range(CONSUMERS)]
        lines.append("produces = [" + ", ".join(_use(e) for e in own) + "]")
        lines.append("consumes = [" + ", ".join(_use(e) for e in dict.fromkeys(read)) + "]")
    (folder / "services.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _use(event: int) -> str:
    return f'{{ event = "load.E{event}", topic = "t{event}" }}'


def build(folder: Path, label: str) -> None:
    # a cache of its own: what the user built before does not count
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    command = [sys.executable, "-m", "schemareg", "catalog", "build", "--out", "site"]
    before = os.times()
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    used = os.times()
    cpu = used.children_user + used.children_system - before.children_user - before.children_system
    files = [path.stat().st_size for path in (folder / "site").rglob("*") if path.is_file()]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{label:14} {seconds:6.1f} s ({cpu:.1f} s CPU)  {peak:6.0f} MiB  {len(files):6} files"
        f"  {sum(files) / 1e6:7.1f} MB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=1_000)
    parser.add_argument("--versions", type=int, default=10)
    parser.add_argument("--services", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, options.subjects, options.versions, options.services)
        build(folder, "first build")
        build(folder, "nothing new")
        first = folder / "schemas/E0.avsc"
        text = first.read_text(encoding="utf-8").replace("An event.", "The event.")
        first.write_text(text, encoding="utf-8")
        build(folder, "one change")


if __name__ == "__main__":
    main()
