"""A registry whose every answer holds hostile texts; it runs in a thread, at a free port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import unquote, urlsplit

Manner = Literal["answers", "refuses", "rambles", "strays"]
"""It answers, refuses with a message, answers without the protocol, or answers something else."""


@contextmanager
def hostile_registry(manner: Manner, evil: str, schema: str) -> Iterator[str]:
    """The URL of a registry that knows one subject, a hostile one, and `schema` everywhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*_answer(manner, evil, schema, unquote(urlsplit(self.path).path)))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if manner == "answers":
                self._answer(422, {"error_code": 42201, "message": evil})
            else:
                self.do_GET()

        def do_PUT(self) -> None:
            self.do_POST()

        def do_DELETE(self) -> None:
            self.do_POST()

        def _answer(self, status: int, body: object) -> None:
            raw = (
                evil.encode("utf-8", "surrogatepass") if body is None else json.dumps(body).encode()
            )
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(5)


def _answer(manner: Manner, evil: str, schema: str, path: str) -> tuple[int, object]:
    if manner == "refuses":
        return 422, {"error_code": 42299, "message": evil}
    if manner == "rambles":
        return 400, None
    parts = path.strip("/").split("/")
    if parts[0] in ("config", "mode"):
        return 200, {"compatibilityLevel": "BACKWARD", "mode": "READWRITE", "alias": evil}
    if parts == ["subjects"]:
        return 200, [evil, "t-value"]
    if parts[0] == "subjects" and parts[-1] == "versions":
        return 200, [1, 2]
    if parts[0] == "contexts":
        return 200, ["."]
    if parts[-1] == "types":
        return 200, ["AVRO"]
    if parts[-2:-1] == ["versions"] and manner == "strays":
        return 200, {"subject": evil, "version": 7, "id": 7, "schema": schema}
    version = int(parts[-1]) if parts[-1].isdigit() else 2
    return 200, {"subject": "/".join(parts[1:-2]), "version": version, "id": version,
                 "schema": schema, "schemaType": "AVRO"}  # fmt: skip
