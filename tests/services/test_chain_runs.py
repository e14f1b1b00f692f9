"""Runs of a chain: whole, open, late, and with compensations that are missing or wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.commands.chains import chains_result
from schemareg.services.traces import Traces
from tests.services.conftest import MakePlatform, record
from tests.services.traced import CANCELLED, HOUR_NS, MANIFEST, PAID, PLACED, REFUNDED, sent

RUNS = [
    pytest.param([PLACED, PAID], False, [], id="whole"),
    pytest.param([PLACED], True, [], id="open"),
    pytest.param(
        [PLACED, PAID, CANCELLED], False,
        [("missing-compensation", "shop.Refunded")], id="missing",
    ),
    pytest.param([PLACED, PAID, REFUNDED, CANCELLED], False, [], id="undone"),
    pytest.param(
        [PLACED, PAID, CANCELLED, REFUNDED], False,
        [("misordered-compensation", "shop.Refunded")], id="misordered",
    ),
    pytest.param(
        [PLACED, PAID, REFUNDED, REFUNDED, CANCELLED], False,
        [("doubled-compensation", "shop.Refunded")], id="doubled",
    ),
    pytest.param(
        [PLACED, REFUNDED, CANCELLED], False,
        [("compensation-without-step", "shop.Refunded")], id="without-step",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("events", "is_open", "faults"), RUNS)
def test_runs_of_a_chain(
    make_platform: MakePlatform,
    events: list[tuple[str, str, str]],
    is_open: bool,
    faults: list[tuple[str, str]],
) -> None:
    spans = tuple(sent(n, *event, correlation="c") for n, event in enumerate(events))
    result = chains_result(make_platform(MANIFEST), Traces(spans, {}, 0))
    (flow,) = result.flows
    assert (flow.chain, flow.is_open, list(flow.faults)) == ("buy", is_open, faults)
    assert [f.rule for f in result.findings if f.element == "c"] == [rule for rule, _ in faults]


def test_a_flow_open_past_its_deadline(make_platform: MakePlatform) -> None:
    spans = (
        sent(0, *PLACED, correlation="c"),
        sent(HOUR_NS + 1, *PLACED, correlation="d"),
    )
    result = chains_result(make_platform(MANIFEST), Traces(spans, {}, 0))
    assert [(f.correlation, [x.value for x, _ in f.faults]) for f in result.flows] == [
        ("c", ["open-past-deadline"]),
        ("d", []),
    ]


def test_an_end_after_the_deadline_is_late(make_platform: MakePlatform) -> None:
    spans = (
        sent(0, "other", "elsewhere", "order", correlation="c"),
        sent(HOUR_NS, *PLACED, correlation="c"),
        sent(2 * HOUR_NS, *PAID, correlation="c"),
        sent(0, *PLACED, correlation="d"),
        sent(HOUR_NS + 1, *PAID, correlation="d"),
    )
    flows = chains_result(make_platform(MANIFEST), Traces(spans, {}, 0)).flows
    assert {f.correlation: (f.is_open, [x.value for x, _ in f.faults]) for f in flows} == {
        "c": (False, []),
        "d": (False, ["open-past-deadline"]),
    }


@pytest.mark.parametrize(
    ("events", "is_open"),
    [([PLACED], True), ([PLACED, PAID], False), ([PLACED, CANCELLED], False)],
    ids=["open", "last-step", "undone"],
)
def test_a_chain_without_ends_ends_with_its_last_step_or_is_undone(
    make_platform: MakePlatform, events: list[tuple[str, str, str]], is_open: bool
) -> None:
    manifest = "\n".join(x for x in MANIFEST.splitlines() if not x.startswith("ends"))
    spans = tuple(sent(n, *event, correlation="c") for n, event in enumerate(events))
    (flow,) = chains_result(make_platform(manifest), Traces(spans, {}, 0)).flows
    assert flow.is_open is is_open


def test_a_compensation_that_nobody_consumes_or_produces(make_platform: MakePlatform) -> None:
    manifest = MANIFEST.replace('undo = "shop.Refunded"', 'undo = "shop.Refund"')
    result = chains_result(make_platform(manifest), Traces((sent(1, *PLACED),), {}, 0))
    assert [(f.rule, f.message) for f in result.findings] == [
        ("not-produced", "no service produces 'shop.Refund'"),
        ("compensation-not-consumed", "no service consumes 'shop.Cancelled', which undoes a step"),
    ]


@pytest.mark.parametrize(
    ("consumes", "message"),
    [
        ('fields = ["ids"]', "no version of shop.Placed has the field 'ids'"),
        (
            'fields = ["id"]\nreader = "reader.avsc"',
            "the reader schema reader.avsc has no field 'id'",
        ),
        ('fields = ["id"]', None),
    ],
    ids=["versions", "reader", "fits"],
)
def test_a_compensation_whose_reader_lacks_a_field(
    make_platform: MakePlatform, tmp_path: Path, consumes: str, message: str | None
) -> None:
    (tmp_path / "reader.avsc").write_text(record("Placed", {"n": ["int", "null"]}), "utf-8")
    manifest = MANIFEST.replace(
        "[chains.buy]", f'[[services.shipping.consumes]]\nevent = "shop.Placed"\ntopic = "orders"\n'
        f'{consumes}\n[chains.buy]',
    ).replace('undo = "shop.Cancelled"', 'undo = "shop.Placed"')  # fmt: skip
    result = chains_result(make_platform(manifest), Traces((sent(1, *PLACED),), {}, 0))
    found = [f.message for f in result.findings if f.rule == "unknown-field"]
    assert found == ([message] if message else [])
