"""Request ids, the access log and the figures, over a small application that misbehaves on cue."""

from __future__ import annotations

import asyncio
import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from queue import SimpleQueue
from uuid import RFC_4122, UUID

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Message, Receive, Scope, Send

from schemareg.errors import UsageError
from schemareg.registry.server.access_log import Listener, StreamLines, open_access_log
from schemareg.registry.server.health import Operation, Readiness
from schemareg.registry.server.metrics import RequestFigures, StoreFigures, render_metrics
from schemareg.registry.server.observe import FreshIds, Observed, request_id_of
from schemareg.registry.server.workers import RequestThreads

FIGURES = StoreFigures(
    schemas=7,
    subjects=3,
    deleted_versions=2,
    cache_hits=40,
    cache_misses=2,
    store_errors=1,
    store_commits=5,
)


async def small_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers 200 `hello` at /hello, dies at /crash, else 404 with no route."""
    path = scope["path"]
    if path == "/crash":
        raise RuntimeError("on cue")
    if path == "/hello":
        scope["state"]["route"] = "/hello"
        scope["state"]["principal"] = "anna"
    status = 200 if path == "/hello" else 404
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def asked(
    app: Callable[[Scope, Receive, Send], Awaitable[None]],
    *targets: str,
    headers: list[tuple[str, str]] | None = None,
    method: str = "GET",
) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            return [await client.request(method, target, headers=headers) for target in targets]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        ([(b"x-request-id", b"abc-1")], b"abc-1"),
        ([(b"host", b"h"), (b"x-request-id", b" padded ")], None),
        ([(b"x-request-id", b"a" * 128)], b"a" * 128),
        ([(b"x-request-id", b"a" * 129)], None),
        ([(b"x-request-id", b"a\x9b31mRED")], None),
        ([(b"x-request-id", b"a\x1b[31mRED")], None),
        ([], None),
        ([(b"x-request-id", b"")], None),
        ([(b"x-request-id", b"  ")], None),
        ([(b"x-request-id", b"a"), (b"x-request-id", b"b")], None),
    ],
)
def test_request_id_is_echoed_only_where_one_was_sent(
    sent: list[tuple[bytes, bytes]], echoed: bytes | None
) -> None:
    given = request_id_of(sent, FreshIds())
    if echoed is None:
        assert UUID(given.decode()).version == 4
    else:
        assert given == echoed


def test_fresh_ids_are_uuids_of_chance() -> None:
    fresh = FreshIds()
    ids = [fresh().decode() for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert all(str(UUID(id)) == id and UUID(id).version == 4 for id in ids)
    assert {UUID(id).variant for id in ids} == {RFC_4122}


def test_access_log_line_tells_the_request() -> None:
    stream = io.StringIO()
    log = open_access_log(stream)
    app = Observed(small_app, figures=RequestFigures(), log=log)
    (answer,) = asked(app, "/hello?a=%22b%22", headers=[("X-Request-ID", "r-1")])
    log.close()
    line = json.loads(stream.getvalue())
    assert answer.headers["x-request-id"] == "r-1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert 0 <= line.pop("duration_ms") < 60_000
    assert line == {
        "request_id": "r-1",
        "client": "127.0.0.1",
        "principal": "anna",
        "method": "GET",
        "target": "/hello?a=%22b%22",
        "route": "/hello",
        "status": 200,
        "size_bytes": 5,
    }


def test_access_log_holds_one_line_per_request_even_where_the_application_died() -> None:
    stream = io.StringIO()
    log = open_access_log(stream)
    app = Observed(small_app, figures=RequestFigures(), log=log)
    asked(app, "/hello", "/nowhere", "/crash")
    log.close()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/hello", 200),
        ("(none)", 404),
        ("(none)", 500),
    ]


def test_access_log_is_written_without_being_closed(tmp_path: Path) -> None:
    target = tmp_path / "access.log"
    log = open_access_log(target)
    app = Observed(small_app, figures=RequestFigures(), log=log)

    async def until_written() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            await client.get("/hello")
        while not target.read_text(encoding="utf-8"):
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(until_written(), timeout=20))
    assert json.loads(target.read_text(encoding="utf-8"))["status"] == 200
    log.close()


@pytest.mark.parametrize("event", ["renamed", "removed", "stale"])
def test_access_log_is_opened_again(tmp_path: Path, event: str) -> None:
    target, old = tmp_path / "access.log", tmp_path / "access.log.1"
    log = open_access_log(target)
    app = Observed(small_app, figures=RequestFigures(), log=log)
    asked(app, "/hello")
    wait_for(lambda: target.read_text(encoding="utf-8") != "")
    if event == "renamed":
        target.rename(old)
    elif event == "removed":
        target.unlink()
    else:
        log.reopen()
    asked(app, "/hello", "/nowhere")
    log.close()
    lines = [json.loads(line)["status"] for line in target.read_text("utf-8").splitlines()]
    assert lines == ([200, 200, 404] if event == "stale" else [200, 404])
    assert log.dropped == 0


def test_access_log_whose_directory_is_gone_counts_what_it_lost(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    target = tmp_path / "logs" / "access.log"
    log = open_access_log(target)
    app = Observed(small_app, figures=RequestFigures(), log=log)
    target.unlink()
    (tmp_path / "logs").rmdir()
    asked(app, "/hello", "/hello")
    wait_for(lambda: log.dropped == 2)
    (tmp_path / "logs").mkdir()
    asked(app, "/hello")
    log.close()
    assert len(target.read_text("utf-8").splitlines()) == 1


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_access_log_of_a_closed_stream_counts_what_it_lost() -> None:
    stream = io.StringIO()
    log = open_access_log(stream)
    app = Observed(small_app, figures=RequestFigures(), log=log)
    stream.close()
    asked(app, "/hello", "/hello")
    log.close()
    assert log.dropped == 2


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("/subjects?a=1", "/subjects?a=1"),
        ('"\\', '\\"\\\\'),
        ("\n\x1b[31m", "\\n\\u001b[31m"),
        ("\x7f\x9b", "\\u007f\\u009b"),
        ("ä", "\\u00e4"),
        ("\ud800", "\\ud800"),
    ],
)
def test_access_log_is_ascii_without_control_characters(text: str, written: str) -> None:
    stream = io.StringIO()
    log = open_access_log(stream)
    log.write(0.001, {"target": text, "duration_ms": 0.5})
    log.close()
    assert stream.getvalue() == (
        f'{{"time":"1970-01-01T00:00:00.001Z","target":"{written}","duration_ms":0.5}}\n'
    )


@pytest.mark.parametrize(
    ("waiting", "taken"), [([1], [1]), ([1, 2], [1, 2]), ([*range(1, 300)], [*range(1, 257)])]
)
def test_access_log_takes_all_lines_that_wait(waiting: list[int], taken: list[int]) -> None:
    queue: SimpleQueue[int | None] = SimpleQueue()
    for line in [*waiting, None]:
        queue.put(line)
    listener = Listener(queue, StreamLines(io.StringIO()))
    assert listener.dequeue(True) == taken
    assert len(waiting) - len(taken) == queue.qsize() - 1


def test_access_log_in_a_missing_directory_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "access.log"
    with pytest.raises(UsageError) as refused:
        open_access_log(target)
    assert str(refused.value) == (
        f"{target}: the access log cannot be opened: No such file or directory; "
        "give a file in a writable directory with --access-log"
    )


def samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample by its name and its labels' values, in the order of the labels' names."""
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_count_by_route_and_status() -> None:
    figures = RequestFigures()
    for duration_s, status in [(0.0004, 200), (0.003, 200), (0.3, 404), (99.0, 200)]:
        figures.observe(method="GET", route="/subjects", status=status, duration_s=duration_s)
    found = samples(render_metrics(figures, FIGURES, access_log_dropped=4).decode())
    expected = {
        ("schemareg_requests_total", ("GET", "/subjects", "200")): 3,
        ("schemareg_requests_total", ("GET", "/subjects", "404")): 1,
        ("schemareg_request_duration_seconds_bucket", ("0.0005", "GET", "/subjects")): 1,
        ("schemareg_request_duration_seconds_bucket", ("0.0025", "GET", "/subjects")): 1,
        ("schemareg_request_duration_seconds_bucket", ("0.005", "GET", "/subjects")): 2,
        ("schemareg_request_duration_seconds_bucket", ("0.5", "GET", "/subjects")): 3,
        ("schemareg_request_duration_seconds_bucket", ("10.0", "GET", "/subjects")): 3,
        ("schemareg_request_duration_seconds_bucket", ("+Inf", "GET", "/subjects")): 4,
        ("schemareg_request_duration_seconds_count", ("GET", "/subjects")): 4,
        ("schemareg_request_duration_seconds_sum", ("GET", "/subjects")): pytest.approx(99.3034),
        ("schemareg_schemas", ()): 7,
        ("schemareg_subjects", ()): 3,
        ("schemareg_cache_hits_total", ()): 40,
        ("schemareg_cache_misses_total", ()): 2,
        ("schemareg_store_errors_total", ()): 1,
        ("schemareg_store_commits_total", ()): 5,
        ("schemareg_access_log_dropped_total", ()): 4,
        ("schemareg_requests_in_progress", ()): 0,
        ("schemareg_deleted_versions", ()): 2,
        ("cp_kafka_schema_registry_registered_count", ()): 7,
        ("cp_kafka_schema_registry_avro_schemas_created", ()): 7,
        ("cp_kafka_schema_registry_deleted_count", ()): 2,
        ("cp_kafka_schema_registry_avro_schemas_deleted", ()): 2,
        ("cp_kafka_schema_registry_api_success_count", ()): 3,
        ("cp_kafka_schema_registry_api_failure_count", ()): 1,
    }
    assert {key: found.get(key) for key in expected} == expected
    assert ("process_resident_memory_bytes", ()) in found


