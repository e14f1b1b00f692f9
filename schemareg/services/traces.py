"""Spans of messages in traces: OTLP JSON, Jaeger JSON and Zipkin version 2, as one form.

Source: OpenTelemetry, "Semantic conventions for messaging spans" and "OTLP/HTTP" JSON; Jaeger's
UI JSON; Zipkin API version 2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from schemareg.errors import ContentError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location

_THRESHOLD = re.compile(r"(?:^|,)\s*ot=(?:[^,]*;)?th:([0-9a-f]{1,14})(?![0-9a-f])")
_DECIMAL = re.compile(r"0?\.[0-9]{1,20}|[01](?:\.0{1,20})?")

Role = Literal["send", "receive"]
SpanId = tuple[str, str]
"""Trace id and span id."""

_SENDS = {"publish", "send", "create", "producer", "span_kind_producer"}
_RECEIVES = {"receive", "process", "deliver", "consumer", "span_kind_consumer"}
_TOPIC = ("messaging.destination.name", "messaging.destination", "messaging.kafka.topic")
_PARTITION = ("messaging.destination.partition.id", "messaging.kafka.destination.partition")
_OFFSET = ("messaging.kafka.offset", "messaging.kafka.message.offset")
_CORRELATION = (
    "messaging.message.conversation_id", "messaging.conversation_id", "correlationid",
    "correlation_id", "ce_correlationid",
)  # fmt: skip
_EVENT = ("cloudevents.event_type", "ce_type", "messaging.message.type", "schemareg.event")


@dataclass(frozen=True, slots=True)
class MessageSpan:
    """A message that `service` sent to or received from `topic`; times are Unix nanoseconds."""

    id: SpanId
    parent: str
    links: tuple[SpanId, ...]
    service: str
    role: Role
    topic: str
    partition: str = ""
    offset: str = ""
    correlation: str = ""
    event: str = ""
    at_ns: int = 0
    sampled: float | None = None
    """The share of traces that were kept when this one was, where the trace records it."""


@dataclass(frozen=True, slots=True)
class Traces:
    """The spans of messages, the parents of all spans, and how many spans are about others."""

    spans: tuple[MessageSpan, ...]
    parents: Mapping[SpanId, str]
    others: int


def read_traces(raw: bytes, shown: str) -> Traces:
    """The spans in a file shown as `shown`, in any of the three forms.

    Raises:
        ContentError: it is none of them.
    """
    try:
        documents = list(_documents(raw.decode("utf-8")))
        spans = [span for document in documents for span in _spans(document)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ContentError(
            "no traces in OTLP JSON, Jaeger JSON or Zipkin's version 2",
            location=Location(shown),
        ) from error
    shares = {span.id[0]: share for span in spans if (share := _share(span)) is not None}
    found = tuple(m for span in spans if (m := _message(span, shares)) is not None)
    return Traces(found, {span.id: span.parent for span in spans}, len(spans) - len(found))


@dataclass(frozen=True, slots=True)
class _Span:
    id: SpanId
    parent: str
    links: tuple[SpanId, ...]
    service: str
    kind: str
    attributes: Mapping[str, str]
    at_ns: int
    state: str = ""


def _documents(text: str) -> Iterator[Any]:
    """The document, or one of each line, as the collector's file exporter writes them."""
    try:
        yield json.loads(text)
    except ValueError:
        for line in text.splitlines():
            if line.strip():
                yield json.loads(line)


def _spans(document: Any) -> Iterator[_Span]:
    if isinstance(document, list):
        yield from map(_zipkin, document)
    elif "resourceSpans" in document:
        for resource in document["resourceSpans"]:
            service = _otlp_attributes(resource.get("resource", {})).get("service.name", "")
            scopes = resource.get("scopeSpans", resource.get("instrumentationLibrarySpans", []))
            for scope in scopes:
                yield from (_otlp(span, service) for span in scope.get("spans", []))
    else:
        for trace in document["data"]:
            names = {p: held.get("serviceName", "") for p, held in trace["processes"].items()}
            yield from (_jaeger(span, names) for span in trace["spans"])


