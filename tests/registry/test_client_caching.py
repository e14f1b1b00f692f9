"""What the client asks once, and how it waits between requests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from schemareg.errors import IncompatibleSchemaError, RegistryError
from schemareg.registry import Retry
from schemareg.registry.client.resilience import CircuitBreaker, retry_after_s
from schemareg.subjects import SchemaId, Subject
from tests.registry.client_wire import DRIVERS, PATIENCE, Wire, answer

S = Subject("s")
FULL = {"subject": "s", "version": 2, "id": 7, "schema": '"string"'}


def test_circuit_breaker_over_its_life() -> None:
    now = [0.0]
    circuit = CircuitBreaker(threshold=2, cool_down_s=10.0, clock=lambda: now[0])
    circuit.failed()
    assert circuit.lets_through()
    circuit.failed()
    assert not circuit.lets_through()
    now[0] = 10.0
    assert circuit.lets_through(), "one probe"
    assert not circuit.lets_through(), "and no second one beside it"
    now[0] = 20.0
    assert circuit.lets_through()
    circuit.succeeded()
    assert circuit.lets_through()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0.0),
        ("3", 3.0),
        (" 12 ", 12.0),
        ("-1", 0.0),
        ("soon", 0.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 2023 22:13:10 GMT", 0.0),
        ("9" * 40, 0.0),
    ],
)
def test_retry_after_header(header: str | None, seconds: float) -> None:
    assert retry_after_s(header, epoch_s=1_700_000_000.0) == seconds


@pytest.mark.parametrize(("round", "ceiling"), [(1, 0.5), (2, 1.0), (3, 2.0), (9, 3.0), (999, 3.0)])
def test_pause_grows_up_to_its_ceiling(round: int, ceiling: float) -> None:
    retry = Retry(rounds=9, first_pause_s=0.5, longest_pause_s=3.0)
    assert retry.pause_s(round, random=lambda: 1.0, retry_after_s=0.0) == ceiling
    assert retry.pause_s(round, random=lambda: 0.0, retry_after_s=2.0) == 2.0


@DRIVERS
def test_ids_are_asked_once_and_not_found_again_each_time(ask: Any) -> None:
    content = {"schema": '"int"', "guid": "g"}
    missing = answer(404, {"error_code": 40403, "message": "Schema 1 not found"})
    wire = Wire([missing, answer(200, content)])

    def thrice(c: Any) -> Any:
        with pytest.raises(RegistryError):
            yield from c.get_schema(SchemaId(1))
        yield from c.get_schema(SchemaId(1))
        return (yield from c.get_schema(SchemaId(1)))

    assert ask(wire, thrice).text == '"int"'
    assert wire.sent == ["GET one/schemas/ids/1"] * 2


@pytest.mark.parametrize(("ttl_s", "requests"), [(0.0, 3), (30.0, 2)])
@DRIVERS
def test_latest_is_kept_for_its_time_only(ttl_s: float, requests: int, ask: Any) -> None:
    wire = Wire([answer(200, FULL)] * 3)

    def thrice(c: Any) -> Any:
        yield from c.get_version(S, "latest")
        wire.now += 29.0
        yield from c.get_version(S, "latest")
        wire.now += 2.0
        return (yield from c.get_version(S, "latest"))

    ask(wire, thrice, patience=replace(PATIENCE, latest_ttl_s=ttl_s))
    assert len(wire.sent) == requests


@DRIVERS
def test_409_is_an_incompatible_schema(ask: Any) -> None:
    body = {"error_code": 40901, "message": "Schema being registered is incompatible"}
    wire = Wire([answer(409, body)])
    with pytest.raises(IncompatibleSchemaError) as raised:
        ask(wire, lambda c: c.register(S, '"int"'))
    assert (raised.value.status, raised.value.code) == (409, 40901)
    assert raised.value.request == "POST http://one/subjects/s/versions"
