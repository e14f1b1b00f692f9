"""What a client makes of refusals, rubbish, and of its own two faces."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

import schemareg.registry
from schemareg.errors import (
    ExitCode,
    IncompatibleSchemaError,
    RegistryError,
    RegistryRouteMissingError,
    RegistryUnavailableError,
    SchemaParseError,
    SchemaregError,
)
from schemareg.registry import AsyncRegistryClient, RegistryClient, connect
from schemareg.registry.client.declaring import Operation
from schemareg.registry.client.operations import Operations
from schemareg.registry.server.routes import ROUTES
from schemareg.subjects import Reference, SchemaId, Subject, Version
from tests.registry.client_wire import Answer, Ask, Wire, answer, ask_async, ask_sync

DRIVERS = pytest.mark.parametrize("ask", [ask_sync, ask_async], ids=["sync", "async"])
S = Subject("s")
WHERE = "GET http://one/subjects/s/versions"


@dataclass(frozen=True)
class Row:
    """An answer to `ask`, and the error that it is."""

    said: Answer
    error: type[SchemaregError]
    words: str
    exit_code: ExitCode = ExitCode.EXTERNAL_FAILURE


def raw(status: int, content: bytes, **headers: str) -> Answer:
    return Answer(status, content, headers)


ROWS = {
    "refusal_with_a_code": Row(
        answer(404, {"error_code": 40401, "message": "Subject 's' not found."}),
        RegistryError,
        f"{WHERE}: 404/40401 Subject 's' not found.; register a first version, "
        "or check the subject's name and context",
    ),
    "refusal_with_an_unknown_code": Row(
        answer(422, {"error_code": 42299, "message": "new"}),
        RegistryError,
        f"{WHERE}: 422/42299 new",
    ),
    "refusal_without_words": Row(
        answer(422, {"error_code": 42201}), RegistryError, f"{WHERE}: 422/42201 no message"
    ),
    "refusal_over_several_lines": Row(
        answer(422, {"error_code": 42201, "message": "one\n  two\x1b[0m\tthree"}),
        RegistryError,
        f"{WHERE}: 422/42201 one two\ufffd[0m three",
    ),
    "credentials_wanted": Row(
        answer(401, {"error_code": 401, "message": "Unauthorized"}),
        RegistryError,
        f"{WHERE}: 401/401 Unauthorized; give credentials that this registry accepts",
    ),
    "credentials_wanted_by_a_gateway": Row(
        raw(401, b"<html>login</html>"),
        RegistryError,
        f"{WHERE}: 401/401 refused; give credentials that this registry accepts",
    ),
    "forbidden": Row(
        raw(403, b""),
        RegistryError,
        f"{WHERE}: 403/403 refused; these credentials lack the right to do this: use others, or "
        "have it granted",
    ),
    "another_server_altogether": Row(
        raw(404, b"<html><body>\n  Not   Found</body></html>"),
        RegistryRouteMissingError,
        f"{WHERE}: answered 404 without a registry's error body: '<html><body> Not "
        "Found</body></html>'; check that the URL is the registry's base URL",
    ),
    "redirect": Row(
        raw(301, b"", location="https://elsewhere/"),
        RegistryUnavailableError,
        f"{WHERE}: answered 301, a redirect; use the registry's own URL",
    ),
    "no_json": Row(
        raw(200, b"<html>hello</html>"),
        RegistryUnavailableError,
        f"{WHERE}: answered 200 without JSON: '<html>hello</html>'; "
        "check that the URL is the registry's base URL",
    ),
    "other_json": Row(
        answer(200, {"hello": 1}),
        RegistryUnavailableError,
        f"""{WHERE}: answered 200 without a JSON array: '{{"hello": 1}}'; """
        "check that the URL is the registry's base URL",
    ),
    "elements_of_another_kind": Row(
        answer(200, ["1"]),
        RegistryUnavailableError,
        f"""{WHERE}: answered 200 without an integer: '["1"]'; """
        "check that the URL is the registry's base URL",
    ),
    "booleans_are_no_numbers": Row(
        answer(200, [True]), RegistryUnavailableError, "without an integer"
    ),
    "nothing": Row(raw(200, b""), RegistryUnavailableError, f"{WHERE}: answered 200 without JSON"),
    "json_too_deep": Row(
        raw(200, b"[" * 100_000), RegistryUnavailableError, f"{WHERE}: answered 200 without JSON"
    ),
    "bytes_that_are_no_text": Row(
        raw(200, b"\xff\xfe\xfd"), RegistryUnavailableError, f"{WHERE}: answered 200 without JSON"
    ),
    "number_too_long": Row(
        raw(200, b"[" + b"9" * 5000 + b"]"), RegistryUnavailableError, "without JSON"
    ),
    "long_answers_are_cut": Row(raw(500, b"x" * 10_000), RegistryUnavailableError, "x…'; see the"),
    "error_code_of_another_kind": Row(
        answer(500, {"error_code": "x"}), RegistryUnavailableError, "without a registry's error"
    ),
    "content_that_is_not_what_its_header_says": Row(
        raw(200, b"no gzip", **{"content-encoding": "gzip"}), RegistryUnavailableError, WHERE
    ),
    "conflict": Row(
        answer(409, {"error_code": 409, "message": "clash"}),
        IncompatibleSchemaError,
        f"{WHERE}: 409/409 clash; run `schemareg check` to see every clash with advice",
        ExitCode.NO,
    ),
    "conflict_of_another_kind": Row(
        answer(409, {"error_code": 40904, "message": "frozen"}), RegistryError, "409/40904 frozen"
    ),
}


@DRIVERS
@pytest.mark.parametrize("name", ROWS)
def test_answer_that_is_an_error(name: str, ask: Any) -> None:
    row = ROWS[name]
    # what a retry may cure is asked for three times
    with pytest.raises(SchemaregError) as raised:
        ask(Wire([row.said] * 3), lambda c: c.get_versions(S))
    assert type(raised.value) is row.error
    assert row.words in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code is row.exit_code


WHOLE = {"subject": "s", "version": 1, "id": 1, "schema": '"int"'}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": None}, "an integer 'id'"),
        ({"version": "1"}, "an integer 'version'"),
        ({"schema": 5}, "a string 'schema'"),
        ({"subject": 5}, "a string 'subject'"),
        ({"references": {}}, "a JSON array"),
        ({"references": [{"name": "n"}]}, "an integer 'version'"),
        ({"metadata": []}, "a JSON object"),
        ({"metadata": {"properties": {"a": 1}}}, "a string"),
        ({"deleted": "no"}, "a boolean 'deleted'"),
        ({"guid": 1}, "a string 'guid'"),
    ],
)
def test_version_that_is_not_whole(change: dict[str, object], words: str) -> None:
    wire = Wire([answer(200, WHOLE | change)])
    with pytest.raises(RegistryUnavailableError, match=words):
        ask_sync(wire, lambda c: c.get_version(S, Version(1)))


@pytest.mark.parametrize(
    ("ask", "body", "words"),
    [
        (lambda c: c.get_level(S), {"compatibilityLevel": "SOMETIMES"}, "a compatibility level"),
        (lambda c: c.get_mode(S), {"mode": "SLEEPY"}, "a mode"),
        (lambda c: c.check_compatibility(S, "x"), {"is_compatible": "yes"}, "'is_compatible'"),
        (lambda c: c.get_guid_ids("g"), [{"id": 1}], "a string 'context'"),
    ],
)
def test_answer_of_another_shape(ask: Ask[Any], body: object, words: str) -> None:
    with pytest.raises(RegistryUnavailableError, match=words):
        ask_sync(Wire([answer(200, body)]), ask)


def reference_to(name: str) -> dict[str, object]:
    return {"name": name, "subject": name, "version": 1}


def test_references_that_run_in_a_circle() -> None:
    a = WHOLE | {"subject": "a", "references": [reference_to("b")]}
    b = WHOLE | {"subject": "b", "references": [reference_to("a")]}
    with pytest.raises(RegistryUnavailableError, match="form a cycle: b version 1"):
        ask_sync(
            Wire([answer(200, a), answer(200, b), answer(200, a)]),
            lambda c: c.fetch_schema(Subject("a"), Version(1)),
        )


def test_registered_text_that_is_no_schema_names_its_place() -> None:
    bad = WHOLE | {"schema": '{"type":"nope"}'}
    with pytest.raises(SchemaParseError) as raised:
        ask_sync(Wire([answer(200, bad)]), lambda c: c.fetch_schema(S, Version(1)))
    assert str(raised.value).startswith("s version 1:1:")


def test_shared_reference_is_fetched_once() -> None:
    leaf = '{"type":"record","name":"Leaf","fields":[]}'
    left = '{"type":"record","name":"Left","fields":[{"name":"x","type":"Leaf"}]}'
    right = '{"type":"record","name":"Right","fields":[{"name":"x","type":"Leaf"}]}'
    top = '["Left","Right"]'
    content = {"schema": top, "references": [reference_to("Left"), reference_to("Right")]}
    of_leaf = {"references": [reference_to("Leaf")]}
    wire = Wire(
        [
            answer(200, content),
            answer(200, WHOLE | {"subject": "Left", "schema": left} | of_leaf),
            answer(200, WHOLE | {"subject": "Leaf", "schema": leaf}),
            answer(200, WHOLE | {"subject": "Right", "schema": right} | of_leaf),
        ]
    )
    schema = ask_sync(wire, lambda c: c.fetch_schema_by_id(SchemaId(9)))
    assert [list(used.names) for used in schema.references] == [["Left"], ["Right"]]
    assert schema.references[0].references[0] is schema.references[1].references[0]
    assert len(wire.sent) == 4


def test_reference_is_written_as_the_protocol_has_it() -> None:
    wire = Wire([answer(200, WHOLE)])
    uses = [Reference("n.A", Subject("a"), Version(3))]
    ask_sync(wire, lambda c: c.lookup(S, '"ä"', references=uses, normalize=True, deleted=True))
    assert wire.sent == ["POST one/subjects/s?normalize=true&deleted=true"]
    assert (
        wire.requests[0].content
        == (
            '{"schema":"\\"ä\\"","schemaType":"AVRO",'
            '"references":[{"name":"n.A","subject":"a","version":3}]}'
        ).encode()
    )
    assert wire.requests[0].headers["content-type"] == "application/vnd.schemaregistry.v1+json"


@pytest.mark.parametrize(
    ("subject", "path"),
    [
        ("plain", "/subjects/plain/versions"),
        ("a/b", "/subjects/a%2Fb/versions"),
        ("a b?c#d%", "/subjects/a%20b%3Fc%23d%25/versions"),
        ("..", "/subjects/%2E%2E/versions"),
        (".", "/subjects/%2E/versions"),
        (":.ctx:s", "/subjects/%3A.ctx%3As/versions"),
        ("ä日", "/subjects/%C3%A4%E6%97%A5/versions"),
    ],
)
def test_subject_stays_one_segment(subject: str, path: str) -> None:
    wire = Wire([answer(200, [])])
    ask_sync(wire, lambda c: c.get_versions(Subject(subject)), url="http://one/")
    assert wire.sent == [f"GET one{path}"]


def operations() -> dict[str, Operation[..., object]]:
    return {
        name: operation
        for name, operation in inspect.getmembers(Operations)
        if isinstance(operation, Operation)
    }


def test_both_clients_have_every_operation() -> None:
    assert {"get_versions", "register", "fetch_schema"} <= operations().keys()
    for name, operation in operations().items():
        assert getattr(RegistryClient, name) is operation
        assert getattr(AsyncRegistryClient, name) is operation


def test_every_operation_has_its_route_in_the_servers_table() -> None:
    table = {(row.method, re.sub(r"\{\w+\}", "{}", row.path)) for row in ROUTES}
    composed = {"fetch_schema", "fetch_schema_by_id", "get_level", "set_level"}
    for name, operation in operations().items():
        route = operation.route
        if route is None:
            assert name in composed
            continue
        for path in (re.sub(r"\[.*\]", "", route.path), re.sub(r"[\[\]]", "", route.path)):
            assert (route.method, re.sub(r"\{\w+\}", "{}", path)) in table, name


def test_default_of_a_path_parameter_is_sent() -> None:
    wire = Wire([answer(200, [])])
    ask_sync(wire, lambda c: c.get_resource_associations("orders", association_type="key"))
    assert wire.sent == ["GET one/associations/resources/-/orders?associationType=key"]


def test_operation_has_the_docstring_and_signature_of_its_declaration() -> None:
    assert RegistryClient.get_versions.__doc__ == (
        "`GET /subjects/{subject}/versions`: The version numbers, ascending."
    )
    with connect("http://one", transport=Wire([])) as client:
        assert client.get_versions.__name__ == "get_versions"
        assert client.get_versions.__doc__ == RegistryClient.get_versions.__doc__


def test_importing_the_registry_does_not_import_an_http_client() -> None:
    script = "import sys, schemareg.registry; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_every_public_name_is_there() -> None:
    missing = [name for name in schemareg.registry.__all__ if not hasattr(schemareg.registry, name)]
    assert missing == []
    with pytest.raises(AttributeError, match="nonsense"):
        schemareg.registry.nonsense  # noqa: B018  # that is the point
