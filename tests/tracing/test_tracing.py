"""Traces through Kafka's headers: the W3C's forms, OpenTelemetry's spans, and over real brokers."""

from __future__ import annotations

import secrets
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracerProvider, SpanKind

from schemareg.brokers.broker import Broker
from schemareg.brokers.channel import Channel, Message
from schemareg.errors import UsageError
from schemareg.tracing.clients import consuming, export_to_otlp, producing
from schemareg.tracing.trace_context import TraceContext, context_of, with_trace
from schemareg.wire import Headers

# the example of W3C's Trace Context, section 3.2
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
SPAN_ID = "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE_ID}-{SPAN_ID}-01".encode()
CAUSE = TraceContext(TRACE_ID, SPAN_ID, baggage={"tenant": "blue"})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("traceparent", TRACEPARENT)], TraceContext(TRACE_ID, SPAN_ID)),
        ([("traceparent", TRACEPARENT.decode())], TraceContext(TRACE_ID, SPAN_ID)),
        (
            [("traceparent", TRACEPARENT[:-2] + b"00")],
            TraceContext(TRACE_ID, SPAN_ID, sampled=False),
        ),
        # the other bits of the flags are not ours to read
        ([("traceparent", TRACEPARENT[:-2] + b"03")], TraceContext(TRACE_ID, SPAN_ID)),
        # a later version may be longer, and is read as far as it is known
        (
            [("traceparent", b"cc" + TRACEPARENT[2:] + b"-what-the-future-brings")],
            TraceContext(TRACE_ID, SPAN_ID),
        ),
        (
            [
                ("tracestate", b"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
                ("other", b"x"),
                ("traceparent", TRACEPARENT),
                ("baggage", b"userId=Am%C3%A9lie,serverNode=DF%2028 ; p=1 , isProduction=false"),
            ],
            TraceContext(
                TRACE_ID,
                SPAN_ID,
                tracestate="rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
                baggage={"userId": "Amélie", "serverNode": "DF 28", "isProduction": "false"},
            ),
        ),
        ([("traceparent", TRACEPARENT), ("baggage", b"")], TraceContext(TRACE_ID, SPAN_ID)),
        ([("traceparent", TRACEPARENT), ("baggage", b"=,a,;x")], TraceContext(TRACE_ID, SPAN_ID)),
    ],
)
def test_context_of_headers(headers: Headers, expected: TraceContext) -> None:
    assert context_of(headers) == expected


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        b"",
        b"\xff\xfe",
        TRACEPARENT.upper(),
        TRACEPARENT + b"-more",
        b"ff" + TRACEPARENT[2:],
        f"00-{'0' * 32}-{SPAN_ID}-01".encode(),
        f"00-{TRACE_ID}-{'0' * 16}-01".encode(),
        TRACEPARENT[:-1],
    ],
)
def test_traceparent_that_may_not_be_trusted_is_none(traceparent: bytes | None) -> None:
    assert context_of([("traceparent", traceparent), ("baggage", b"a=b")]) is None


def test_headers_of_a_context_replace_those_that_were_there() -> None:
    context = TraceContext(
        TRACE_ID, SPAN_ID, sampled=False, tracestate="a=1", baggage={"user": "Amélie, x=y"}
    )
    old = [("traceparent", b"old"), ("kind", b"order"), ("baggage", b"old")]
    assert with_trace(old, context) == [
        ("kind", b"order"),
        ("traceparent", TRACEPARENT[:-2] + b"00"),
        ("tracestate", b"a=1"),
        ("baggage", b"user=Am%C3%A9lie%2C%20x%3Dy"),
    ]


def test_baggage_beyond_the_limits_is_left_out_whole() -> None:
    context = TraceContext(TRACE_ID, SPAN_ID, baggage={"a": "x" * 5000, "b": "y" * 5000, "c": "z"})
    read = context_of(with_trace([], context))
    assert read is not None
    assert dict(read.baggage) == {"a": "x" * 5000, "c": "z"}
    many = TraceContext(TRACE_ID, SPAN_ID, baggage={f"k{i}": "" for i in range(200)})
    read = context_of(with_trace([], many))
    assert read is not None
    assert len(read.baggage) == 180


CONTEXTS = st.builds(
    TraceContext,
    trace_id=st.integers(1, 16**32 - 1).map(lambda number: f"{number:032x}"),
    span_id=st.integers(1, 16**16 - 1).map(lambda number: f"{number:016x}"),
    sampled=st.booleans(),
    baggage=st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), max_size=5),
)


@given(CONTEXTS)
def test_context_read_back_is_the_one_written(context: TraceContext) -> None:
    assert context_of(with_trace([("other", b"x")], context)) == context


