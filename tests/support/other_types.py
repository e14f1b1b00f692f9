"""A registry that holds a subject of another schema type beside those of the real one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from schemareg.registry.server import EmbeddedRegistry

PROTOBUF = {
    "subject": "calls-value",
    "version": 1,
    "id": 900,
    "schemaType": "PROTOBUF",
    "schema": 'syntax = "proto3"; message Call {}',
}


@contextmanager
def registry_with_protobuf(subjects: list[str]) -> Iterator[str]:
    """The URL of an embedded registry that lists `subjects` and `calls-value`, a PROTOBUF one."""
    answers: Mapping[str, object] = {
        "/subjects": [*subjects, "calls-value"],
        "/subjects/calls-value/versions": [1],
        "/subjects/calls-value/versions/1": PROTOBUF,
        "/subjects/calls-value/versions/latest": PROTOBUF,
    }

    def wrapper(app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            known = scope["type"] == "http" and scope["method"] == "GET"
            if not known or scope["path"] not in answers:
                await app(scope, receive, send)
                return
            body = json.dumps(answers[scope["path"]]).encode()
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        return wrapped

    with EmbeddedRegistry(wrappers=[wrapper]) as server:
        yield server.url
