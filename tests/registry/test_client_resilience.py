"""Retry, failover, circuits, deadlines: what is sent, when, and what never is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from schemareg.errors import RegistryError, RegistryUnavailableError
from schemareg.registry import Retry
from schemareg.registry.api.types import ConfigChange, Mode, RegisteredSchema
from schemareg.subjects import CompatibilityLevel, SchemaId, Subject, Version
from tests.registry.client_wire import (
    DRIVERS,
    PATIENCE,
    Ask,
    Said,
    Wire,
    answer,
)

S = Subject("s")

FULL = {"subject": "s", "version": 2, "id": 7, "schema": '"string"'}
NOT_FOUND = {"error_code": 40401, "message": "Subject 's' not found."}
NO_SCHEMA = {"error_code": 40403, "message": "Schema not found"}


@dataclass(frozen=True)
class Row:
    """`says` on the wire give `sent` and, after `pauses`, `gives` or an error's words."""

    name: str
    ask: Ask[Any]
    says: Sequence[Said]
    sent: Sequence[str]
    pauses: Sequence[float] = ()
    gives: object = None
    fails: str = ""
    url: str | Sequence[str] = "http://one"


GET_1 = "GET one/subjects/s/versions"
POST_1 = "POST one/subjects/s/versions"
LOOK_1 = "POST one/subjects/s"
UNKNOWN = "whether the registry did it is not known"

