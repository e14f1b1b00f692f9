"""What the surroundings do to a command: registries that refuse, their credentials, stdout."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

ORDER = '{"type": "record", "name": "Order", "namespace": "shop", "fields": []}\n'
REGISTRY_JSON = "application/vnd.schemaregistry.v1+json"


@dataclass
class Scripted:
    """A registry with one answer, and the credentials it was shown."""

    status: int
    body: bytes
    type: str = REGISTRY_JSON
    shown: set[str | None] = field(default_factory=set)


@contextmanager
def serving(script: Scripted) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script.shown.add(self.headers.get("Authorization"))
            self.send_response(script.status)
            self.send_header("Content-Type", script.type)
            self.send_header("Content-Length", str(len(script.body)))
            self.end_headers()
            self.wfile.write(script.body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def shop(here: Path) -> Path:
    """A directory with one schema."""
    (here / "schemas").mkdir()
    (here / "schemas" / "Order.avsc").write_text(ORDER, encoding="utf-8")
    return here


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param(
            Scripted(401, b'{"error_code": 401, "message": "Unauthorized"}'),
            "401/401 Unauthorized; give credentials",
            id="no-credentials",
        ),
        pytest.param(
            Scripted(403, b'{"error_code": 40301, "message": "denied"}'),
            "403/40301 denied; these credentials lack the right to do this",
            id="no-right",
        ),
        pytest.param(
            Scripted(500, b'{"error_code": 50001, "message": "backend"}'),
            "500/50001 backend",
            id="its-own-fault",
        ),
        pytest.param(
            Scripted(404, b"<html>", "text/html"),
            "check that the URL is the registry's base URL",
            id="another-server",
        ),
        pytest.param(
            Scripted(200, b"<html>", "text/html"), "answered 200 without JSON", id="a-login-page"
        ),
        pytest.param(Scripted(302, b"", "text/html"), "a redirect", id="a-redirect"),
    ],
)
@pytest.mark.parametrize("command", [("check", "--against"), ("register", "--registry")])
def test_a_registry_that_refuses_is_told_in_one_line(
    schemareg: Schemareg,
    shop: Path,
    command: tuple[str, str],
    script: Scripted,
    words: str,
) -> None:
    with serving(script) as url:
        said = schemareg(*command, url)
    assert (said.code, said.out) == (3, "")
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith(f"schemareg: error: GET {url}/subjects/shop.Order/versions: ")
    assert words in said.err


@pytest.mark.parametrize("command", [("check", "--against"), ("register", "--registry")])
@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        pytest.param({}, None, id="none"),
        pytest.param(
            {"USER": "u", "PASSWORD": "p"},
            "Basic " + base64.b64encode(b"u:p").decode(),
            id="basic",
        ),
        pytest.param({"TOKEN": "t"}, "Bearer t", id="bearer"),
    ],
)
def test_credentials_come_from_the_environment(
    schemareg: Schemareg,
    shop: Path,
    command: tuple[str, str],
    environment: Mapping[str, str],
    shown: str | None,
) -> None:
    variables = {f"SCHEMAREG_REGISTRY_{name}": value for name, value in environment.items()}
    script = Scripted(403, b'{"error_code": 40301, "message": "denied"}')
    with serving(script) as url:
        said = schemareg(*command, url, environment=variables)
    assert script.shown == {shown}
    for secret in environment.values():
        assert f" {secret} " not in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["register"], "register needs a registry", id="register-nowhere"),
        pytest.param(["check", "--against", ""], "nothing is named", id="empty-base"),
        pytest.param(["check", "--against", "schemas"], "with themselves", id="own-root"),
        pytest.param(["check", "--against", "."], "with themselves", id="above-the-root"),
        pytest.param(
            ["registry", "backup", "kept", "--db", "no.db"], "no database", id="backup-of-nothing"
        ),
    ],
)
def test_what_would_silently_do_nothing_is_refused(
    schemareg: Schemareg, shop: Path, arguments: list[str], words: str
) -> None:
    (shop / "kept").write_text("a good backup", encoding="utf-8")
    said = schemareg(*arguments)
    assert (said.code in (2, 3), said.out) == (True, "")
    assert words in said.err
    assert (shop / "kept").read_text(encoding="utf-8") == "a good backup"
