"""Canaries: shadow readers fail at once, rates by a test, and nothing read is no pass."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest

from schemareg.avro import Schema, parse
from schemareg.codec import compile_encoder
from schemareg.commands.canary import CanaryResult, Incoming, Shadow, canary_topic, shadows_of
from schemareg.errors import ExitCode, RegistryError, UsageError
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.services.canary import Baseline, Limits, Tally, judge
from schemareg.services.canary_tests import (
    compare_medians,
    compare_quantiles,
    compare_rates,
    compare_throughput,
)
from schemareg.subjects import SchemaId
from schemareg.wire import frame
from tests.services.conftest import MakePlatform, record

OLD = parse(record("Placed", {"n": "long"}))
NEW_GOOD = parse(record("Placed", {"n": "long", "m": ("int", 0)}))
NEW_BAD = parse(record("Placed", {"n": "long", "m": "int"}))
OTHER = parse(record("Other", {"x": "int"}))
SCHEMAS = {1: OLD, 2: NEW_BAD, 3: OTHER}
LIMITS = Limits(least=10, looks=2)


def fetch(id: SchemaId | UUID) -> Schema:
    if not isinstance(id, UUID) and id in SCHEMAS:
        return SCHEMAS[id]
    raise RegistryError("unknown", code=40403, status=404)


def incoming(
    id: int, schema: Schema, value: object, *, canary: bool = False, at: float = 0.1
) -> Incoming:
    headers = (("track", b"canary"),) if canary else ()
    return Incoming(0, 0, frame(SchemaId(id), compile_encoder(schema)(value)), headers, at)


PLACED = incoming(1, OLD, {"n": 1})
UNKNOWN = incoming(9, OLD, {"n": 1}, canary=True)
CANARY = incoming(1, OLD, {"n": 1}, canary=True)


def judged(batches: Sequence[Sequence[Incoming]], new: Schema = NEW_GOOD) -> CanaryResult:
    shadows = [Shadow("billing", "shop.Placed", OLD, new)]
    return canary_topic(
        "orders", shadows, batches, fetch, limits=LIMITS,
        is_canary=lambda record: ("track", b"canary") in record.headers,
    )  # fmt: skip


CASES = [
    pytest.param([[PLACED] * 10, [PLACED] * 10], NEW_GOOD, "pass", 20, id="pass"),
    pytest.param([[PLACED] * 10, [PLACED]], NEW_BAD, "fail", 10, id="one-record-is-enough"),
    pytest.param([[PLACED] * 4, [PLACED] * 5], NEW_GOOD, "inconclusive", 9, id="too-few"),
    pytest.param([[], []], NEW_GOOD, "inconclusive", 0, id="nothing"),
    pytest.param([], NEW_GOOD, "inconclusive", 0, id="no-look"),
    pytest.param([[PLACED] * 50], NEW_GOOD, "inconclusive", 50, id="ended-early"),
    pytest.param([[PLACED] * 50 + [UNKNOWN] * 20], NEW_GOOD, "fail", 70, id="unregistered"),
    pytest.param([[PLACED] * 50, [CANARY] * 5], NEW_GOOD, "inconclusive", 55, id="few-canaries"),
    pytest.param([[PLACED] * 50, [CANARY] * 50], NEW_GOOD, "pass", 100, id="canaries"),
]


@pytest.mark.parametrize(("batches", "new", "verdict", "records"), CASES)
def test_verdicts(batches: list[list[Incoming]], new: Schema, verdict: str, records: int) -> None:
    result = judged(batches, new)
    assert (result.verdict, result.records) == (verdict, records)
    codes = {
        "pass": ExitCode.YES,
        "fail": ExitCode.NO,
        "inconclusive": ExitCode.EXTERNAL_FAILURE,
    }
    assert result.exit_code() is codes[verdict]
    assert (result.why == ()) is (verdict == "pass")
    assert f"{verdict}: " in render(result, Format.TEXT, Page())


def test_what_no_shadow_reads_is_passed_over() -> None:
    shadows = [Shadow("billing", "shop.Placed", OLD, OLD), Shadow("mail", "shop.Paid", OLD, OLD)]
    other = incoming(3, OTHER, {"x": 1})
    batches = [[other, Incoming(0, 1, None), PLACED]] * 2
    result = canary_topic("orders", shadows, batches, fetch, limits=LIMITS)
    assert (result.records, result.passed_over) == (2, 4)


def test_no_frame_is_unreadable_and_unregistered() -> None:
    result = judged([[Incoming(0, 0, b"{}")] * 10, []])
    assert (result.records, result.failed) == (10, 0)


def test_slower_canaries() -> None:
    slow = incoming(1, OLD, {"n": 1}, canary=True, at=3.0)
    result = judged([[PLACED] * 40 + [slow] * 40])
    assert [c.is_worse for c in result.comparisons] == [False, False, True]
    assert result.verdict == "fail"


# Fisher's exact test of (8, 2) against (1, 5), greater: the example of scipy's documentation
def test_fisher() -> None:
    tally = Tally()
    tally.records.update({"canary": 10, "stable": 6})
    tally.unreadable.update({"canary": 8, "stable": 1})
    found = judge(tally, Limits(least=5), is_last=True).comparisons[0]
    assert found.p == pytest.approx(0.0244755, abs=1e-6)


def test_none_seen_comes_with_its_bound() -> None:
    tally = Tally()
    tally.records.update({"canary": 300, "stable": 300})
    found = judge(tally, Limits(alpha=0.3, looks=1), is_last=True).comparisons[0]
    assert found.bound == pytest.approx(3 / 300, rel=0.01)  # the rule of three, at 5 %


def test_the_interval_of_two_shares() -> None:
    # Newcombe 1998, table II, example (a): 56/70 - 48/80, method 10
    found = compare_rates("bad", (48, 56), (80, 70), alpha=0.05, least=0.0)
    assert found.effect == pytest.approx(0.2)
    assert found.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_effect_of_latencies() -> None:
    found = compare_medians([1.0, 2.0, 3.0], [2.5, 4.0], alpha=0.05, ratio=1.25)
    assert found.statistic == 5.0
    assert found.effect == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("tail", "is_worse"),
    [pytest.param(0.1, False, id="alike"), pytest.param(2.0, True, id="a-slow-tenth")],
)
def test_quantiles_by_blocks(tail: float, is_worse: bool) -> None:
    stable = [0.1 + 0.01 * (n % 7) for n in range(1000)]
    canary = [tail if n % 10 == 0 else value for n, value in enumerate(stable)]
    p95 = compare_quantiles(stable, canary, 0.95, alpha=0.001, ratio=1.25)
    assert (p95.is_worse, p95.measure) == (is_worse, "p95 of latency")
    assert p95.interval is not None
    assert (p95.interval[0] > 0) is is_worse
    assert p95 == compare_quantiles(stable, canary, 0.95, alpha=0.001, ratio=1.25)


def test_one_burst_is_one_block_and_no_proof() -> None:
    calm = [0.1] * 1000
    burst = [*[0.1] * 930, *[5.0] * 70]  # all slow records came at once
    assert not compare_quantiles(calm, burst, 0.95, alpha=0.001, ratio=1.25).is_worse


@pytest.mark.parametrize(
    ("before", "now", "is_worse"),
    [(1000, 990, False), (1000, 480, True), (1000, 520, False), (10, 4, False)],
)
def test_throughput(before: int, now: int, is_worse: bool) -> None:
    found = compare_throughput(before, now, (60.0, 60.0), alpha=0.01, ratio=0.5)
    assert found.is_worse is is_worse
    assert found.effect == pytest.approx(now / before)
    assert found.interval is not None
    assert found.interval[0] < now / before < found.interval[1]


def test_a_stalled_topic_is_a_fail() -> None:
    shadows = [Shadow("billing", "shop.Placed", OLD, NEW_GOOD)]
    result = canary_topic(
        "orders", shadows, [[PLACED] * 10, [PLACED] * 10], fetch, limits=LIMITS,
        baseline=Baseline(1000, 60), seconds=30,
    )  # fmt: skip
    assert result.verdict == "fail"
    assert "throughput: 0.333 records/s, 16.7 before" in render(result, Format.TEXT, Page())
    assert result.why[0].startswith("throughput of the canary is worse: ")


def test_shadows_of_the_manifest(make_platform: MakePlatform) -> None:
    manifest = """
[services.order]
produces = [{ event = "shop.Placed", topic = "orders" }]
[services.billing]
consumes = [{ event = "shop.Placed", topic = "orders" }]
"""
    platform = make_platform(manifest, Placed=([{"n": "int"}], {"n": "long"}))
    (shadow,) = shadows_of(platform, "orders")
    assert (shadow.consumer, shadow.event) == ("billing", "shop.Placed")
    assert shadow.old is not shadow.new
    with pytest.raises(
        UsageError, match=r"no consumer of the topic 'order'.*did you mean 'orders'"
    ):
        shadows_of(platform, "order")
