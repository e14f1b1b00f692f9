"""A manifest proposed from what a cluster holds, with a question for all that it does not show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.services.exchange import Imported
from schemareg.services.manifest import Consumes, Produces, Service

_PLACE = Location("the cluster")


@dataclass(frozen=True, slots=True)
class SeenTopic:
    """What the newest records of a topic showed.

    `events` maps full names to the sources that their `ce_source` headers name (perhaps none).
    `unframed` records name no schema, `unknown` ones a schema that the registry lacks.
    """

    name: str
    events: Mapping[str, tuple[str, ...]]
    records: int
    unframed: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class SeenGroup:
    """A consumer group with the topics that it reads, and the clients in it now."""

    name: str
    topics: tuple[str, ...]
    clients: tuple[str, ...]


def discovered(
    topics: Sequence[SeenTopic], groups: Iterable[SeenGroup], *, refused: str = ""
) -> Imported:
    """The proposed manifest: a service of each group, and of each source of events.

    `refused` is why the groups are not all known.
    """
    by_name = {topic.name: topic for topic in topics}
    questions: list[str] = []
    consumes: dict[str, list[Consumes]] = {}
    if refused:
        questions.append(f"the cluster does not describe its groups ({refused}): who consumes?")
    for group in groups:
        read = [by_name[name] for name in group.topics if name in by_name]
        consumes[group.name] = [
            Consumes(group.name, event, topic.name, _PLACE, group=group.name)
            for topic in read
            for event in topic.events
        ]
        questions += _about_group(group, read)
    produces: dict[str, list[Produces]] = {}
    for topic in topics:
        questions += _about_topic(topic)
        for event, sources in topic.events.items():
            for source in sources:
                name = service_name(source)
                made = Produces(name, event, topic.name, _PLACE, shared=len(sources) > 1)
                produces.setdefault(name, []).append(made)
    services = tuple(
        Service(
            name,
            _PLACE,
            produces=tuple(dict.fromkeys(produces.get(name, ()))),
            consumes=tuple(consumes.get(name, ())),
        )
        for name in sorted(produces.keys() | consumes.keys())
        if produces.get(name) or consumes.get(name)
    )
    return Imported(services, (), tuple(questions))


def service_name(source: str) -> str:
    """The last part of a CloudEvents source, which is a URI reference."""
    return source.rstrip("/").rpartition("/")[2].rpartition(":")[2] or source


def _about_group(group: SeenGroup, read: Sequence[SeenTopic]) -> Iterator[str]:
    if not group.topics:
        yield f"the group {group.name!r} reads no topic: is it still in use?"
        return
    if not any(topic.events for topic in read):
        yield f"the group {group.name!r} reads no topic with known events: what does it read?"
        return
    if not group.clients:
        yield f"the group {group.name!r} has no member now: is it still in use?"
    else:
        clients = ", ".join(map(repr, group.clients[:3]))
        yield f"is the group {group.name!r} a service of that name? its clients are {clients}"
    for topic in read:
        if len(topic.events) > 1:
            yield (
                f"which of the {len(topic.events)} events on {topic.name!r} does the group"
                f" {group.name!r} use? all are listed"
            )
    yield f"which fields does the group {group.name!r} use?"


def _about_topic(topic: SeenTopic) -> Iterator[str]:
    if not topic.records:
        yield f"the topic {topic.name!r} holds no record: which events go there?"
    if topic.unframed:
        yield (
            f"{topic.unframed} of {topic.records} records on {topic.name!r} name no schema: what"
            " are they?"
        )
    if topic.unknown:
        yield (
            f"{topic.unknown} of {topic.records} records on {topic.name!r} name a schema that the"
            " registry lacks"
        )
    for event, sources in topic.events.items():
        if not sources:
            yield f"who produces {event} to {topic.name!r}? records do not name their producer"
        for source in sources:
            yield (
                f"is {service_name(source)!r} the service that produces {event} to"
                f" {topic.name!r}? its records name the source {source!r}"
            )
