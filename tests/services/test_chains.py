"""Traces: three forms, four ways to join, and what runs of a chain lack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from schemareg.commands.chains import chains_result
from schemareg.errors import ContentError, ExitCode
from schemareg.places import Location
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.services.flows import Join, SeenEdge, UnseenEdge, edges_of, joined, sequence
from schemareg.services.manifest import Consumes, Manifest, Produces, Service
from schemareg.services.traces import SpanId, Traces, read_traces
from tests.services.conftest import MakePlatform
from tests.services.traced import MANIFEST, PAID, PLACED, got, sent


def otlp(service: str, *spans: Mapping[str, object]) -> dict[str, object]:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return {"resource": resource, "scopeSpans": [{"spans": list(spans)}]}


def attributes(**values: str) -> list[dict[str, object]]:
    names = {"topic": "messaging.destination.name", "kind": "messaging.operation.type"}
    return [
        {"key": names.get(key, key), "value": {"stringValue": value}}
        for key, value in values.items()
    ]


SENT = {
    "traceId": "a" * 32, "spanId": "1" * 16, "kind": 4, "startTimeUnixNano": "1000",
    "attributes": attributes(topic="orders", kind="send"),
}  # fmt: skip
GOT = {
    "traceId": "b" * 32, "spanId": "2" * 16, "kind": 5, "startTimeUnixNano": "2000",
    "links": [{"traceId": "a" * 32, "spanId": "1" * 16}],
    "attributes": attributes(topic="orders", kind="process"),
}  # fmt: skip
OTLP = {"resourceSpans": [otlp("order", SENT), otlp("payment", GOT)]}
JAEGER = {
    "data": [
        {
            "traceID": "a",
            "processes": {"p1": {"serviceName": "order"}, "p2": {"serviceName": "payment"}},
            "spans": [
                {
                    "traceID": "a", "spanID": "1", "processID": "p1", "startTime": 1,
                    "tags": [
                        {"key": "span.kind", "value": "producer"},
                        {"key": "messaging.destination", "value": "orders"},
                    ],
                },
                {
                    "traceID": "a", "spanID": "2", "processID": "p2", "startTime": 2,
                    "references": [{"refType": "CHILD_OF", "traceID": "a", "spanID": "1"}],
                    "tags": [
                        {"key": "messaging.operation", "value": "receive"},
                        {"key": "messaging.destination", "value": "orders"},
                    ],
                },
            ],
        }
    ]
}  # fmt: skip
ZIPKIN = [
    {
        "traceId": "a", "id": "1", "kind": "PRODUCER", "timestamp": 1,
        "localEndpoint": {"serviceName": "order"}, "tags": {"messaging.destination.name": "orders"},
    },
    {
        "traceId": "a", "id": "2", "parentId": "9", "kind": "CONSUMER", "timestamp": 2,
        "localEndpoint": {"serviceName": "payment"},
        "tags": {"messaging.destination.name": "orders"},
    },
    {"traceId": "a", "id": "9", "parentId": "1", "timestamp": 1, "localEndpoint": None},
]  # fmt: skip
LINES = "\n".join(json.dumps({"resourceSpans": [r]}) for r in OTLP["resourceSpans"])
FORMS = [
    pytest.param(json.dumps(OTLP), Join.LINK, 0, id="otlp"),
    pytest.param(LINES, Join.LINK, 0, id="otlp-lines"),
    pytest.param(json.dumps(JAEGER), Join.PARENT, 0, id="jaeger"),
    pytest.param(json.dumps(ZIPKIN), Join.PARENT, 1, id="zipkin"),
]


@pytest.mark.parametrize(("text", "join", "others"), FORMS)
def test_forms(make_platform: MakePlatform, text: str, join: Join, others: int) -> None:
    traces = read_traces(text.encode(), "t.json")
    assert traces.others == others
    seen, unseen = edges_of(traces, make_platform(MANIFEST).manifest)
    assert seen == (SeenEdge("order", "payment", "orders", 1, (join,), True),)
    assert unseen == (
        UnseenEdge("order", "mail", "orders", 1),
        UnseenEdge("payment", "order", "payments", 0),
    )


@pytest.mark.parametrize("key", ["cloudevents.event_type", "ce_type", "schemareg.event"])
def test_event_type_of_a_message_names_its_event(key: str) -> None:
    """CloudEvents: the attribute of the semantic conventions, and the header of Kafka's binding."""
    own = {"topic": "orders", "kind": "send", key: "shop.Cancelled"}
    span = {**SENT, "attributes": attributes(**own)}
    traces = read_traces(json.dumps({"resourceSpans": [otlp("order", span)]}).encode(), "t.json")
    assert [(each.role, each.event) for each in traces.spans] == [("send", "shop.Cancelled")]


