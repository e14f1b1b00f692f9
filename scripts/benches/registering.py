"""Where the processor time of registering a new version goes: by sample, without a network.

The whole application with its access log and a database file runs in this process, on a fixed
number of versions, some at a time. A timer of processor time samples the main thread every
millisecond; each sample counts for the innermost frame that belongs to a part.
For exact counts run two lengths under `valgrind --tool=cachegrind --cache-sim=no` with
PYTHONHASHSEED=0 and divide the difference.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from schemareg.registry.server.access_log import open_access_log
from schemareg.registry.server.application import create_app
from schemareg.registry.store import Store
from scripts.benches.registry import event_text, fill, subject_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_SAMPLE_S = 0.001
PARTS = {
    "/avro/parse/": "parse",
    "/avro/canonical.py": "canonical text",
    "/avro/": "parse",
    "/compat/": "compare",
    "/store/identity.py": "digests",
    "/store/columns.py": "rows read",
    "/store/rows.py": "rows read",
    "/store/at_once.py": "batches and commits",
    "/store/store.py": "batches and commits",
    "/store/changes.py": "batches and commits",
    "/store/": "statements of SQL",
    "/service/settings.py": "configuration and mode",
    "/service/caches.py": "caches and questions asked once",
    "/service/session.py": "caches and questions asked once",
    "/service/": "rest of judging",
    "/registry/api/": "rest of judging",
    "/server/bodies.py": "body of the request",
    "/server/access_log.py": "access log, figures, request id",
    "/server/observe.py": "access log, figures, request id",
    "/server/metrics.py": "access log, figures, request id",
    "/server/answer.py": "body of the response",
    "/server/shapes.py": "body of the response",
    "/server/routing_app.py": "routes and responses",
    "/server/": "layers and routes",
    "/asyncio/": "event loop",
}


def part_of(path: str) -> str | None:
    """The part that a source file belongs to; the first that fits."""
    if "/schemareg/" not in path and "/asyncio/" not in path:
        return None
    return next((part for piece, part in PARTS.items() if piece in path), None)


@contextmanager
def sampled(counts: Counter[str]) -> Iterator[None]:
    """Inside the block samples are counted by part."""

    def count(number: int, frame: FrameType | None) -> None:
        while frame is not None:
            if part := part_of(frame.f_code.co_filename):
                counts[part] += 1
                return
            frame = frame.f_back
        counts["this benchmark"] += 1

    before = signal.signal(signal.SIGPROF, count)
    signal.setitimer(signal.ITIMER_PROF, _SAMPLE_S, _SAMPLE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


async def register(app: ASGIApp, path: str, body: bytes) -> None:
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    headers = [
        (b"host", b"127.0.0.1:8081"),
        (b"content-type", b"application/vnd.schemaregistry.v1+json"),
        (b"content-length", str(len(body)).encode()),
    ]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": headers, "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 8081), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    assert statuses == [200]


async def register_all(app: ASGIApp, requests: list[tuple[str, bytes]], at_a_time: int) -> None:
    rest = iter(requests)

    async def client() -> None:
        for path, body in rest:
            await register(app, path, body)

    await asyncio.gather(*(client() for _ in range(at_a_time)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=3000)
    parser.add_argument("--at-a-time", type=int, default=32)
    parser.add_argument("--subjects", type=int, default=1000)
    options = parser.parse_args()
    count, subjects = options.versions, options.subjects
    requests = [
        (
            f"/subjects/{subject_of(number % subjects)}/versions",
            json.dumps({"schema": event_text(number % subjects, f"added{number}")}).encode(),
        )
        for number in range(count)
    ]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as directory, Store(f"{directory}/registry.db") as store:
        store.write(lambda tables: fill(tables, subjects))
        log = open_access_log(Path(directory) / "access.log")
        app = create_app(store, log=log)
        gc.freeze()
        gc.set_threshold(50_000, 10, 10)  # as the server does
        before, commits = os.times(), store.generation
        with sampled(counts):
            asyncio.run(register_all(app, requests, options.at_a_time))
        user_s, system_s = (os.times()[n] - before[n] for n in (0, 1))
        commits = store.generation - commits
        log.close()
    whole_ms = (user_s + system_s) / count * 1000
    print(f"{count} versions, {options.at_a_time} at a time, {count / commits:.1f} a commit:")
    print(f"{whole_ms:.3f} ms of processor time each, {system_s / count * 1000:.3f} of it system")
    total = sum(counts.values())
    for part, samples in counts.most_common():
        print(f"{part:36}{samples / total:>6.1%}{samples / total * whole_ms:>9.3f} ms")


if __name__ == "__main__":
    main()