@pytest.fixture
def without_opentelemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [module for module in sys.modules if module.split(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)


@pytest.mark.usefixtures("without_opentelemetry")
def test_context_travels_without_opentelemetry() -> None:
    with producing("orders", [("k", b"v")], baggage={"tenant": "blue"}, random=Random(1)) as sent:
        assert sent[0] == ("k", b"v")
    first = context_of(sent)
    assert first is not None
    with (
        consuming("orders", sent, random=Random(2)) as handling,
        producing("payments", cause=handling, baggage={"step": "2"}, random=Random(3)) as further,
    ):
        second = context_of(further)
    assert second is not None
    assert first.trace_id == handling.trace_id == second.trace_id
    assert len({first.span_id, handling.span_id, second.span_id}) == 3
    assert (dict(first.baggage), dict(second.baggage)) == (
        {"tenant": "blue"},
        {"tenant": "blue", "step": "2"},
    )


@pytest.mark.usefixtures("without_opentelemetry")
def test_exporting_without_opentelemetry_says_what_to_install() -> None:
    with pytest.raises(UsageError, match=r"not installed; run: pip install 'schemareg\[otel\]'"):
        export_to_otlp("orders")


def test_context_travels_where_spans_are_not_recorded() -> None:
    provider = NoOpTracerProvider()
    with producing("orders", cause=CAUSE, tracer_provider=provider, random=Random(1)) as sent:
        child = context_of(sent)
    assert child is not None
    assert (child.trace_id, child.baggage) == (TRACE_ID, {"tenant": "blue"})
    assert child.span_id != SPAN_ID
    with producing("orders", tracer_provider=provider, random=Random(1)) as sent:
        assert context_of(sent) is not None


def test_unrecorded_steps_follow_from_each_other() -> None:
    provider = NoOpTracerProvider()
    with (
        consuming("orders", with_trace([], CAUSE), tracer_provider=provider) as handling,
        producing("payments", tracer_provider=provider) as sent,
    ):
        child = context_of(sent)
    assert child is not None
    assert handling.trace_id == child.trace_id == TRACE_ID
    assert len({SPAN_ID, handling.span_id, child.span_id}) == 3
    assert child.baggage == {"tenant": "blue"}


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> Iterator[TracerProvider]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider
    provider.shutdown()


def test_spans_name_topic_kind_and_cause(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    with producing("orders", cause=CAUSE, tracer_provider=provider) as sent:
        pass
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.kind) == ("send orders", SpanKind.PRODUCER)
    assert span.attributes == {
        "messaging.system": "kafka",
        "messaging.operation.type": "send",
        "messaging.destination.name": "orders",
    }
    assert span.parent is not None
    assert (f"{span.parent.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE_ID, SPAN_ID)
    sent_as = context_of(sent)
    assert sent_as is not None
    assert span.context is not None
    assert sent_as.span_id == f"{span.context.span_id:016x}"
    assert sent_as.baggage == {"tenant": "blue"}


def test_what_is_produced_inside_consuming_follows_from_it(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    arrived = with_trace([], CAUSE)
    with (
        consuming("orders", arrived, tracer_provider=provider),
        producing("payments", tracer_provider=provider) as sent,
    ):
        pass
    inner, outer = exporter.get_finished_spans()
    assert (inner.name, outer.name) == ("send payments", "process orders")
    assert outer.kind is SpanKind.CONSUMER
    assert inner.parent is not None
    assert outer.context is not None
    assert inner.parent.span_id == outer.context.span_id
    sent_as = context_of(sent)
    assert sent_as is not None
    assert (sent_as.trace_id, sent_as.baggage) == (TRACE_ID, {"tenant": "blue"})


def test_trace_runs_through_a_broker(
    broker: Broker, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    prefix = f"test-{secrets.token_hex(4)}"
    with Channel(broker, prefix=prefix) as channel:
        headers: Headers = ()
        for topic in ("orders", "stock", "payments"):
            with producing(topic, cause=context_of(headers), tracer_provider=provider) as sent:
                pairs = tuple((name, v) for name, v in sent if isinstance(v, bytes))
                (back,) = channel.exchange([Message(topic, b"event", headers=pairs)])
            headers = back.headers
            with consuming(topic, headers, tracer_provider=provider):
                pass
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == [
        "send orders", "process orders", "send stock", "process stock",
        "send payments", "process payments",
    ]  # fmt: skip
    assert len({span.context.trace_id for span in spans if span.context}) == 1
    by_id = {span.context.span_id: span.name for span in spans if span.context}
    causes = [by_id[span.parent.span_id] if span.parent else None for span in spans]
    assert causes == [
        None, "send orders", "send orders", "send stock", "send stock", "send payments",
    ]  # fmt: skip


def test_spans_reach_a_collector_by_otlp() -> None:
    received: list[ExportTraceServiceRequest] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        port = server.server_address[1]
        provider = export_to_otlp("shop", endpoint=f"http://127.0.0.1:{port}/v1/traces")
        with producing("orders", tracer_provider=provider):
            pass
        provider.shutdown()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    (spans,) = received[0].resource_spans
    names = {a.key: a.value.string_value for a in spans.resource.attributes}
    assert names["service.name"] == "shop"
    assert [span.name for span in spans.scope_spans[0].spans] == ["send orders"]
