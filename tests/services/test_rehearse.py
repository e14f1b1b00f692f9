"""Rehearsals: simulated services deploy a change, and the history alone is judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from schemareg.brokers.channel import Channel, Message
from schemareg.commands.rehearse import RehearseResult, rehearse_change
from schemareg.errors import ExitCode, UsageError
from schemareg.rehearsal.checker import judge
from schemareg.rehearsal.platform import Fact
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.state import RegistryState, StoredVersion, SubjectState
from schemareg.subjects import SchemaId, Subject, Version
from tests.services.conftest import MakePlatform, record

MANIFEST = """
[topics.orders]
retention = "1d"
[services.order]
produces = [{ event = "shop.Placed", topic = "orders" }]
[services.billing]
consumes = [{ event = "shop.Placed", topic = "orders" }]
"""
ENUM = {"type": "enum", "name": "E", "symbols": ["A"]}
WIDER = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
Fields = dict[str, object]


class Echo:
    """A broker that returns what it gets."""

    def __enter__(self) -> Echo:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def exchange(self, batch: Sequence[Message]) -> list[Message]:
        return list(batch)


def rehearsed(
    make: MakePlatform,
    old: list[Fields],
    new: Fields,
    *,
    given: Sequence[Sequence[str]] = (),
    seed: int = 0,
    keep: list[Fact] | None = None,
    name: str = "Placed",
) -> RehearseResult:
    platform = make(MANIFEST, **{name: (old, new)})
    texts = [record(name, fields) for fields in (*old, new)]
    versions = tuple(
        StoredVersion(Version(n), text, id=SchemaId(n)) for n, text in enumerate(texts, 1)
    )
    subject = Subject("orders-key" if name == "Key" else "orders-value")
    state = RegistryState({subject: SubjectState(subject, versions)})
    return rehearse_change(
        platform,
        state,
        lambda run: cast("Channel", Echo()),
        broker="an echo",
        seed=seed,
        given=given,
        keep=(keep if keep is not None else []).append,
    )


CASES = [
    pytest.param([{"a": "int"}], {"a": "int", "b": ("int", 0)}, (), [], id="compatible"),
    pytest.param([{"a": "int"}], {"a": "long"}, (), [], id="consumers-first"),
    pytest.param(
        [{"a": "int"}], {"a": "long"}, (["order"], ["billing"]),
        ["rehearsal-unreadable"], id="consumers-first-turned-round",
    ),
    pytest.param([{"a": "int"}], {"a": "int", "b": "int"}, (), [], id="producers-first"),
    pytest.param(
        [{"a": "int"}], {"a": "int", "b": "int"}, (["billing"], ["order"]),
        ["rehearsal-unreadable"] * 1, id="producers-first-turned-round",
    ),
    pytest.param([{"e": ENUM}], {"e": WIDER}, (), [], id="a-symbol-more"),
    pytest.param(
        [{"e": ENUM}], {"e": WIDER}, (["order", "billing"],),
        ["rehearsal-unreadable"], id="a-symbol-more-in-one-wave",
    ),
]  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("old", "new", "given", "rules"), CASES)
def test_the_order_passes_and_others_fail(
    make_platform: MakePlatform,
    old: list[Fields],
    new: Fields,
    given: Sequence[Sequence[str]],
    rules: list[str],
    seed: int,
) -> None:
    result = rehearsed(make_platform, old, new, given=given, seed=seed)
    assert sorted({f.rule for f in result.findings}) == rules
    assert result.exit_code() is (ExitCode.NO if rules else ExitCode.YES)
    assert (result.lost, result.blocked) == (0, ())
    assert result.records > 0
    met = {(m.version, m.is_new) for m in result.covered}
    assert (1, False) in met
    assert (2, True) in met


@pytest.mark.parametrize(
    ("new", "given", "rules"),
    [
        pytest.param({"a": "long"}, (), [], id="computed"),
        pytest.param(
            {"a": "long"}, (["order"], ["billing"]), ["rehearsal-unreadable"], id="turned-round"
        ),
    ],
)
def test_changed_keys(
    make_platform: MakePlatform, new: Fields, given: Sequence[Sequence[str]], rules: list[str]
) -> None:
    result = rehearsed(make_platform, [{"a": "int"}], new, given=given, name="Key")
    assert result.events == ("key of orders@orders",)
    assert sorted({f.rule for f in result.findings}) == rules
    assert result.records > 0


def test_records_go_to_two_partitions(make_platform: MakePlatform) -> None:
    facts: list[Fact] = []
    rehearsed(make_platform, [{"a": "int"}], {"a": "long"}, keep=facts)
    offsets: dict[int, list[int]] = {}
    for met in facts:
        if met.kind == "written" and met.step.startswith("deployment"):
            offsets.setdefault(met.partition, []).append(met.offset)
    assert sorted(offsets) == [0, 1]
    assert all(found == list(range(len(found))) for found in offsets.values())


def test_the_first_record_is_shown_in_full(make_platform: MakePlatform) -> None:
    result = rehearsed(make_platform, [{"a": "int"}], {"a": "long"}, given=(["order"], ["billing"]))
    first = result.first
    assert first is not None
    assert (first.step, first.consumer, first.version) == ("deployment: wave 1", "billing", 2)
    assert first.hex.startswith("00 00 00 00 02 ")
    assert isinstance(first.value, dict)
    text = render(result, Format.TEXT, Page())
    assert "  reader: " in text
    assert "failed: 2 waves and each way back" in text


def test_one_seed_makes_one_history(make_platform: MakePlatform) -> None:
    histories: list[list[Fact]] = [[], [], []]
    for seed, kept in zip((7, 7, 8), histories, strict=True):
        rehearsed(
            make_platform, [{"a": "string"}], {"a": "string", "b": ("int", 0)}, seed=seed, keep=kept
        )
    assert histories[0] == histories[1]
    assert histories[0] != histories[2]


def test_a_change_that_no_order_makes_safe(make_platform: MakePlatform) -> None:
    result = rehearsed(make_platform, [{"a": "int"}], {"a": "string"})
    assert result.blocked == ("shop.Placed",)
    assert "not-deployable-in-one-step" in {f.rule for f in result.findings}
    assert "rehearsal-unreadable" in {f.rule for f in result.findings}


def test_nothing_changes(make_platform: MakePlatform) -> None:
    result = rehearsed(make_platform, [{"a": "int"}], {"a": "int"})
    assert (result.exit_code(), result.events) == (ExitCode.YES, ())
    assert "nothing to rehearse" in render(result, Format.TEXT, Page())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([["orders", "billing"]], "'orders' changes nothing here; did you mean 'order'?"),
        ([["order"]], "the waves leave out billing; name every service that changes"),
    ],
)
def test_given_waves_are_complete(
    make_platform: MakePlatform, given: list[list[str]], message: str
) -> None:
    with pytest.raises(UsageError) as raised:
        rehearsed(make_platform, [{"a": "int"}], {"a": "long"}, given=given)
    assert str(raised.value) == message


def fact(kind: str, service: str = "", offset: int = 0, run: str = "deployment") -> Fact:
    return Fact(0, f"{run}: start", kind, service, 0, "e@t", 1, offset, 1)  # type: ignore[arg-type]


def test_the_checker_finds_what_was_never_read() -> None:
    history = [
        fact("written"),
        fact("written", offset=1),
        fact("written", offset=2),
        fact("written", run="rollback from wave 1"),
        fact("read", "billing"),
        fact("read", "mail"),
        fact("read", "billing", offset=1),
        fact("expired", offset=2),
        fact("unreadable", "mail", run="rollback from wave 1"),
        fact("started", "mail"),
    ]
    found = judge(history, {"e@t": ["billing", "mail"]})
    assert found.lost == (
        ("deployment", "e@t", 1, 1, "mail"),
        ("rollback from wave 1", "e@t", 1, 0, "billing"),
    )
    assert (len(found.unreadable), found.records, found.reads, found.restarts) == (1, 4, 3, 1)