ROWS = [
    Row(
        "read_after_503",
        lambda c: c.get_versions(S),
        [answer(503), answer(200, [1])],
        [GET_1, GET_1],
        pauses=[0.5],
        gives=(1,),
    ),
    Row(
        "read_after_refused_connection",
        lambda c: c.get_versions(S),
        [httpx.ConnectError, answer(200, [1])],
        [GET_1, GET_1],
        pauses=[0.5],
        gives=(1,),
    ),
    Row(
        "read_gives_up_after_three_rounds",
        lambda c: c.get_versions(S),
        [answer(502), answer(502), answer(504)],
        [GET_1, GET_1, GET_1],
        pauses=[0.5, 1.0],
        fails="GET http://one/subjects/s/versions: answered 504",
    ),
    Row(
        "429_waits_at_least_as_long_as_asked",
        lambda c: c.get_versions(S),
        [answer(429, {"error_code": 429, "message": "slow"}, retry_after="7"), answer(200, [1])],
        [GET_1, GET_1],
        pauses=[7.5],
        gives=(1,),
    ),
    Row(
        "retry_after_longer_than_the_deadline",
        lambda c: c.get_versions(S),
        [answer(429, {"error_code": 429, "message": "slow"}, retry_after="61")],
        [GET_1],
        fails="429/429 slow",
    ),
    Row(
        "500_is_tried_again_and_reported_in_the_end",
        lambda c: c.get_versions(S),
        [answer(500, {"error_code": 50001, "message": "store"})] * 3,
        [GET_1, GET_1, GET_1],
        pauses=[0.5, 1.0],
        fails="GET http://one/subjects/s/versions: 500/50001 store",
    ),
    Row(
        "leader_unknown_then_an_answer",
        lambda c: c.get_versions(S),
        [answer(500, {"error_code": 50004, "message": "no leader"}), answer(200, [1])],
        [GET_1, GET_1],
        pauses=[0.5],
        gives=(1,),
    ),
    Row(
        "forwarding_failed_at_one_node",
        lambda c: c.get_versions(S),
        [answer(500, {"error_code": 50003, "message": "forwarding"}), answer(200, [1])],
        [GET_1, "GET two/subjects/s/versions"],
        gives=(1,),
        url=["http://one", "http://two"],
    ),
    Row(
        "408_fails_over",
        lambda c: c.get_versions(S),
        [answer(408), answer(200, [1])],
        [GET_1, "GET two/subjects/s/versions"],
        gives=(1,),
        url=["http://one", "http://two"],
    ),
    Row(
        "write_answered_500_that_took_effect",
        lambda c: c.register(S, '"string"'),
        [answer(500, {"error_code": 50003, "message": "forwarding"}), answer(200, FULL)],
        [POST_1, LOOK_1],
        pauses=[0.5],
        gives=RegisteredSchema(S, Version(2), SchemaId(7), '"string"'),
    ),
    Row(
        "write_answered_500_that_took_no_effect",
        lambda c: c.register(S, '"string"'),
        [
            answer(500, {"error_code": 50003, "message": "forwarding"}),
            answer(404, NO_SCHEMA),
            answer(200, FULL),
        ],
        [POST_1, LOOK_1, POST_1],
        pauses=[0.5],
        gives=RegisteredSchema(S, Version(2), SchemaId(7), '"string"'),
    ),
    Row(
        "failover_without_a_pause",
        lambda c: c.get_versions(S),
        [httpx.ConnectTimeout, answer(200, [1])],
        [GET_1, "GET two/subjects/s/versions"],
        gives=(1,),
        url=["http://one", "http://two"],
    ),
    Row(
        "failover_of_both_then_a_pause",
        lambda c: c.get_versions(S),
        [httpx.ConnectError, answer(503), answer(200, [1])],
        [GET_1, "GET two/subjects/s/versions", GET_1],
        pauses=[0.5],
        gives=(1,),
        url=["http://one", "http://two"],
    ),
    Row(
        "429_does_not_fail_over",
        lambda c: c.get_versions(S),
        [answer(429), answer(200, [1])],
        [GET_1, GET_1],
        pauses=[0.5],
        gives=(1,),
        url=["http://one", "http://two"],
    ),
    Row(
        "write_never_sent_is_sent_again",
        lambda c: c.register(S, '"string"'),
        [httpx.ConnectError, answer(200, FULL)],
        [POST_1, POST_1],
        pauses=[0.5],
    ),
    Row(
        "write_with_lost_answer_that_took_effect",
        lambda c: c.register(S, '"string"'),
        [httpx.ReadTimeout, answer(200, FULL)],
        [POST_1, LOOK_1],
        pauses=[0.5],
    ),
    Row(
        "write_with_lost_answer_without_effect",
        lambda c: c.register(S, '"string"'),
        [answer(502), answer(404, NO_SCHEMA), answer(200, FULL)],
        [POST_1, LOOK_1, POST_1],
        pauses=[0.5],
    ),
    Row(
        "write_fails_over_after_a_look",
        lambda c: c.register(S, '"string"'),
        [httpx.RemoteProtocolError, answer(404, NOT_FOUND), answer(200, FULL)],
        [POST_1, LOOK_1, "POST two/subjects/s/versions"],
        url=["http://one", "http://two"],
    ),
    Row(
        "write_stays_unknown_when_nobody_can_look",
        lambda c: c.register(S, '"string"'),
        [httpx.ReadTimeout, *[httpx.ConnectError] * 3],
        [POST_1, LOOK_1, LOOK_1, LOOK_1],
        pauses=[0.5, 0.5, 1.0],
        fails=UNKNOWN,
    ),
    Row(
        "write_429_is_sent_again_without_a_look",
        lambda c: c.register(S, '"string"'),
        [answer(429), answer(200, FULL)],
        [POST_1, POST_1],
        pauses=[0.5],
    ),
    Row(
        "last_answer_of_a_write_lost",
        lambda c: c.register(S, '"string"'),
        [answer(504), answer(404, NO_SCHEMA), answer(504), answer(404, NO_SCHEMA), answer(504)],
        [POST_1, LOOK_1, POST_1, LOOK_1, POST_1],
        pauses=[0.5, 1.0],
        fails=UNKNOWN,
    ),
    Row(
        "delete_latest_is_never_sent_twice",
        lambda c: c.delete_version(S, "latest"),
        [httpx.ReadError],
        ["DELETE one/subjects/s/versions/latest"],
        pauses=[0.5],
        fails=UNKNOWN,
    ),
    Row(
        "delete_version_that_is_gone",
        lambda c: c.delete_version(S, Version(3)),
        [
            httpx.ReadError,
            answer(404, {"error_code": 40402, "message": "Version 3 not found."}),
        ],
        ["DELETE one/subjects/s/versions/3", "GET one/subjects/s/versions/3"],
        pauses=[0.5],
        gives=3,
    ),
    Row(
        "delete_subject_that_is_gone",
        lambda c: c.delete_subject(S),
        [httpx.ReadError, answer(404, NOT_FOUND), answer(200, [1, 2])],
        ["DELETE one/subjects/s", GET_1, f"{GET_1}?deletedOnly=true"],
        pauses=[0.5],
        gives=(1, 2),
    ),
    Row(
        "permanent_delete_that_is_gone",
        lambda c: c.delete_subject(S, permanent=True),
        [answer(200, [1, 2]), httpx.ReadError, answer(404, NOT_FOUND)],
        [f"{GET_1}?deleted=true", "DELETE one/subjects/s?permanent=true", f"{GET_1}?deleted=true"],
        pauses=[0.5],
        gives=(1, 2),
    ),
    Row(
        "level_that_was_set",
        lambda c: c.set_level(CompatibilityLevel.FULL, S),
        [httpx.ReadError, answer(200, {"compatibilityLevel": "FULL"})],
        ["PUT one/config/s", "GET one/config/s"],
        pauses=[0.5],
    ),
    Row(
        "level_that_was_not_set",
        lambda c: c.set_level(CompatibilityLevel.FULL, S),
        [
            httpx.ReadError,
            answer(404, {"error_code": 40408, "message": "none"}),
            answer(200, {"compatibility": "FULL"}),
        ],
        ["PUT one/config/s", "GET one/config/s", "PUT one/config/s"],
        pauses=[0.5],
    ),
    Row(
        "mode_that_was_set",
        lambda c: c.set_mode(Mode.IMPORT),
        [httpx.ReadError, answer(200, {"mode": "IMPORT"})],
        ["PUT one/mode", "GET one/mode"],
        pauses=[0.5],
        gives=Mode.IMPORT,
    ),
    Row(
        "config_delete_has_no_way_to_look",
        lambda c: c.delete_config(S),
        [answer(504)],
        ["DELETE one/config/s"],
        pauses=[0.5],
        fails=UNKNOWN,
    ),
    Row(
        "change_that_clears_a_member_is_looked_up",
        lambda c: c.set_config(ConfigChange(normalize=None), S),
        [httpx.ReadError, answer(200, {"compatibilityLevel": "FULL"})],
        ["PUT one/config/s", "GET one/config/s"],
        pauses=[0.5],
    ),
]


