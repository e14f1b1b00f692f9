"""What is wrong with a manifest: names that do not exist, events without producer or consumer."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.errors import SchemaregError
from schemareg.findings import Diagnostic, Severity
from schemareg.places import Location
from schemareg.services.manifest import Consumes, Produces, Service
from schemareg.services.platform import Platform, field_paths, has_field
from schemareg.suggestions import did_you_mean
from schemareg.workspace.subject_settings import is_pattern


def manifest_findings(platform: Platform) -> Iterator[Diagnostic]:
    """Every finding about the manifest of `platform`, service by service."""
    passed: set[tuple[object, ...]] = set()
    for service in platform.manifest.services.values():
        used: list[Produces | Consumes] = [*service.produces, *service.consumes]
        for uses in used:
            if (what := _declared(uses)) in passed:
                continue
            findings = tuple(_event_findings(platform, uses))
            yield from findings
            if not findings:
                passed.add(what)
        yield from _service_findings(platform, service)
    yield from _one_sided(platform)
    yield from _chain_findings(platform)
    topics = platform.topics.by_name
    for topic in platform.manifest.retention:
        if topics and platform.topics.named(topic) is None:
            yield _finding(
                "unknown-topic", f"topics.{topic}", f"there is no topic {topic!r}",
                Location(platform.manifest.sources[0]), did_you_mean(topic, topics),
            )  # fmt: skip


def _declared(uses: Produces | Consumes) -> tuple[object, ...]:
    """All that decides whether there is a finding about `uses`: the same gives none again."""
    if isinstance(uses, Produces):
        return uses.event, uses.topic, uses.key, uses.strategy
    return uses.event, uses.topic, uses.fields, uses.reader, ""


def _finding(
    rule: str,
    element: str,
    message: str,
    location: Location,
    advice: str | None = None,
    severity: Severity = Severity.ERROR,
) -> Diagnostic:
    return Diagnostic(rule, severity, message, location, element, advice)


def _event_findings(platform: Platform, uses: Produces | Consumes) -> Iterator[Diagnostic]:
    topic = platform.topics.named(uses.topic)
    if topic is None and platform.topics.by_name:
        yield _finding(
            "unknown-topic", _element(uses), f"there is no topic {uses.topic!r}", uses.location,
            did_you_mean(uses.topic, platform.topics.by_name),
        )  # fmt: skip
        return
    if topic is not None and uses.event not in topic.events:
        known = platform.topics.carrying
        where = f"the topic {uses.topic!r} does not carry {uses.event!r}"
        advice = did_you_mean(uses.event, topic.events if uses.event in known else known)
        yield _finding("unknown-event", _element(uses), where, uses.location, advice)
        return
    if isinstance(uses, Produces):
        if topic and uses.key is not None and uses.key != topic.key:
            message = f"the key is {uses.key!r}, and that of the topic {topic.key!r}"
            yield _finding("different-key", _element(uses), message, uses.location)
        if topic and uses.strategy is not None and uses.strategy is not topic.strategy:
            message = f"the strategy is {uses.strategy}, and that of the topic {topic.strategy}"
            yield _finding("different-strategy", _element(uses), message, uses.location)
        return
    yield from reader_findings(platform, uses)


def _element(uses: Produces | Consumes) -> str:
    kind = "produces" if isinstance(uses, Produces) else "consumes"
    return f"{uses.service}.{kind}.{uses.event}"


def reader_findings(platform: Platform, uses: Consumes) -> Iterator[Diagnostic]:
    """A reader schema that cannot be read, and fields that it or every version lacks."""
    reader = None
    try:
        reader = platform.reader(uses)
    except SchemaregError as error:
        yield _finding(
            "unreadable-reader", _element(uses), error.message, error.location or uses.location,
            error.advice,
        )  # fmt: skip
    for path in uses.fields or ():
        if reader is not None and not has_field(reader, path, event=uses.event):
            shown = platform.config.shown(uses.reader) if uses.reader else ""
            yield _finding(
                "unknown-field", _element(uses), f"the reader schema {shown} has no field {path!r}",
                uses.location, did_you_mean(path, set(field_paths(reader))),
            )  # fmt: skip
        if not platform.knows_field(uses.event, uses.topic, path):
            newest = platform.event(uses.event, uses.topic).newest()
            yield _finding(
                "unknown-field", _element(uses),
                f"no version of {uses.event} has the field {path!r}",
                uses.location, did_you_mean(path, set(field_paths(newest))) if newest else None,
            )  # fmt: skip


def _service_findings(platform: Platform, service: Service) -> Iterator[Diagnostic]:
    names = platform.manifest.services
    links = [(f"{service.name}.calls", c.provider, c.location) for c in service.calls]
    links += [(f"{service.name}.configured_by", c.owner, c.location) for c in service.configured_by]
    for element, name, location in links:
        if name not in names:
            message = f"there is no service {name!r}"
            yield _finding("unknown-service", element, message, location, did_you_mean(name, names))
    for uses in (service.produces, service.consumes):
        seen: set[tuple[str, ...]] = set()
        for use in uses:
            key = (use.event, use.topic, use.group if isinstance(use, Consumes) else "")
            if key in seen:
                yield _finding(
                    "declared-twice", _element(use), "it is declared twice", use.location
                )
            seen.add(key)


def _one_sided(platform: Platform) -> Iterator[Diagnostic]:
    """Events that nobody consumes or produces, and those with two producers."""
    producers, consumers = platform.manifest.producers(), platform.manifest.consumers()
    for (event, topic), found in producers.items():
        if (event, topic) not in consumers:
            yield _finding(
                "not-consumed", event, f"no service consumes it from {topic!r}", found[0].location,
                "declare its consumers, or accept that it is kept for later",
                Severity.WARNING,
            )  # fmt: skip
        names = sorted({p.service for p in found})
        if len(names) > 1 and not all(p.shared for p in found):
            yield _finding(
                "two-producers", event, f"{' and '.join(names)} produce it to {topic!r}",
                found[-1].location, "set shared = true at each of them where that is intended",
            )  # fmt: skip
    for (event, topic), readers in consumers.items():
        if (event, topic) not in producers:
            yield _finding(
                "not-produced", event, f"no service produces it to {topic!r}",
                readers[0].location, "declare its producer",
            )  # fmt: skip
    named = {topic for _, topic in (*producers, *consumers)}
    for known in platform.project.topics:
        on = [known.name]
        if is_pattern(known.name):
            fitting = {topic: platform.topics.named(topic) for topic in named}
            on = [topic for topic, own in fitting.items() if own and own.name == known.name]
        used = {event for topic in on for event in known.events
                if (event, topic) in producers or (event, topic) in consumers}  # fmt: skip
        events = [event for event in known.events if event not in used]
        for event in events:
            where = "" if known.name in named else " nor any other event of it"
            yield _finding(
                "not-declared", event, f"no service names it on {known.name!r}{where}",
                Location(platform.manifest.sources[0]), "declare its producer and its consumers",
                Severity.WARNING,
            )  # fmt: skip


def _chain_findings(platform: Platform) -> Iterator[Diagnostic]:
    produced = {event for event, _ in platform.manifest.producers()}
    consumed = {event for event, _ in platform.manifest.consumers()}
    for chain in platform.manifest.chains:
        undone = [step.undo for step in chain.steps if step.undo]
        for event in (*(s.event for s in chain.steps), *undone, *chain.ends):
            if event not in produced:
                yield _finding(
                    "not-produced", f"chains.{chain.name}", f"no service produces {event!r}",
                    chain.location, did_you_mean(event, produced),
                )  # fmt: skip
        for event in undone:
            if event in produced and event not in consumed:
                yield _finding(
                    "compensation-not-consumed", f"chains.{chain.name}",
                    f"no service consumes {event!r}, which undoes a step", chain.location,
                    "declare who consumes it, or record that nothing depends on it",
                    Severity.WARNING,
                )  # fmt: skip
