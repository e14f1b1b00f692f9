"""The server as a process: ready when it can write, gone only when its work is done."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from schemareg.errors import ExternalFailureError, UsageError
from schemareg.registry.server import application, health
from schemareg.registry.server.serving import RegistryServer
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.store import Store
from tests.registry.conftest import StartServer

SERVE = """
import sys
from pathlib import Path
from schemareg.registry.server.serving import serve
from schemareg.registry.server.settings import ServerSettings
serve(
    ServerSettings(
        port=0,
        db=sys.argv[1],
        access_log=sys.argv[2],
        auth_file=Path(sys.argv[3]) if len(sys.argv) > 3 else None,
    ),
    announce=lambda url: print(url, flush=True),
)
"""


@contextmanager
def process(directory: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of its own on `directory`/registry.db, and its URL; `more` is the auth file."""
    files = [str(directory / "registry.db"), str(directory / "log"), *more]
    command = [sys.executable, "-c", SERVE, *files]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield running, running.stdout.readline().strip()
        finally:
            running.kill()


def said(it: socket.socket) -> bytes:
    parts = []
    while part := it.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_sigterm_lets_what_began_finish(tmp_path: Path) -> None:
    body = json.dumps({"schema": '"string"'}).encode()
    with process(tmp_path) as (running, url):
        parts = urlsplit(url)
        address = (parts.hostname or "", parts.port or 0)
        with (
            socket.create_connection(address, timeout=20) as begun,
            socket.create_connection(address, timeout=20) as idle,
        ):
            idle.sendall(b"GET /subjects HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = b""
            while not received.endswith(b"\r\n\r\n[]"):
                received += idle.recv(65536)
            begun.sendall(
                b"POST /subjects/s/versions HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body[:5]
            )
            # the answer of a later request shows that the earlier one has arrived
            assert httpx.get(f"{url}/subjects").json() == []
            running.send_signal(signal.SIGTERM)
            assert said(idle) == b""
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address, timeout=20)
            begun.sendall(body[5:])
            assert said(begun).startswith(b"HTTP/1.1 200 ")
        assert running.wait(timeout=20) == 0
    lines = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["method"] for line in lines] == ["GET", "GET", "POST"]
    store = Store(str(tmp_path / "registry.db"))
    with store.reading() as tables:
        assert tables.has_versions("s")
    store.close()


def test_sigint_ends_as_an_interrupt_with_the_store_closed(tmp_path: Path) -> None:
    with process(tmp_path) as (running, url):
        assert httpx.get(f"{url}/subjects").json() == []
        running.send_signal(signal.SIGINT)
        # Python ends an uncaught KeyboardInterrupt by the signal itself
        assert running.wait(timeout=20) == -signal.SIGINT
    Store(str(tmp_path / "registry.db")).close()
    assert not (tmp_path / "registry.db-wal").exists()


def test_sighup_reads_the_auth_file_again_and_opens_the_log_again(tmp_path: Path) -> None:
    auth, log = tmp_path / "auth.toml", tmp_path / "log"
    auth.write_text('[anonymous]\nroles = ["reader"]\n', encoding="utf-8")
    stamp = auth.stat()
    with process(tmp_path, str(auth)) as (running, url):
        assert httpx.post(f"{url}/subjects/s/versions", json={"schema": '"int"'}).status_code == 403
        # the same size and time: a look at the file alone shows no change
        auth.write_text('[anonymous]\nroles = ["admin"] \n', encoding="utf-8")
        os.utime(auth, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        running.send_signal(signal.SIGHUP)
        deadline_s = time.monotonic() + 20
        while httpx.put(f"{url}/config", json={"compatibility": "FULL"}).status_code == 403:
            assert time.monotonic() < deadline_s
        log.rename(tmp_path / "log.1")
        assert httpx.get(f"{url}/config").json() == {"compatibilityLevel": "FULL"}
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=20) == 0
    *_, line = log.read_text(encoding="utf-8").splitlines()  # a line before may have waited
    assert json.loads(line)["target"] == "/config"


def test_port_that_is_taken_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(ExternalFailureError) as refused,
            RegistryServer(ServerSettings(port=port)),
        ):
            pass
    assert str(refused.value) == (
        f"cannot listen on 127.0.0.1 port {port}: Address already in use; "
        "choose another --host or --port"
    )


def test_host_that_is_not_ours_is_told_in_one_line() -> None:
    settings = ServerSettings(host="192.0.2.1", port=0, insecure=True)
    with pytest.raises(ExternalFailureError, match=r"cannot listen on 192\.0\.2\.1 port 0"):
        RegistryServer(settings).__enter__()