def test_metrics_of_invented_paths_and_methods_stay_one_series() -> None:
    figures = RequestFigures()
    app = Observed(small_app, figures=figures, log=None)
    asked(app, *(f"/scan/{i}" for i in range(20)))
    asked(app, *(f"/scan/{i}" for i in range(20)), method="BREW")
    text = render_metrics(figures, FIGURES).decode()
    assert [line for line in text.splitlines() if line.startswith("schemareg_requests_total")] == [
        'schemareg_requests_total{method="GET",route="(none)",status="404"} 20.0',
        'schemareg_requests_total{method="OTHER",route="(none)",status="404"} 20.0',
    ]


def operated(readiness: Readiness) -> Operation:
    return Operation(
        small_app,
        probe=lambda: readiness,
        figures=lambda: FIGURES,
        requests=RequestFigures(),
        log=None,
        threads=RequestThreads(),
    )


@pytest.mark.parametrize(
    ("readiness", "path", "status", "body"),
    [
        (Readiness(True), "/health/live", 200, {"status": "live"}),
        (Readiness(True), "/health/ready", 200, {"status": "ready"}),
        (Readiness(False, "the store is read-only"), "/health/live", 200, {"status": "live"}),
        (
            Readiness(False, "the store is read-only"),
            "/health/ready",
            503,
            {"status": "not ready", "reason": "the store is read-only"},
        ),
    ],
)
def test_health_tells_life_and_readiness_apart(
    readiness: Readiness, path: str, status: int, body: dict[str, str]
) -> None:
    (answer,) = asked(operated(readiness), path)
    assert (answer.status_code, answer.json()) == (status, body)


