"""Producing and consuming as steps of a trace: W3C headers always, spans where OpenTelemetry is.

Source: OpenTelemetry, "Semantic conventions for Kafka" (span names, kinds and attributes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Literal

from schemareg.errors import UsageError
from schemareg.tracing.trace_context import TraceContext, context_of, with_trace
from schemareg.wire import Headers

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span
    from opentelemetry.trace import TracerProvider as AnyTracerProvider

_TRACER = "schemareg"


@contextmanager
def producing(
    topic: str,
    headers: Headers = (),
    *,
    cause: TraceContext | None = None,
    baggage: Mapping[str, str] | None = None,
    tracer_provider: AnyTracerProvider | None = None,
    random: Random | None = None,
) -> Iterator[list[tuple[str, bytes | str | None]]]:
    """The headers to send a message to `topic` with, inside a span that covers the sending.

    `cause` is what this message follows from (as `consuming` returns it); without it the current
    OpenTelemetry span is, or else a new trace begins. `baggage` adds to the cause's.
    """
    with _span("send", topic, cause, baggage, tracer_provider, random) as context:
        yield with_trace(headers, context)


@contextmanager
def consuming(
    topic: str,
    headers: Headers,
    *,
    tracer_provider: AnyTracerProvider | None = None,
    random: Random | None = None,
) -> Iterator[TraceContext]:
    """The trace of a message that came with `headers`, inside a span that covers handling it.

    Pass it to `producing` as the cause of messages that follow. A message without a trace
    begins one.
    """
    cause = context_of(headers)
    with _span("process", topic, cause, None, tracer_provider, random) as context:
        yield context


def export_to_otlp(service_name: str, *, endpoint: str | None = None) -> TracerProvider:
    """A tracer provider whose spans go to a collector, by OTLP over HTTP.

    `endpoint` is the collector's traces URL; None leaves it to OTEL_EXPORTER_OTLP_ENDPOINT and
    the other variables of OpenTelemetry. Call its `shutdown()` at the end: it sends the rest.

    Raises:
        UsageError: OpenTelemetry's SDK or exporter is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise UsageError(
            f"exporting traces needs the Python module {error.name!r}, which is not installed",
            advice="run: pip install 'schemareg[otel]'",
        ) from error
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service_name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider


@contextmanager
def _span(
    operation: Literal["send", "process"],
    topic: str,
    cause: TraceContext | None,
    baggage: Mapping[str, str] | None,
    tracer_provider: AnyTracerProvider | None,
    random: Random | None,
) -> Iterator[TraceContext]:
    random = random or SystemRandom()
    try:
        from opentelemetry import baggage as otel_baggage
        from opentelemetry import context, trace
    except ModuleNotFoundError:
        yield _without_span(cause, baggage, random)
        return
    kinds = {"send": trace.SpanKind.PRODUCER, "process": trace.SpanKind.CONSUMER}
    parent = _as_parent(cause, baggage)
    # attached, so that what is produced inside finds the baggage without passing the cause
    token = context.attach(parent)
    try:
        with trace.get_tracer(_TRACER, tracer_provider=tracer_provider).start_as_current_span(
            f"{operation} {topic}",
            kind=kinds[operation],
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": operation,
                "messaging.destination.name": topic,
            },
        ) as span:
            own = _of_span(span, parent)
            before = _of_span(trace.get_current_span(parent), parent)
            if own and not (before and before.span_id == own.span_id):
                yield own
                return
        # nothing records, and the span that came out is the cause's or none: one of our own then
        carried = {name: str(value) for name, value in otel_baggage.get_all(parent).items()}
        own = before.child(random) if before else TraceContext.start(random, carried)
        inner = context.attach(_as_parent(own, None))
        try:
            yield own
        finally:
            context.detach(inner)
    finally:
        context.detach(token)


def _without_span(
    cause: TraceContext | None, baggage: Mapping[str, str] | None, random: Random
) -> TraceContext:
    if cause is None:
        return TraceContext.start(random, baggage)
    own = cause.child(random)
    merged = {**cause.baggage, **(baggage or {})}
    return TraceContext(own.trace_id, own.span_id, own.sampled, own.tracestate, merged)


def _as_parent(cause: TraceContext | None, baggage: Mapping[str, str] | None) -> Context:
    from opentelemetry import baggage as otel_baggage
    from opentelemetry import context, trace
    from opentelemetry.trace.span import TraceState

    parent = context.get_current()
    if cause:
        remote = trace.SpanContext(
            int(cause.trace_id, 16),
            int(cause.span_id, 16),
            is_remote=True,
            trace_flags=trace.TraceFlags(int(cause.sampled)),
            trace_state=TraceState.from_header([cause.tracestate]),
        )
        parent = trace.set_span_in_context(trace.NonRecordingSpan(remote), parent)
    for name, value in {**(cause.baggage if cause else {}), **(baggage or {})}.items():
        parent = otel_baggage.set_baggage(name, value, parent)
    return parent


def _of_span(span: Span, parent: Context) -> TraceContext | None:
    from opentelemetry import baggage as otel_baggage

    own = span.get_span_context()
    if not own.is_valid:
        return None
    return TraceContext(
        f"{own.trace_id:032x}",
        f"{own.span_id:016x}",
        sampled=own.trace_flags.sampled,
        tracestate=own.trace_state.to_header(),
        baggage={name: str(value) for name, value in otel_baggage.get_all(parent).items()},
    )
