"""How long a command tries a registry: flag, then variable, then file, each of them honoured."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

SCHEMA = {"type": "record", "name": "Placed", "fields": [{"name": "id", "type": "string"}]}


class Failing(ThreadingHTTPServer):
    """Answers 500 to everything, at once, and counts."""

    requests = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Failing)
        self.server.requests += 1
        body = b'{"error_code": 50004, "message": "no leader"}'
        self.send_response(500)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def registry() -> Iterator[Failing]:
    with Failing(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@pytest.mark.parametrize(
    ("command", "file", "variable", "flag", "tries"),
    [
        pytest.param(("check", "--against", "{url}"), "2", None, None, 2, id="file"),
        pytest.param(("check", "--against", "{url}"), "4", "2", None, 2, id="variable-before-file"),
        pytest.param(("check", "--against", "{url}"), "4", "3", "1", 1, id="flag-before-all"),
        pytest.param(("pull", "--registry", "{url}"), "2", None, None, 2, id="pull"),
        pytest.param(("register", "--registry", "{url}"), "4", "3", "1", 1, id="register"),
        pytest.param(("plan", "--registry", "{url}"), "4", "1", None, 1, id="plan"),
        pytest.param(("verify", "--registry", "{url}"), "1", None, None, 1, id="verify"),
    ],
)
def test_tries_of_a_command(
    schemareg: Schemareg,
    here: Path,
    registry: Failing,
    command: tuple[str, ...],
    file: str,
    variable: str | None,
    flag: str | None,
    tries: int,
) -> None:
    (here / "schemas").mkdir()
    (here / "schemas" / "Placed.avsc").write_text(json.dumps(SCHEMA), encoding="utf-8")
    (here / "schemareg.toml").write_text(f"registry_tries = {file}\n", encoding="utf-8")
    answer = schemareg(
        *(word.format(url=registry.url) for word in command),
        *(("--registry-tries", flag) if flag else ()),
        environment={"SCHEMAREG_REGISTRY_TRIES": variable} if variable else {},
    )
    assert (answer.code, registry.requests) == (3, tries), answer.err


@pytest.mark.parametrize(
    ("arguments", "file", "said"),
    [
        (
            ("--registry-tries", "0"),
            "",
            "schemareg: error: --registry-tries: 0 is not a whole number from 1 to 100\n",
        ),
        (
            ("--registry-deadline-s", "1e9"),
            "",
            "schemareg: error: --registry-deadline-s: 1000000000.0 is not a number above 0 and at"
            " most 3600\n",
        ),
        (
            (),
            "level = 'FULL'\nregistry_timeout_s = '10'\n",
            "schemareg: error: schemareg.toml:2:1: registry_timeout_s: '10' is not a number above 0"
            " and at most 3600\n",
        ),
        (
            (),
            "registry_trys = 3\n",
            "schemareg: error: schemareg.toml:1:1: registry_trys: unknown key; did you mean"
            " 'registry_tries'?\n",
        ),
    ],
)
def test_patience_refused(
    schemareg: Schemareg, here: Path, arguments: tuple[str, ...], file: str, said: str
) -> None:
    (here / "schemas").mkdir()
    (here / "schemas" / "Placed.avsc").write_text(json.dumps(SCHEMA), encoding="utf-8")
    (here / "schemareg.toml").write_text(file, encoding="utf-8")
    answer = schemareg("check", "--against", "http://127.0.0.1:9", *arguments)
    assert (answer.code, answer.err) == (2, said)