@DRIVERS
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_request_on_a_bad_wire(row: Row, ask: Any) -> None:
    wire = Wire(row.says)
    if row.fails:
        with pytest.raises((RegistryError, RegistryUnavailableError)) as raised:
            ask(wire, row.ask, url=row.url)
        assert row.fails in str(raised.value)
    else:
        got = ask(wire, row.ask, url=row.url)
        if row.gives is not None:
            assert got == row.gives
    assert wire.sent == list(row.sent)
    assert wire.pauses == list(row.pauses)


@DRIVERS
def test_preferred_url_is_the_one_that_answered(ask: Any) -> None:
    wire = Wire([httpx.ConnectError, answer(200, []), answer(200, [])])

    def twice(c: Any) -> Any:
        yield from c.get_subjects()
        return (yield from c.get_subjects())

    ask(wire, twice, url=["http://one", "http://two"])
    assert wire.sent == ["GET one/subjects", "GET two/subjects", "GET two/subjects"]


@DRIVERS
def test_deadline_ends_a_call_whose_requests_are_slow(ask: Any) -> None:
    wire = Wire([httpx.ReadTimeout] * 3, each_takes_s=25.0)
    with pytest.raises(RegistryUnavailableError):
        ask(wire, lambda c: c.get_subjects(), patience=replace(PATIENCE, deadline_s=50.0))
    # 25 s, a pause of 0.5 s, 25 s: the third round is not begun
    assert len(wire.sent) == 2


@DRIVERS
def test_circuit_open_after_failures_sends_nothing(ask: Any) -> None:
    patience = replace(PATIENCE, retry=Retry(rounds=1), circuit_threshold=2)
    wire = Wire([httpx.ConnectError, httpx.ConnectError, answer(200, [])])
    words: list[str] = []

    def four_times(c: Any) -> Any:
        for _ in range(3):
            try:
                yield from c.get_subjects()
            except RegistryUnavailableError as error:
                words.append(error.message)
        wire.now += 15.0
        return (yield from c.get_subjects())

    assert ask(wire, four_times, patience=patience) == ()
    assert len(wire.sent) == 3
    assert words[2] == "GET /subjects: not sent, http://one failed too often in a row"