def _otlp_attributes(holder: Mapping[str, Any]) -> dict[str, str]:
    return {a["key"]: _value(a.get("value", {})) for a in holder.get("attributes", [])}


def _value(value: Mapping[str, Any]) -> str:
    """A value of OTLP: `{"stringValue": …}`, numbers as texts."""
    return str(next(iter(value.values()), ""))


_OTLP_KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


def _otlp(span: Mapping[str, Any], service: str) -> _Span:
    kind = span.get("kind", 0)
    return _Span(
        (str(span["traceId"]), str(span["spanId"])),
        str(span.get("parentSpanId", "")),
        tuple((str(link["traceId"]), str(link["spanId"])) for link in span.get("links", [])),
        service,
        _OTLP_KINDS.get(kind, str(kind)),
        _otlp_attributes(span),
        int(span.get("startTimeUnixNano", 0)),
        str(span.get("traceState", "")),
    )


def _jaeger(span: Mapping[str, Any], names: Mapping[str, str]) -> _Span:
    own = str(span["traceID"])
    references = span.get("references", [])
    parents = [r for r in references if r["refType"] == "CHILD_OF" and str(r["traceID"]) == own]
    links = [r for r in references if r not in parents]
    tags = {tag["key"]: str(tag.get("value", "")) for tag in span.get("tags", [])}
    return _Span(
        (own, str(span["spanID"])),
        str(parents[0]["spanID"]) if parents else "",
        tuple((str(r["traceID"]), str(r["spanID"])) for r in links),
        names.get(span.get("processID", ""), ""),
        tags.get("span.kind", ""),
        tags,
        int(span.get("startTime", 0)) * 1000,
    )


def _zipkin(span: Mapping[str, Any]) -> _Span:
    return _Span(
        (str(span["traceId"]), str(span["id"])),
        str(span.get("parentId", "")),
        (),
        str((span.get("localEndpoint") or {}).get("serviceName", "")),
        str(span.get("kind", "")),
        {key: str(value) for key, value in (span.get("tags") or {}).items()},
        int(span.get("timestamp", 0)) * 1000,
    )


def _share(span: _Span) -> float | None:
    """The share of traces that the sampler of `span` keeps.

    Source: OpenTelemetry, "TraceState: Probability Sampling": `ot=th:` and up to 14 hexadecimal
    digits, the share that is rejected; Jaeger's tags of a trace's first span.
    """
    if threshold := _THRESHOLD.search(span.state):
        return 1 - int(threshold[1].ljust(14, "0"), 16) / 16**14
    if span.attributes.get("sampler.type") in ("const", "probabilistic"):
        given = span.attributes.get("sampler.param", "").casefold()
        given = {"true": "1", "false": "0"}.get(given, given)
        return float(given) if _DECIMAL.fullmatch(given) else None
    return None


def _message(span: _Span, shares: Mapping[str, float]) -> MessageSpan | None:
    topic = _first(span.attributes, _TOPIC)
    words = (
        span.attributes.get("messaging.operation.type", ""),
        span.attributes.get("messaging.operation", ""),
        span.kind,
    )
    word = next((w.casefold() for w in words if w.casefold() in _SENDS | _RECEIVES), "")
    if not topic or not word:
        return None
    return MessageSpan(
        span.id,
        span.parent,
        span.links,
        span.service,
        "send" if word in _SENDS else "receive",
        topic,
        _first(span.attributes, _PARTITION),
        _first(span.attributes, _OFFSET),
        _first(span.attributes, _CORRELATION),
        _first(span.attributes, _EVENT),
        span.at_ns,
        shares.get(span.id[0]),
    )


def _first(attributes: Mapping[str, str], names: Sequence[str]) -> str:
    return next((attributes[name] for name in names if attributes.get(name)), "")
