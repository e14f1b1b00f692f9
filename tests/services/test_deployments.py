"""Whether a version may be deployed: yes, no and unknown for the right reasons."""

from __future__ import annotations

import pytest

from schemareg.commands.can_i_deploy import can_i_deploy
from schemareg.errors import ContentError, UsageError
from schemareg.services.deployments import (
    Deployments,
    Record,
    RecordKind,
    Verdict,
    built_version,
    deployments_text,
    read_deployments,
)
from tests.services.conftest import Fields, MakePlatform

MANIFEST = """
[environments.live]
[services.shop]
produces = [{ event = "shop.Placed", topic = "orders" }]
[services.till]
consumes = [{ event = "shop.Placed", topic = "orders" }]
[services.post]
consumes = [{ event = "shop.Placed", topic = "orders" }]
[services.alone]
"""
NUMBER: Fields = {"id": "int"}
WIDE: Fields = {"id": "long"}
KEY = "shop.Placed@orders"


def built(service: str, version: str, schema: int) -> Record:
    held = {KEY: schema}
    if service == "shop":
        return Record(RecordKind.VERSION, service, version, writes=held)
    return Record(RecordKind.VERSION, service, version, reads=held)


BUILT = (
    built("shop", "old", 1),
    built("shop", "new", 2),
    built("till", "old", 1),
    built("till", "new", 2),
    built("post", "old", 1),
    built("post", "new", 2),
    Record(RecordKind.VERSION, "alone", "1"),
)


def deployed(*names: str, kind: RecordKind = RecordKind.DEPLOYED) -> tuple[Record, ...]:
    pairs = [name.split("@") for name in names]
    return tuple(Record(kind, service, version, "live") for service, version in pairs)


@pytest.mark.parametrize(
    ("there", "name", "verdict", "whys"),
    [
        # a producer needs only the consumers that are there
        ((), "shop@new", Verdict.YES, []),
        (deployed("till@new", "post@new"), "shop@new", Verdict.YES, []),
        (
            deployed("till@old", "post@new"),
            "shop@new",
            Verdict.NO,
            [
                "cannot read version 2: Placed.id: "
                "reader type: INT not compatible with writer type: LONG"
            ],
        ),
        # a consumer needs its producer
        ((), "till@new", Verdict.UNKNOWN, ["no version of shop is recorded in live"]),
        (deployed("shop@old"), "till@new", Verdict.YES, []),
        (
            deployed("shop@new"),
            "till@old",
            Verdict.NO,
            [
                "cannot read version 2: Placed.id: "
                "reader type: INT not compatible with writer type: LONG"
            ],
        ),
        ((), "shop@none", Verdict.UNKNOWN, ["shop@none is not a recorded version"]),
        ((), "alone@1", Verdict.YES, []),
        # a rollback is the old version again
        (deployed("till@old", "till@new", "till@old"), "shop@new", Verdict.NO, None),
        # released versions stay beside others
        (
            (*deployed("till@old", kind=RecordKind.RELEASED), *deployed("till@new")),
            "shop@new",
            Verdict.NO,
            None,
        ),
        (
            (
                *deployed("till@old", kind=RecordKind.RELEASED),
                *deployed("till@old", kind=RecordKind.SUPPORT_ENDED),
            ),
            "shop@new",
            Verdict.YES,
            [],
        ),
    ],
)
def test_answer(
    make_platform: MakePlatform,
    there: tuple[Record, ...],
    name: str,
    verdict: Verdict,
    whys: list[str] | None,
) -> None:
    platform = make_platform(MANIFEST, Placed=([NUMBER, WIDE], WIDE))
    result = can_i_deploy(platform, Deployments((*BUILT, *there)), name, "live")
    assert result.deployable is verdict
    assert int(result.exit_code()) == {"yes": 0, "no": 1, "unknown": 3}[verdict]
    if whys is not None:
        assert [row.why for row in result.rows if row.why] == whys


def test_unknown_does_not_hide_no(make_platform: MakePlatform) -> None:
    platform = make_platform(MANIFEST, Placed=([NUMBER, WIDE], WIDE))
    early = Record(RecordKind.VERSION, "post", "early")
    there = (*BUILT, early, *deployed("till@old", "post@early"))
    result = can_i_deploy(platform, Deployments(there), "shop@new", "live")
    assert {row.verdict for row in result.rows} == {Verdict.NO, Verdict.UNKNOWN}
    assert result.deployable is Verdict.NO
    ignoring = can_i_deploy(platform, Deployments(there), "shop@new", "live", ignore=["till"])
    assert (ignoring.deployable, len(ignoring.ignored)) == (Verdict.UNKNOWN, 1)


def test_versions_that_the_topic_still_holds_count(make_platform: MakePlatform) -> None:
    history: list[Fields] = [{"id": "int"}, {"id": "int", "n": "int"}]
    there = (built("shop", "new", 2), built("till", "new", 2), *deployed("shop@new"))
    for topics, verdict in (("", Verdict.NO), ("[topics.orders]\nwiped = true", Verdict.YES)):
        platform = make_platform(MANIFEST + topics, Placed=(history, history[1]))
        result = can_i_deploy(platform, Deployments(there), "till@new", "live")
        assert result.deployable is verdict


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (*deployed("shop@x"), "shop@x is not a recorded version"),
        (*deployed("shop@new", kind=RecordKind.SUPPORT_ENDED), "shop@new is not in use in live"),
        (built("shop", "new", 1), "shop@new is recorded with other schemas"),
    ],
)
def test_records_that_are_refused(record: Record, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Deployments(BUILT).added(record)


def test_recording_again_changes_nothing() -> None:
    held = Deployments(BUILT)
    (record,) = deployed("shop@new")
    once = held.added(record)
    assert once.added(record) is once
    assert once.added(built("shop", "new", 2)) is once
    assert once.versions_in("live", "shop") == ("new",)


def test_file_holds_every_record(make_platform: MakePlatform) -> None:
    platform = make_platform(MANIFEST, Placed=([NUMBER, WIDE], WIDE))
    record = built_version(platform, "shop", "7", at="2026-01-01T00:00:00+00:00", by="ci")
    held = Deployments((record, *deployed("shop@7")))
    assert dict(record.writes) == {KEY: 2}
    assert read_deployments(deployments_text(held), "x") == held
    assert len(deployments_text(held).splitlines()) == 4


@pytest.mark.parametrize("text", ["", "[]", '{"records": [{}]}', '{"records": [{"kind": "x"}]}'])
def test_file_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ContentError):
        read_deployments(text, "deployments.json")
