"""A plan for a large registry: requests, seconds and memory, beside one request per version.

The registry runs in a process of its own. "pages" is how `schemareg plan` reads; "one by one" is
the same reading without pages: a list of versions per subject, and a request for each version.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).parents[2]))

from schemareg.commands.plan import plan_project
from schemareg.errors import RegistryError
from schemareg.registry import RegistryClient, connect
from schemareg.registry.api.contexts import qualified
from schemareg.registry.api.types import Registry
from schemareg.registry.store import Content, Store, Tables
from schemareg.registry.store.identity import digest, semantic_digest
from schemareg.state.registry import read_registry
from schemareg.subjects import SchemaId
from schemareg.workspace import Config, Project, build_project

SERVE = """
import sys
from schemareg.registry.server.serving import serve
from schemareg.registry.server.settings import ServerSettings
settings = ServerSettings(port=0, db=sys.argv[1])
serve(settings, announce=lambda url: print(url, flush=True))
"""


def name_of(subject: int) -> str:
    return f"load.Event{subject:06}"


def text_of(subject: int, version: int, *, extra: bool = False) -> str:
    fields: list[dict[str, Any]] = [{"name": "id", "type": "string"}]
    fields += [{"name": f"f{n}", "type": "long", "default": 0} for n in range(version)]
    if extra:
        fields.append({"name": "more", "type": "long", "default": 0})
    record = {"type": "record", "name": name_of(subject), "fields": fields}
    return json.dumps(record, separators=(",", ":"))


def fill(tables: Tables, subjects: int, versions: int) -> None:
    id = 0
    for subject in range(subjects):
        for version in range(1, versions + 1):
            id += 1
            text = text_of(subject, version)
            stored = tables.add_content(
                Content(0, ".", SchemaId(id), digest(text), semantic_digest(text), text), ()
            )
            tables.put_version(qualified(name_of(subject)), version, stored, written_ms=0)


@contextmanager
def served(subjects: int, versions: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        db = f"{directory}/registry.db"
        with Store(db) as store:
            store.write(lambda tables: fill(tables, subjects, versions))
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, db], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


class Counting:
    """A client that counts its requests."""

    def __init__(self, registry: RegistryClient, *, pages: bool) -> None:
        self._registry = registry
        self._pages = pages
        self.counts: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._registry, name)

        def counted(*arguments: Any, **settings: Any) -> Any:
            self.counts[name] += 1
            if name == "get_schemas" and not self._pages:
                raise RegistryError("no pages", code=404, status=404)
            return operation(*arguments, **settings)

        return counted


def project_of(subjects: int, versions: int, changed: int) -> Project:
    texts = [
        (f"{name_of(n)}.avsc", text_of(n, versions, extra=n < changed).encode())
        for n in range(subjects)
    ]
    return build_project(texts, Config(cwd=Path("/nowhere")))


def row(url: str, project: Project, label: str, *, pages: bool) -> str:
    began = time.perf_counter()
    with connect(url) as client:
        counting = Counting(client, pages=pages)
        wanted = [subject.subject for subject in project.subjects]
        state = read_registry(cast(Registry, counting), "registry", wanted)
        read_s = time.perf_counter() - began
        result, _ = plan_project(project, state, registry="registry")
    total_s = time.perf_counter() - began
    requests = sum(counting.counts.values())
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (
        f"{label:28} {len(result.actions):7} actions {requests:8} requests"
        f" {read_s:7.1f} s reading {total_s:7.1f} s in all {peak_mb:6} MB peak so far"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=1000)
    parser.add_argument("--versions", type=int, default=10)
    parser.add_argument("--changed", type=int, default=100)
    parser.add_argument("--pages-only", action="store_true")
    options = parser.parse_args()
    with served(options.subjects, options.versions) as url:
        same = project_of(options.subjects, options.versions, 0)
        changed = project_of(options.subjects, options.versions, options.changed)
        print(f"{options.subjects} subjects x {options.versions} versions")
        print(row(url, same, "pages, nothing to do", pages=True), flush=True)
        print(row(url, changed, f"pages, {options.changed} changed", pages=True), flush=True)
        if not options.pages_only:
            print(row(url, same, "one by one, nothing to do", pages=False), flush=True)


if __name__ == "__main__":
    main()
