"""What traces show of the platform: who really reads whom, and how each business case went."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from enum import StrEnum

from schemareg.lazy_dataclass import dataclass
from schemareg.services.graph import EdgeKind, graph_of
from schemareg.services.manifest import Chain, Manifest
from schemareg.services.traces import MessageSpan, SpanId, Traces


class Join(StrEnum):
    """How a received message was joined to the one that was sent, the surest first."""

    LINK = "link"
    PARENT = "parent"
    OFFSET = "offset"
    CORRELATION = "correlation"


@dataclass(frozen=True, slots=True)
class SeenEdge:
    """`target` received from `topic` what `source` sent, `count` times, joined by `joins`."""

    source: str
    target: str
    topic: str
    count: int
    joins: tuple[Join, ...]
    is_declared: bool


@dataclass(frozen=True, slots=True)
class UnseenEdge:
    """A declared edge that no trace shows, and how many messages its source sent to the topic.

    `sampled` is the least share of traces that the samplers kept, where the traces record it.
    """

    source: str
    target: str
    topic: str
    sent: int
    sampled: float | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a flow: who sent it when, and who received it."""

    event: str
    topic: str
    service: str
    at_ns: int
    receivers: tuple[str, ...]


class FlowFault(StrEnum):
    """What is wrong with a flow."""

    MISSING = "missing-compensation"
    DOUBLED = "doubled-compensation"
    MISORDERED = "misordered-compensation"
    WITHOUT_STEP = "compensation-without-step"
    LATE = "open-past-deadline"


@dataclass(frozen=True, slots=True)
class Flow:
    """One business case by its `correlation`, as a run of `chain`; `is_open` without an end."""

    correlation: str
    chain: str
    events: tuple[Happened, ...]
    is_open: bool
    faults: tuple[tuple[FlowFault, str], ...]


@dataclass(frozen=True, slots=True)
class _Joined:
    sent: MessageSpan
    received: MessageSpan
    join: Join


def joined(traces: Traces) -> tuple[list[_Joined], list[MessageSpan]]:
    """Received messages with the one sent; and those for which no sender is in the traces."""
    sent = [span for span in traces.spans if span.role == "send"]
    by_id = {span.id: span for span in sent}
    by_offset = {(s.topic, s.partition, s.offset): s for s in sent if s.offset}
    by_correlation: dict[tuple[str, str], list[MessageSpan]] = {}
    for span in sent:
        if span.correlation:
            by_correlation.setdefault((span.topic, span.correlation), []).append(span)
    for known in by_correlation.values():
        known.sort(key=_time)
    above: dict[SpanId, MessageSpan | None] = {}
    found, alone = [], []
    for span in traces.spans:
        if span.role != "receive":
            continue
        pairs = (
            *((Join.LINK, by_id.get(link)) for link in span.links),
            (Join.PARENT, _ancestor(span, by_id, traces.parents, above)),
            (Join.OFFSET, by_offset.get((span.topic, span.partition, span.offset))),
            (Join.CORRELATION, _latest(by_correlation, span)),
        )
        match = next(((j, s) for j, s in pairs if s is not None and s.topic == span.topic), None)
        if match is None:
            alone.append(span)
        else:
            found.append(_Joined(match[1], span, match[0]))
    return found, alone


def _ancestor(
    span: MessageSpan,
    by_id: Mapping[SpanId, MessageSpan],
    parents: Mapping[SpanId, str],
    above: dict[SpanId, MessageSpan | None],
) -> MessageSpan | None:
    """The nearest sending span above, within the trace; `above` holds what was found before."""
    trace, parent = span.id[0], span.parent
    passed: dict[SpanId, None] = {}
    found: MessageSpan | None = None
    while parent and (trace, parent) not in passed:
        place = (trace, parent)
        if place in by_id or place in above:
            found = by_id[place] if place in by_id else above[place]
            break
        passed[place] = None
        parent = parents.get(place, "")
    above |= dict.fromkeys(passed, found)
    return found


def _latest(
    by_correlation: Mapping[tuple[str, str], Sequence[MessageSpan]], span: MessageSpan
) -> MessageSpan | None:
    """The last of the messages, in the order of time, of the same correlation that was before."""
    known = by_correlation.get((span.topic, span.correlation), ()) if span.correlation else ()
    before = bisect_right(known, span.at_ns, key=_time)
    return known[bisect_left(known, known[before - 1].at_ns, key=_time)] if before else None


def _time(span: MessageSpan) -> int:
    return span.at_ns


def edges_of(
    traces: Traces, manifest: Manifest
) -> tuple[tuple[SeenEdge, ...], tuple[UnseenEdge, ...]]:
    """The edges that the traces show, and the declared ones that they do not.

    Raises:
        ContentError: the manifest declares too many.
    """
    pairs, _ = joined(traces)
    seen: dict[tuple[str, str, str], list[Join]] = {}
    for pair in pairs:
        key = (pair.sent.service, pair.received.service, pair.sent.topic)
        seen.setdefault(key, []).append(pair.join)
    declared = _declared(manifest)
    sent: dict[tuple[str, str], int] = {}
    for span in traces.spans:
        if span.role == "send":
            sent[span.service, span.topic] = sent.get((span.service, span.topic), 0) + 1
    sampled = min((s.sampled for s in traces.spans if s.sampled is not None), default=None)
    return (
        tuple(
            SeenEdge(*key, len(joins), tuple(sorted(set(joins))), key in declared)
            for key, joins in sorted(seen.items())
        ),
        tuple(
            UnseenEdge(*k, sent.get((k[0], k[2]), 0), sampled) for k in declared if k not in seen
        ),
    )


