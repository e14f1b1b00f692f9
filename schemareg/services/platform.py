"""A manifest joined with the schemas of its events: registered, proposed, and read with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field
from functools import cache

from schemareg.avro import Schema
from schemareg.avro.schema import Field, Node, Record, Union, parts, resolve
from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.services.manifest import Consumes, Manifest, Retention
from schemareg.state import RegistryState, Schemas, SchemaVersion
from schemareg.subjects import Subject, SubjectNameStrategy, subject_for
from schemareg.workspace import Config, Project, ProjectSubject
from schemareg.workspace.consumers import read_beside, types_beside
from schemareg.workspace.files import FileError, bounds_of, read_bytes
from schemareg.workspace.topics import TopicIndex

EventOnTopic = tuple[str, str]
"""Full name of an event, and a topic."""


@dataclass(frozen=True, slots=True, eq=False)
class EventSchemas:
    """An event on a topic: what is registered (oldest first), and what the project proposes."""

    event: str
    topic: str
    subject: Subject
    history: tuple[SchemaVersion, ...]
    proposed: Schema | None
    project_subject: ProjectSubject | None = None

    def is_same_text(self) -> bool:
        """Whether the proposed text is the latest one's, and refers to nothing that may differ."""
        if self.proposed is None or not self.history or self.proposed.references:
            return False
        return self.history[-1].schema.text == self.proposed.text

    def newest(self) -> Schema | None:
        return self.proposed or (self.history[-1].schema if self.history else None)


@dataclass(slots=True)
class Platform:
    """The services with their schemas, found by subject when first needed."""

    manifest: Manifest
    project: Project
    config: Config
    registered: Callable[[], Schemas]
    found: dict[EventOnTopic, EventSchemas] = field(default_factory=dict)
    readers: dict[str, Schema] = field(default_factory=dict)
    known_fields: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    own: dict[Subject, ProjectSubject] = field(default_factory=dict)
    topics: TopicIndex = field(default_factory=lambda: TopicIndex({}, {}))

    @classmethod
    def of(
        cls,
        manifest: Manifest,
        project: Project,
        config: Config,
        state: RegistryState | Callable[[], RegistryState],
    ) -> Platform:
        """The platform of `manifest`; `state` may be what returns it when first needed."""

        @cache
        def registered() -> Schemas:
            held = state if isinstance(state, RegistryState) else state()
            return Schemas(held, avro_version=project.avro_version, files=project.files)

        own = {subject.subject: subject for subject in project.subjects}
        topics = TopicIndex.of(project.topics, config.topic_patterns)
        return cls(manifest, project, config, registered, own=own, topics=topics)

    @property
    def schemas(self) -> Schemas:
        """The registered schemas."""
        return self.registered()

    def events(self) -> Iterator[EventSchemas]:
        """Every event on a topic that the manifest names, in its order."""
        seen = dict.fromkeys([*self.manifest.producers(), *self.manifest.consumers()])
        return (self.event(*key) for key in seen)

    def events_to_compare(self) -> Iterator[EventSchemas]:
        """Those of `events` that may have changed; no version of the others is parsed."""
        for event, topic in dict.fromkeys([*self.manifest.producers(), *self.manifest.consumers()]):
            own = self.own.get(self.subject(event, topic))
            if own is None or not self.schemas.is_newest(own.subject, own.schema):
                yield self.event(event, topic)

    def event(self, event: str, topic: str) -> EventSchemas:
        """The schemas of `event` on `topic`."""
        key = (event, topic)
        if key not in self.found:
            subject = self.subject(event, topic)
            own = self.own.get(subject)
            history = self.schemas.history(subject)
            self.found[key] = EventSchemas(
                event, topic, subject, history, own.schema if own else None, own
            )
        return self.found[key]

    def knows_field(self, event: str, topic: str, path: str) -> bool:
        """Whether a version of `event` on `topic` has the dotted field `path`, or it has none."""
        known = self.known_fields.get((event, topic, path))
        if known is None:
            own = self.own.get(self.subject(event, topic))
            known = own is not None and has_field(own.schema, path, event=event)
            if not known:
                versions = self.event(event, topic).history
                known = not (own or versions) or any(
                    has_field(v.schema, path, event=event) for v in versions
                )
            self.known_fields[event, topic, path] = known
        return known

    def key(self, topic: str) -> EventSchemas:
        """The schemas of the keys on `topic`."""
        subject = subject_for(SubjectNameStrategy.TOPIC, topic=topic, fullname="", is_key=True)
        own = self.own.get(subject)
        history = self.schemas.history(subject)
        return EventSchemas(
            f"key of {topic}", topic, subject, history, own.schema if own else None, own
        )

    def subject(self, event: str, topic: str) -> Subject:
        """The subject of `event` on `topic`, by the topic's strategy or that of the file."""
        configured = self.topics.named(topic)
        strategy = configured.strategy if configured else self.config.strategy
        return subject_for(strategy, topic=topic, fullname=event)

    def retention(self, topic: str) -> Retention:
        """How long `topic` delivers a record; for ever where the manifest gives nothing."""
        return self.manifest.retention.get(topic, Retention())

    def reader(self, consumes: Consumes) -> Schema | None:
        """The reader schema that a file of the consumer holds; None without such a file.

        Raises:
            UsageError: the file cannot be read.
            SchemaParseError: it is no schema.
        """
        if consumes.reader is None:
            return None
        shown = self.config.shown(consumes.reader)
        if shown not in self.readers:
            try:
                text = read_bytes(consumes.reader, shown, within=bounds_of(self.config))
            except FileError as error:
                raise UsageError(
                    f"the reader schema {shown} of {consumes.service} cannot be read:"
                    f" {error.reason}",
                    location=consumes.location,
                ) from error
            files = self.project.files
            own = self.own.get(self.subject(consumes.event, consumes.topic))
            shared = types_beside(own, files) if own else [file.schema for file in files]
            self.readers[shown] = read_beside(text, shared, shown)
        return self.readers[shown]


