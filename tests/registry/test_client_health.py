"""One look at a served registry: ready, not ready with its reason, or nothing there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from schemareg.errors import ContentError, RegistryUnavailableError, SchemaregError, UsageError
from schemareg.registry.client.health import check_ready
from tests.support.listening import Listening

ANSWERS = {
    "/full": (503, json.dumps({"status": "not ready", "reason": "the disk is full"})),
    "/gone": (404, "{}"),
    "/odd": (503, "<html>"),
}


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        code, body = ANSWERS[self.path.removesuffix("/health/ready")]
        self.send_response(code)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def answering() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Answering) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_served_registry_is_ready_and_its_url_shown_without_credentials() -> None:
    with Listening() as server, server.empty() as url:
        with_credentials = url.replace("http://", "http://user:secret@")
        assert check_ready(with_credentials) == url.rstrip("/")


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("/full", ContentError, "HOST/full is not ready: the disk is full"),
        (
            "/gone",
            RegistryUnavailableError,
            "HOST/gone/health/ready: answered 404; give the URL of a registry that"
            " `schemareg serve` runs",
        ),
        (
            "/odd",
            RegistryUnavailableError,
            "HOST/odd/health/ready: answered 503; give the URL of a registry that"
            " `schemareg serve` runs",
        ),
    ],
)
def test_registry_that_is_not_ready(
    answering: str, path: str, error: type[SchemaregError], message: str
) -> None:
    with pytest.raises(error) as caught:
        check_ready(f"http://user:secret@{answering}{path}")
    assert str(caught.value) == message.replace("HOST", f"http://{answering}")


def test_nothing_there() -> None:
    with pytest.raises(RegistryUnavailableError, match=r"^http://127\.0\.0\.1:1/health/ready: "):
        check_ready("http://127.0.0.1:1")
    with pytest.raises(UsageError):
        check_ready("registry:8081")