def test_failed_start_lets_go_of_everything(tmp_path: Path) -> None:
    settings = ServerSettings(
        port=0, db=str(tmp_path / "r.db"), access_log=str(tmp_path / "no" / "l")
    )
    with pytest.raises(UsageError, match="access log cannot be opened"):
        RegistryServer(settings).__enter__()
    database = ServerSettings(port=0, db=str(tmp_path / "r.db"))
    with RegistryServer(database), pytest.raises(ExternalFailureError, match="another schemareg"):
        RegistryServer(database).__enter__()
    with RegistryServer(database):
        pass


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6_loopback_is_served(start_server: StartServer) -> None:
    server = start_server(ServerSettings(host="::1", port=0))
    assert server.url.startswith("http://[::1]:")
    assert httpx.get(f"{server.url}/subjects").json() == []


def test_locked_store_is_not_ready_and_recovers(
    start_server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PROBE_EVERY_S", 0)
    monkeypatch.setattr(application, "PROBE_TIMEOUT_S", 0.3)
    database = tmp_path / "registry.db"
    url = start_server(ServerSettings(port=0, db=str(database))).url
    assert httpx.get(f"{url}/health/ready").status_code == 200
    locking = sqlite3.connect(database, isolation_level=None)
    locking.execute("BEGIN IMMEDIATE")
    answer = httpx.get(f"{url}/health/ready")
    assert answer.status_code == 503
    assert answer.json()["reason"] == "the store took no write for 0.3 s: it is locked"
    assert httpx.get(f"{url}/health/live").status_code == 200
    locking.execute("COMMIT")
    locking.close()
    monkeypatch.setattr(application, "PROBE_TIMEOUT_S", 20)
    assert httpx.get(f"{url}/health/ready").status_code == 200


def test_store_that_takes_no_writes_is_not_ready_but_answers(start_server: StartServer) -> None:
    server = start_server(ServerSettings(port=0))
    body = {"schema": '"string"'}
    assert httpx.post(f"{server.url}/subjects/s/versions", json=body).status_code == 200
    server.store.write(lambda tables: tables.connection.execute("PRAGMA query_only = ON") and None)
    answer = httpx.get(f"{server.url}/health/ready")
    assert answer.status_code == 503
    assert "readonly" in answer.json()["reason"]
    assert httpx.get(f"{server.url}/subjects/s/versions/1").status_code == 200
    refused = httpx.post(f"{server.url}/subjects/t/versions", json=body)
    assert (refused.status_code, refused.json()["error_code"]) == (500, 50001)
    metrics = httpx.get(f"{server.url}/metrics").text
    assert "schemareg_store_errors_total 1.0" in metrics


def test_metrics_follow_what_is_registered_and_asked(start_server: StartServer) -> None:
    url = start_server(ServerSettings(port=0)).url
    with httpx.Client(base_url=url) as client:
        client.post("/subjects/a/versions", json={"schema": '"string"'})
        client.post("/subjects/b/versions", json={"schema": '"string"'})
        client.post("/subjects/b/versions", json={"schema": '"int"'})
        for _ in range(3):
            client.get("/schemas/ids/1")
        client.get("/schemas/ids/9")
        client.get("/nowhere")
        lines = set(client.get("/metrics").text.splitlines())
    route = 'route="/subjects/{subject}/versions"'
    assert lines >= {
        "schemareg_schemas 1.0",
        "schemareg_subjects 2.0",
        f'schemareg_requests_total{{method="POST",{route},status="200"}} 2.0',
        f'schemareg_requests_total{{method="POST",{route},status="409"}} 1.0',
        'schemareg_requests_total{method="GET",route="/schemas/ids/{id}",status="200"} 3.0',
        'schemareg_requests_total{method="GET",route="/schemas/ids/{id}",status="404"} 1.0',
        'schemareg_requests_total{method="GET",route="(none)",status="404"} 1.0',
        'schemareg_request_duration_seconds_count{method="GET",route="/schemas/ids/{id}"} 4.0',
    }


def test_request_id_is_one_and_the_callers_own(start_server: StartServer) -> None:
    url = start_server(ServerSettings(port=0)).url
    own = httpx.get(f"{url}/subjects", headers={"X-Request-ID": "trace-7"})
    assert own.headers.get_list("x-request-id") == ["trace-7"]
    given = httpx.get(f"{url}/nowhere").headers["x-request-id"]
    assert len(given) == 36


def test_server_is_ready_soon_and_light(tmp_path: Path) -> None:
    with process(tmp_path) as (running, url):
        httpx.get(f"{url}/subjects")
        if sys.platform == "linux":
            status = Path(f"/proc/{running.pid}/status").read_text(encoding="utf-8")
            resident_kib = int(status.split("VmRSS:")[1].split()[0])
            assert resident_kib < 100 * 1024
        loaded = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", "import schemareg.registry.server.serving"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stderr
    for heavy in ("jinja2", "prometheus_client", "argon2", "bcrypt", "jwt", "cryptography"):
        assert f" {heavy}\n" not in loaded
