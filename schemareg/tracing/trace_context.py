"""The W3C trace context in the headers of Kafka messages: who caused this one.

Source: W3C, "Trace Context" (sections 3.2 and 3.3) and "Baggage" (section 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from random import Random
from urllib.parse import quote, unquote

from schemareg.lazy_dataclass import dataclass
from schemareg.wire import Headers

TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"
BAGGAGE = "baggage"

_NAMES = (TRACEPARENT, TRACESTATE, BAGGAGE)
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_BAGGAGE_BYTES = 8192
_BAGGAGE_MEMBERS = 180
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A place in a trace: `trace_id` is 32 hex digits, `span_id` 16.

    `tracestate` is passed on as it came; `baggage` travels with the trace to every service.
    """

    trace_id: str
    span_id: str
    sampled: bool = True
    tracestate: str = ""
    baggage: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def start(cls, random: Random, baggage: Mapping[str, str] | None = None) -> TraceContext:
        """The root of a new trace."""
        return cls(_hex(random, 32), _hex(random, 16), baggage=baggage or {})

    def child(self, random: Random) -> TraceContext:
        """A new span in the same trace, caused by this one."""
        return replace(self, span_id=_hex(random, 16))


def context_of(headers: Headers) -> TraceContext | None:
    """The trace that a message with `headers` belongs to.

    None where none is named, or not in a form that may be trusted: then a new trace begins.
    """
    texts = _texts(headers)
    match = _TRACEPARENT.fullmatch(texts.get(TRACEPARENT, ""))
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == "ff" or (version == "00" and more) or not int(trace_id, 16) * int(span_id, 16):
        return None
    return TraceContext(
        trace_id,
        span_id,
        sampled=bool(int(flags, 16) & _SAMPLED),
        tracestate=texts.get(TRACESTATE, ""),
        baggage=_baggage_of(texts.get(BAGGAGE, "")),
    )


def with_trace(headers: Headers, context: TraceContext) -> list[tuple[str, bytes | str | None]]:
    """`headers` with those of `context` in place of any that were there."""
    flags = _SAMPLED if context.sampled else 0
    texts = {
        TRACEPARENT: f"00-{context.trace_id}-{context.span_id}-{flags:02x}",
        TRACESTATE: context.tracestate,
        BAGGAGE: _baggage_text(context.baggage.items()),
    }
    kept = [(name, value) for name, value in headers if name not in _NAMES]
    return [*kept, *((name, text.encode("ascii")) for name, text in texts.items() if text)]


def _texts(headers: Headers) -> dict[str, str]:
    texts = {}
    for name, value in headers:
        if name in _NAMES and value is not None:
            # what is not ASCII is not a trace context, and matches nothing below
            texts[name] = value if isinstance(value, str) else value.decode("ascii", "replace")
    return texts


def _baggage_of(text: str) -> dict[str, str]:
    baggage: dict[str, str] = {}
    for member in text.split(",") if len(text) <= _BAGGAGE_BYTES else ():
        name, equals, value = member.partition(";")[0].partition("=")
        if equals and name.strip() and len(baggage) < _BAGGAGE_MEMBERS:
            baggage[unquote(name.strip())] = unquote(value.strip())
    return baggage


def _baggage_text(baggage: Iterable[tuple[str, str]]) -> str:
    """As many members as the limits allow, whole ones only."""
    text = ""
    for name, value in list(baggage)[:_BAGGAGE_MEMBERS]:
        member = f"{_quoted(name)}={_quoted(value)}"
        longer = f"{text},{member}" if text else member
        if len(longer) <= _BAGGAGE_BYTES:
            text = longer
    return text


def _hex(random: Random, digits: int) -> str:
    # 0 is the one value that is not an id
    return f"{random.randrange(1, 16**digits):0{digits}x}"


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")
