"""The API as its OpenAPI document tells it: the document is valid, and answers fit it.

Schemathesis makes the requests, always the same ones. SCHEMAREG_OPENAPI_EXAMPLES asks for another
number of them for each operation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import Receive, Scope, Send

from schemareg.registry import connect
from schemareg.registry.server.application import create_app
from schemareg.registry.server.openapi import document
from schemareg.registry.server.routes import ROUTES, routes_of
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.service.profile import PROFILE_7, PROFILE_8, Profile
from schemareg.registry.store import Store
from schemareg.registry.store.sqlite_file import MEMORY
from schemareg.subjects import Reference, Subject, Version
from tests.support.asgi import AsgiTransport

EXAMPLES = int(os.environ.get("SCHEMAREG_OPENAPI_EXAMPLES", "25"))
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
BASE = "http://registry.test"
MONEY = '{"type":"record","name":"Money","fields":[{"name":"cents","type":"long"}]}'
LINE = '{"type":"record","name":"Line","fields":[{"name":"price","type":"Money"}]}'
TEXTS = ['"string"', MONEY, LINE, '["null","int"]', '{"type":"enum","name":"E","symbols":["A"]}']


@contextmanager
def furnished(profile: Profile) -> Iterator[httpx.Client]:
    """A registry in which a few things are registered, deleted, and referred to."""
    store = Store(MEMORY)
    transport = AsgiTransport(create_app(store, ServerSettings(profile=profile.name)))
    with connect(BASE, transport=transport) as client:
        money, line = Subject("money"), Subject("line")
        client.register(money, MONEY)
        client.register(line, LINE, references=[Reference("Money", money, Version(1))])
        client.register(Subject("gone"), '"string"')
        client.delete_subject(Subject("gone"))
        client.register(Subject(":.ctx:money"), MONEY)
        with httpx.Client(transport=transport, base_url=BASE) as http:
            yield http
    store.close()


def of_interest(case: Any, data: st.DataObject) -> None:
    """Points about half of the requests at something that is there."""
    known: dict[str, list[object]] = {
        "subject": ["money", "line", "gone", ":.ctx:money", ":.ctx:"],
        "version": ["1", "latest", "-1", "2"],
        "id": [1, 2, 3],
        "guid": ["095d71cf-1255-6b9d-5e33-0ad575b3df5d"],
        "context": [".ctx", ".other"],
    }
    for name, values in known.items():
        if name in case.path_parameters and data.draw(st.booleans()):
            case.path_parameters[name] = data.draw(st.sampled_from(values))
    if isinstance(case.body, dict) and "schema" in case.body and data.draw(st.booleans()):
        case.body["schema"] = data.draw(st.sampled_from(TEXTS))


@pytest.mark.parametrize("profile", [PROFILE_8, PROFILE_7], ids=["8", "7"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method}-{r.operation}")
def test_answers_fit_the_document(route: Any, profile: Profile) -> None:
    if route not in routes_of(profile):
        assert route.since_8
        return
    api = schemathesis.openapi.from_dict(document(routes_of(profile)))
    operation = api[route.path][route.method]
    count = EXAMPLES if profile is PROFILE_8 else max(1, EXAMPLES // 5)
    with furnished(profile) as http:
        ask(http, operation, count=count)


def ask(http: httpx.Client, operation: Any, *, count: int) -> None:
    """Sends `count` requests, valid ones and broken ones, and checks each answer."""

    @given(
        case=st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        ),
        data=st.data(),
    )
    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers_fit(case: Any, data: st.DataObject) -> None:
        of_interest(case, data)
        sent = case.as_transport_kwargs(base_url=BASE)
        response = http.request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            headers=dict(sent.get("headers") or {}),
            json=sent.get("json"),
            content=sent.get("data"),
        )
        case.validate_response(response, checks=CHECKS)

    answers_fit()


def test_answer_that_does_not_fit_the_document_is_caught() -> None:
    told: Any = document(ROUTES)
    numbers = {"type": "array", "items": {"type": "integer"}}
    content = told["paths"]["/subjects"]["get"]["responses"]["200"]["content"]
    for media_type in content.values():
        media_type["schema"] = numbers
    operation = schemathesis.openapi.from_dict(told)["/subjects"]["GET"]
    with furnished(PROFILE_8) as http, pytest.raises(FailureGroup, match="violates schema"):
        ask(http, operation, count=5)


def test_server_error_is_caught() -> None:
    async def broken(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 500, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"error_code":500,"message":"x"}'})

    operation = schemathesis.openapi.from_dict(document(ROUTES))["/subjects"]["GET"]
    with (
        httpx.Client(transport=AsgiTransport(broken)) as http,
        pytest.raises(FailureGroup, match="Server error"),
    ):
        ask(http, operation, count=1)


@pytest.mark.parametrize("profile", [PROFILE_8, PROFILE_7], ids=["8", "7"])
def test_document_is_served_and_every_reference_in_it_resolves(profile: Profile) -> None:
    with furnished(profile) as http:
        served = http.get("/openapi.json").json()
    assert served == document(routes_of(profile))
    schemas = served["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    used = set(references_in(served))
    defined = {f"#/components/schemas/{name}" for name in schemas}
    assert used <= defined
    # the line 7 knows fewer routes
    assert profile is PROFILE_7 or used == defined


def references_in(value: object) -> Iterator[str]:
    match value:
        case {"$ref": str(target)}:
            yield target
        case dict():
            for member in value.values():
                yield from references_in(member)
        case list():
            for element in value:
                yield from references_in(element)


def test_document_tells_every_route_once() -> None:
    paths: Any = document(ROUTES)["paths"]
    told = [(method.upper(), path) for path, operations in paths.items() for method in operations]
    assert sorted(told) == sorted((route.method, route.path) for route in ROUTES)
    names = [op["operationId"] for operations in paths.values() for op in operations.values()]
    assert len(set(names)) == len(names)
