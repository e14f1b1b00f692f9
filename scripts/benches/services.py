"""Graph, impact and order of a large platform, the waves beside networkx on the same graph.

Every event has one producer and consumers that come later, so that there is no cycle. First in
memory; then the whole commands on a project in files, beside what reads no more than its TOML.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TypeVar

import networkx

sys.path.insert(0, str(Path(__file__).parents[2]))

from schemareg.places import Location
from schemareg.registry.api.state import RegistryState, StoredVersion, SubjectState
from schemareg.services.changes import changes_of
from schemareg.services.graph import graph_of, waves_of
from schemareg.services.impact import impact_of
from schemareg.services.manifest import Consumes, Manifest, Produces, Service
from schemareg.services.order import order_of
from schemareg.services.platform import Platform
from schemareg.state import write_snapshot
from schemareg.subjects import Subject, Version
from schemareg.workspace import Config, build_project
from schemareg.workspace.config import TopicConfig

T = TypeVar("T")
PLACE = Location("services.toml")


def text_of(event: int, *, grown: bool) -> str:
    fields: list[dict[str, object]] = [{"name": "id", "type": "string"}]
    fields.append({"name": "n", "type": "long" if grown else "int"})
    return json.dumps({"type": "record", "name": f"load.E{event}", "fields": fields})


def platform_of(services: int, events: int, edges: int, changed: int) -> Platform:
    random = Random(0)
    produces: list[list[Produces]] = [[] for _ in range(services)]
    consumes: list[list[Consumes]] = [[] for _ in range(services)]
    each = edges // events
    for event in range(events):
        producer = random.randrange(services - each - 1)
        name, topic = f"load.E{event}", f"t{event}"
        produces[producer].append(Produces(f"s{producer}", name, topic, PLACE))
        for consumer in random.sample(range(producer + 1, services), each):
            consumes[consumer].append(Consumes(f"s{consumer}", name, topic, PLACE, fields=("n",)))
    manifest = Manifest(
        ("services.toml",),
        {
            f"s{n}": Service(
                f"s{n}", PLACE, paths=(f"services/s{n}/**",),
                produces=tuple(produces[n]), consumes=tuple(consumes[n]),
            )
            for n in range(services)
        },
    )  # fmt: skip
    topics = tuple(TopicConfig(f"t{n}", (f"load.E{n}",)) for n in range(events))
    config = Config(cwd=Path("/nowhere"), topics=topics)
    texts = [(f"E{n}.avsc", text_of(n, grown=n < changed).encode()) for n in range(events)]
    state = RegistryState(
        {
            (subject := Subject(f"t{n}-value")): SubjectState(
                subject, (StoredVersion(Version(1), text_of(n, grown=False)),)
            )
            for n in range(events)
        }
    )
    return Platform.of(manifest, build_project(texts, config), config, state)


def timed(label: str, do: Callable[[], T]) -> T:
    began = time.perf_counter()
    result = do()
    print(f"{label:44} {time.perf_counter() - began:8.2f} s", flush=True)
    return result


def write_project(platform: Platform, changed: int, top: Path) -> None:
    """The project of `platform` as files under `top`, its snapshot before `changed` events grew."""
    manifest = [
        f'[services.{s.name}]\npaths = ["services/{s.name}/**"]\n'
        + "".join(
            f'[[services.{s.name}.produces]]\nevent = "{p.event}"\ntopic = "{p.topic}"\n'
            for p in s.produces
        )
        + "".join(
            f'[[services.{s.name}.consumes]]\nevent = "{c.event}"\ntopic = "{c.topic}"\n'
            f'fields = ["n"]\n'
            for c in s.consumes
        )
        for s in platform.manifest.services.values()
    ]
    (top / "services.toml").write_text("".join(manifest), encoding="utf-8")
    topics = platform.config.topics
    tables = "".join(f'[topics.{t.name}]\nevents = ["{t.events[0]}"]\n' for t in topics)
    text = f'roots = ["schemas"]\nsnapshot = "registered"\n{tables}'
    (top / "schemareg.toml").write_text(text, encoding="utf-8")
    (top / "schemas").mkdir()
    for n in range(len(topics)):
        (top / f"schemas/E{n}.avsc").write_text(text_of(n, grown=n < changed), encoding="utf-8")
    write_snapshot(top / "registered", platform.schemas.state, within=(top,))


def run_commands(top: Path) -> None:
    """Seconds of CPU of each whole command on the project under `top`."""
    files = "".join(f"services/s{n}/main.py\n" for n in range(100))
    toml = "import tomli; tomli.load(open('services.toml', 'rb'))"
    impact = ["impact", "--against", "snapshot", "--files-from", "-"]
    for label, arguments in (
        ("tomli alone reads services.toml", ["-c", toml]),
        ("schemareg graph", ["-m", "schemareg", "graph"]),
        ("schemareg impact of 100 files", ["-m", "schemareg", *impact]),
        ("schemareg order", ["-m", "schemareg", "order"]),
    ):
        before = os.times()
        done = subprocess.run(
            [sys.executable, *arguments], cwd=top, input=files, text=True, check=False,
            capture_output=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        if done.returncode not in (0, 1):
            raise SystemExit(f"{label}: {done.stderr}")
        now = os.times()
        spent = now.children_user + now.children_system
        spent -= before.children_user + before.children_system
        print(f"{label:44} {spent:8.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--edges", type=int, default=100_000)
    parser.add_argument("--changed", type=int, default=100)
    options = parser.parse_args()
    sizes = (options.services, options.events, options.edges, options.changed)
    platform = timed("parsing the schemas", lambda: platform_of(*sizes))
    graph = timed("graph from the manifest", lambda: graph_of(platform.manifest))
    pairs = [(edge.source, edge.target) for edge in graph.edges]
    print(f"{len(graph.services)} services, {len(pairs)} edges")
    ours, _ = timed("waves", lambda: waves_of(graph.services, pairs))

    def by_networkx() -> list[list[str]]:
        other: networkx.DiGraph[str] = networkx.DiGraph()
        other.add_nodes_from(graph.services)
        other.add_edges_from(pairs)
        return list(networkx.topological_generations(other))

    theirs = timed("waves by networkx, graph included", by_networkx)
    assert [set(wave) for wave in ours] == [set(wave) for wave in theirs]
    files = [f"services/s{n}/main.py" for n in range(100)]
    report = timed("impact of 100 files and the changed events", lambda: impact_of(platform, files))
    changes = timed("who can read whom", lambda: tuple(changes_of(platform)))
    order = timed("order of deployments", lambda: order_of(changes))
    print(
        f"{len(report.affected)} services affected, {len(changes)} events changed,"
        f" {len(order.waves)} waves"
    )
    with tempfile.TemporaryDirectory() as top:
        write_project(platform, options.changed, Path(top))
        run_commands(Path(top))


if __name__ == "__main__":
    main()