def fields_at(schema: Schema, path: str, *, event: str = "") -> tuple[Field, ...]:
    """The fields at the dotted `path` of `schema`, through arrays, maps and unions.

    Of a union of events only the branch named `event` counts.
    """
    nodes: list[Node] = [resolve(schema.root)]
    root = nodes[0]
    if event and isinstance(root, Union):
        own = [resolve(b) for b in root.branches]
        nodes = [n for n in own if getattr(n, "fullname", "") == event] or nodes
    found: list[Field] = []
    for name in path.split("."):
        records = [record for node in nodes for record in _records(node)]
        found = [field for record in records for field in record.fields if field.name == name]
        nodes = [field.type for field in found]
    return tuple(found)


def has_field(schema: Schema, path: str, *, event: str = "") -> bool:
    """Whether `schema` has the dotted field `path`, as `fields_at` reads it."""
    return bool(fields_at(schema, path, event=event))


def _records(node: Node) -> Iterator[Record]:
    """The records that values of `node` are, or hold as items."""
    return (record for part in parts(node) if isinstance(record := resolve(part), Record))


def field_paths(schema: Schema) -> Iterator[str]:
    """Every dotted path of `schema` to a field; a record inside itself is not entered again."""
    return (path for path, _ in fields_of(schema))


def fields_of(schema: Schema) -> Iterator[tuple[str, Field]]:
    """Every field of `schema` with its dotted path, as `field_paths` has them."""
    yield from _fields(resolve(schema.root), "", ())


def _fields(node: Node, at: str, within: tuple[str, ...]) -> Iterator[tuple[str, Field]]:
    for record in _records(node):
        if record.fullname in within:
            continue
        for inner in record.fields:
            path = f"{at}.{inner.name}" if at else inner.name
            yield path, inner
            yield from _fields(resolve(inner.type), path, (*within, record.fullname))