@pytest.mark.parametrize("text", ["{}", "[1]", "x", '{"data": [{}]}', '{"resourceSpans": 1}'])
def test_no_traces(text: str) -> None:
    with pytest.raises(ContentError, match="no traces in OTLP JSON"):
        read_traces(text.encode(), "t.json")


def otlp_with(state: str) -> object:
    return {"resourceSpans": [otlp("order", {**SENT, "traceState": state})]}


def jaeger_with(kind: str, param: object) -> object:
    """The sampler is a tag of the first span, which is no message."""
    first = {"traceID": "a", "spanID": "0", "processID": "p1", "startTime": 1}
    tags = [{"key": "sampler.type", "value": kind}, {"key": "sampler.param", "value": param}]
    (trace,) = JAEGER["data"]
    return {"data": [{**trace, "spans": [{**first, "tags": tags}, *trace["spans"]]}]}


@pytest.mark.parametrize(
    ("traces", "sampled", "shown"),
    [
        (otlp_with(""), None, "1 sent by order, sampling not recorded"),
        (otlp_with("ot=th:0"), 1.0, "1 sent by order, 1 of traces kept"),
        (otlp_with("x=y, ot=rv:1;th:c"), 0.25, "1 sent by order, 0.25 of traces kept"),
        (otlp_with("ot=th:e66"), 1 - 0xE66 / 4096, "1 sent by order, 0.1 of traces kept"),
        (otlp_with("ot=th:xyz"), None, "sampling not recorded"),
        (jaeger_with("probabilistic", 0.01), 0.01, "0.01 of traces kept"),
        (jaeger_with("const", True), 1.0, "1 of traces kept"),
        (jaeger_with("ratelimiting", 2.0), None, "sampling not recorded"),
        (jaeger_with("probabilistic", "nan"), None, "sampling not recorded"),
    ],
)
def test_what_was_never_seen_has_traffic_and_sampling_beside_it(
    make_platform: MakePlatform, traces: object, sampled: float | None, shown: str
) -> None:
    result = chains_result(make_platform(MANIFEST), read_traces(json.dumps(traces).encode(), "t"))
    assert UnseenEdge("order", "mail", "orders", 1, sampled) in result.unseen
    assert shown in render(result, Format.TEXT, Page())


BY_ALL: Mapping[Join, dict[str, object]] = {
    Join.LINK: {"links": (("t", "s1"),)},
    Join.PARENT: {"id": ("t", "r"), "parent": "s2"},
    Join.OFFSET: {"partition": "0", "offset": "3"},
    Join.CORRELATION: {"correlation": "c4"},
}


@pytest.mark.parametrize("first", range(4), ids=list(Join))
def test_the_surest_join_counts(make_platform: MakePlatform, first: int) -> None:
    """A receipt that fits four messages by four joins: by what is left of the joins, in order."""
    sources = tuple(
        sent(n, "", "orders", f"by-{join}", partition="0", offset=str(n), correlation=f"c{n}")
        for n, join in enumerate(Join, 1)
    )
    known: dict[str, object] = {}
    for join in list(Join)[first:]:
        known |= BY_ALL[join]
    traces = Traces((*sources, replace(got(9, "orders", "mail"), **known)), {}, 0)  # type: ignore[arg-type]
    (edge,) = chains_result(make_platform(MANIFEST), traces).seen
    assert (edge.source, edge.joins) == (f"by-{list(Join)[first]}", (list(Join)[first],))


