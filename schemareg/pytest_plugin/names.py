"""Names in tests checked against schemas and configuration: a misspelt one fails at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from schemareg.avro import parse
from schemareg.avro.schema import Array, Map, Node, Record, Schema, resolve
from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.pytest_plugin.events import steps
from schemareg.pytest_plugin.wanted import check_value, flat
from schemareg.schema_catalog import Catalog, Entry
from schemareg.subjects import SubjectNameStrategy
from schemareg.suggestions import did_you_mean
from schemareg.workspace import Config, TopicConfig

_ALLOW = "(or allow any with the ini option schemareg_allow_unknown = true)"


@dataclass(frozen=True, slots=True)
class Names:
    """What a test may name: the catalog's event types, the configured topics and their events.

    Without configured topics, every topic is allowed. With `allow_unknown` everything is.
    """

    catalog: Catalog
    config: Config
    allow_unknown: bool = False

    @property
    def topics(self) -> Sequence[TopicConfig]:
        """The topics by their tables, and by the names of files where those are the project's."""
        return self.config.topics if self.catalog.topics is None else self.catalog.topics

    def topic(self, topic: str) -> TopicConfig | None:
        """What is configured for the topic `topic` (its short name), None where nothing is."""
        own = (configured for configured in self.topics if configured.name == topic)
        return next(own, self.config.topic_pattern(topic))

    def schema_on(self, entry: Entry, topic: str) -> Schema:
        """What is registered for `entry` on `topic`: its schema, or the union of several events."""
        configured = self.topic(topic)
        if (
            configured is None
            or configured.strategy is not SubjectNameStrategy.TOPIC
            or len(configured.events) < 2
            or entry.name not in configured.events
        ):
            return entry.schema
        events = [self.catalog.find(event).schema for event in configured.events]
        return parse(json.dumps([*configured.events]), references=events)

    def check_event(self, name: str, *, where: Mapping[str, object] | None = None) -> None:
        """The event type called `name` exists, and can have the values of `where` at its paths.

        Raises: UsageError.
        """
        if self.allow_unknown:
            return
        schema = self.catalog.find(name).schema
        for path, value in (where or {}).items():
            nodes = _nodes_at(schema, path, name)
            # None also represents a place that an event does not have
            if value is not None or len(steps(path)) == 1:
                check_value(value, nodes, f"{name} at the path {path!r}")

    def check_topic(self, topic: str) -> None:
        """The topic `topic` (its short name) is configured.

        Raises: UsageError.
        """
        known = [configured.name for configured in self.topics]
        is_known = topic in known or self.config.topic_pattern(topic) is not None
        if known and not is_known and not self.allow_unknown:
            raise UsageError(
                f"no topic {topic!r} is configured", advice=f"{did_you_mean(topic, known)} {_ALLOW}"
            )

    def check_event_on(self, name: str, topic: str) -> None:
        """The configuration has the topic `topic`, and the event type called `name` on it.

        Raises: UsageError.
        """
        self.check_topic(topic)
        configured = self.topic(topic)
        if configured is None or self.allow_unknown:
            return
        entry = self.catalog.find(name)
        fullname, module = entry.fullname, entry.fullname.rpartition(":")[0]
        is_other = module and configured.module and module != configured.module
        if entry.name not in configured.events or is_other:
            events = ", ".join(configured.events)
            raise UsageError(
                f"the configuration does not allow {fullname} on the topic {topic!r}, but {events}",
                advice=f"add it to the topic's events {_ALLOW}",
            )


def _nodes_at(schema: Schema, path: str, name: str) -> Sequence[Node]:
    nodes: Sequence[Node] = (schema.root,)
    for step in steps(path):
        records = [type_ for type_ in map(resolve, flat(nodes)) if isinstance(type_, Record)]
        nodes = [inner for node in flat(nodes) for inner in _inside(node, step)]
        if not nodes:
            fields = [field.name for record in records for field in record.fields]
            raise UsageError(
                f"{name} has nothing at the path {path!r}",
                advice=did_you_mean(str(step), fields) if fields else None,
            )
    return nodes


def _inside(node: Node, step: str | int) -> list[Node]:
    match resolve(node), step:
        case Record() as record, str():
            return [field.type for field in record.fields if field.name == step]
        case Map() as map_, str():
            return [map_.values]
        case Array() as array, int():
            return [array.items]
        case _:
            return []