def _declared(manifest: Manifest) -> dict[tuple[str, str, str], None]:
    """Source, target and topic of each edge for an event.

    Raises:
        ContentError: there are too many, as `graph_of` has it.
    """
    edges = graph_of(manifest).edges
    return {(e.source, e.target, e.topic): None for e in edges if e.kind is EdgeKind.EVENT}


def flows_of(traces: Traces, manifest: Manifest) -> Iterator[Flow]:
    """Every run of a chain: the events of one correlation, or of one trace where there is none.

    An event that a span does not name is known where its service sends only one to the topic.
    """
    pairs, _ = joined(traces)
    receivers: dict[SpanId, dict[str, None]] = {}
    for pair in pairs:
        receivers.setdefault(pair.sent.id, {})[pair.received.service] = None
    names = _names(manifest)
    cases: dict[str, list[Happened]] = {}
    for span in sorted(traces.spans, key=lambda s: s.at_ns):
        if span.role == "send":
            event = _full(span, names)
            got = tuple(receivers.get(span.id, ()))
            cases.setdefault(span.correlation or span.id[0], []).append(
                Happened(event, span.topic, span.service, span.at_ns, got)
            )
    last_ns = max((span.at_ns for span in traces.spans), default=0)
    for correlation, events in cases.items():
        happened = {h.event for h in events}
        for chain in manifest.chains:
            own = {s.event for s in chain.steps} | {s.undo for s in chain.steps if s.undo}
            if happened & own:
                yield _flow(correlation, chain, events, own, last_ns)


def _names(manifest: Manifest) -> dict[tuple[str, str], list[str]]:
    names: dict[tuple[str, str], list[str]] = {}
    for service in manifest.services.values():
        for produces in service.produces:
            names.setdefault((service.name, produces.topic), []).append(produces.event)
    return names


def _full(span: MessageSpan, names: Mapping[tuple[str, str], Sequence[str]]) -> str:
    known = names.get((span.service, span.topic), ())
    if not span.event:
        return known[0] if len(known) == 1 else ""
    return next((n for n in known if span.event in (n, n.rpartition(".")[2])), span.event)


def _flow(
    correlation: str, chain: Chain, events: Sequence[Happened], own: Container[str], last_ns: int
) -> Flow:
    faults = list(_faults(chain, [h.event for h in events]))
    undone = tuple(step.undo for step in chain.steps if step.undo)
    ends = chain.ends or (chain.steps[-1].event, *undone)
    began_ns = next(h.at_ns for h in events if h.event in own)
    ended_ns = next((h.at_ns for h in events if h.event in ends), None)
    is_open = ended_ns is None
    late_ns = (last_ns if ended_ns is None else ended_ns) - began_ns
    if chain.deadline_s is not None and late_ns > chain.deadline_s * 10**9:
        faults.append((FlowFault.LATE, chain.steps[-1].event))
    return Flow(correlation, chain.name, tuple(events), is_open, tuple(faults))


def _faults(chain: Chain, order: Sequence[str]) -> Iterator[tuple[FlowFault, str]]:
    """The undo of each step: missing, twice, without its step, or before that of a later step."""
    first = {event: order.index(event) for event in dict.fromkeys(order)}
    undone = any(step.undo in first for step in chain.steps if step.undo is not None)
    before: int | None = None
    for step in chain.steps:
        if step.undo is None:
            continue
        if step.undo not in first:
            if undone and step.event in first:
                yield FlowFault.MISSING, step.undo
            continue
        if step.event not in first:
            yield FlowFault.WITHOUT_STEP, step.undo
        elif order.count(step.undo) > order.count(step.event):
            yield FlowFault.DOUBLED, step.undo
        if before is not None and first[step.undo] > before:
            yield FlowFault.MISORDERED, step.undo
        before = first[step.undo]


def sequence(flow: Flow) -> str:
    """The flow as a sequence diagram of Mermaid.

    Source: mermaid.js.org, "Sequence diagrams".
    """
    names = dict.fromkeys(n for h in flow.events for n in (h.service, *h.receivers))
    ids = {name: f"s{i}" for i, name in enumerate(names)}
    lines = ["sequenceDiagram"]
    lines += [f"  participant {id} as {_plain(name)}" for name, id in ids.items()]
    for h in flow.events:
        short = _plain(h.event.rpartition(".")[2] or h.topic)
        for receiver in h.receivers or (h.service,):
            lines.append(f"  {ids[h.service]}-){ids[receiver]}: {short}")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Text without what has a meaning in Mermaid, or ends a line."""
    return "".join(c if c.isalnum() or c in "-_. " else "_" for c in text)