def test_joins_by_offset_and_correlation(make_platform: MakePlatform) -> None:
    spans = (
        sent(1, "", "orders", "order", partition="0", offset="7"),
        sent(2, "", "orders", "order", correlation="c"),
        got(3, "orders", "payment", partition="0", offset="7"),
        got(4, "orders", "mail", correlation="c"),
        got(5, "orders", "mail", correlation="d"),
    )
    result = chains_result(make_platform(MANIFEST), Traces(spans, {}, 0))
    assert [(e.target, e.joins) for e in result.seen] == [
        ("mail", (Join.CORRELATION,)),
        ("payment", (Join.OFFSET,)),
    ]
    assert (result.messages, result.unjoined) == (5, 1)


def test_undeclared_edges(make_platform: MakePlatform) -> None:
    spans = (
        sent(1, "Paid", "payments", "payment", partition="0", offset="1"),
        got(2, "payments", "mail", partition="0", offset="1"),
    )
    platform = make_platform(MANIFEST)
    for strict, code in ((False, ExitCode.YES), (True, ExitCode.NO)):
        result = chains_result(platform, Traces(spans, {}, 0), strict=strict)
        found = [f for f in result.findings if f.rule == "edge-not-declared"]
        assert [f.element for f in found] == ["payment → mail"]
        errors = [f.rule for f in result.findings if f.severity.value == "error"]
        assert ("edge-not-declared" in errors) is (code is ExitCode.NO)


def test_declared_edges_that_multiply_are_refused() -> None:
    place = Location("services.toml")
    services = {
        name: Service(
            name, place,
            produces=(Produces(name, "shop.Placed", "orders", place, shared=True),),
            consumes=(Consumes(name, "shop.Placed", "orders", place),),
        )
        for name in (f"s{n}" for n in range(710))
    }  # fmt: skip
    with pytest.raises(ContentError, match="more than 500,000 edges"):
        edges_of(Traces((), {}, 0), Manifest(("services.toml",), services))


def test_nothing_to_compare_is_no_success(make_platform: MakePlatform) -> None:
    result = chains_result(make_platform(MANIFEST), Traces((), {}, 3))
    assert result.exit_code() is ExitCode.NO
    text = render(result, Format.TEXT, Page())
    assert "the traces hold no messages; 3 spans are about something else" in text


def test_a_flow_as_a_sequence(make_platform: MakePlatform) -> None:
    spans = (
        sent(1, *PLACED, correlation="c;x"),
        got(2, "orders", "payment", correlation="c;x"),
        sent(3, *PAID, correlation="c;x"),
    )
    (flow,) = chains_result(make_platform(MANIFEST), Traces(spans, {}, 0)).flows
    assert sequence(flow).splitlines() == [
        "sequenceDiagram",
        "  participant s0 as order",
        "  participant s1 as payment",
        "  s0-)s1: Placed",
        "  s1-)s1: Paid",
    ]


class Counted(dict[SpanId, str]):
    """Parents that count how often they are asked."""

    asked = 0

    def get(self, key: SpanId, default: str = "") -> str:  # type: ignore[override]
        self.asked += 1
        return super().get(key, default)


@pytest.mark.parametrize("last", ["", "s0"], ids=["chain", "cycle"])
def test_a_deep_trace_is_walked_once(last: str) -> None:
    many = 3_000
    spans = tuple(
        replace(got(n, "t", "a"), id=("t", f"s{n}"), parent=f"s{n + 1}") for n in range(many)
    )
    parents = Counted(
        {("t", f"s{n}"): f"s{n + 1}" for n in range(many)} | {("t", f"s{many}"): last}
    )
    _, alone = joined(Traces(spans, parents, 0))
    assert (len(alone), parents.asked <= 2 * many) == (many, True)


def test_the_last_message_of_a_correlation_before_a_receipt_is_the_one_sent() -> None:
    spans = tuple(sent(n, "", "t", "a", correlation="c") for n in (5, 1, 3))
    spans += (replace(sent(3, "", "t", "b", correlation="c"), id=("t", "other")),)
    received = tuple(got(n, "t", "b", correlation="c") for n in (0, 1, 4, 9))
    pairs, alone = joined(Traces((*spans, *received), {}, 0))
    assert [(pair.sent.id[1], pair.received.at_ns) for pair in pairs] == [
        ("s1", 1), ("s3", 4), ("s5", 9),
    ]  # fmt: skip
    assert [span.at_ns for span in alone] == [0]