def test_health_asked_often_is_probed_once() -> None:
    probed: list[int] = []

    def probe() -> Readiness:
        probed.append(1)
        return Readiness(True)

    app = Operation(
        small_app,
        probe=probe,
        figures=lambda: FIGURES,
        requests=RequestFigures(),
        log=None,
        threads=RequestThreads(),
    )
    answers = asked(app, *["/health/ready"] * 20)
    assert {answer.status_code for answer in answers} == {200}
    assert len(probed) < 20


def test_health_with_another_method_is_405() -> None:
    (answer,) = asked(operated(Readiness(True)), "/health/live", method="POST")
    assert (answer.status_code, answer.json()["error_code"]) == (405, 405)


def test_metrics_are_served_as_prometheus_text() -> None:
    (answer,) = asked(operated(Readiness(True)), "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert samples(answer.text)[("schemareg_schemas", ())] == 7


def test_metrics_leave_out_what_the_store_cannot_tell() -> None:
    unknown = StoreFigures(
        schemas=None,
        subjects=None,
        deleted_versions=None,
        cache_hits=0,
        cache_misses=0,
        store_errors=5,
        store_commits=0,
    )
    text = render_metrics(RequestFigures(), unknown).decode()
    assert "schemareg_schemas" not in text
    assert "registered_count" not in text
    assert "deleted_count" not in text
    assert "schemareg_store_errors_total 5.0" in text


def test_other_scopes_pass_unwatched() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    watched = Observed(app, figures=RequestFigures(), log=None)
    asyncio.run(watched({"type": "lifespan"}, receive, send))
    assert seen == ["lifespan"]


FILLING = """
import resource, sys
from pathlib import Path
from queue import SimpleQueue
from schemareg.registry.server.access_log import Listener, StreamLines, open_access_log
log = open_access_log(Path(sys.argv[1]))
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, most))
for n in range(40):
    log.write(0.0, {"n": n})
log.close()
print(log.dropped)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of a file's size there")
def test_access_log_on_a_full_disk_holds_whole_lines(tmp_path: Path) -> None:
    target = tmp_path / "access.log"
    command = [sys.executable, "-c", FILLING, str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    raw = target.read_bytes()
    numbers = [json.loads(line)["n"] for line in raw.splitlines()]
    assert raw.endswith(b"}\n")
    assert numbers == [*range(len(numbers))]
    assert int(done.stdout) == 40 - len(numbers) > 0
