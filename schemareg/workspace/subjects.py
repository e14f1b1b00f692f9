"""Which subjects a project keeps its schemas under, by its topics and its shared types."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from schemareg.avro import Schema, parse
from schemareg.avro.schema import PRIMITIVES, NameRef, Union
from schemareg.errors import UsageError
from schemareg.places import Location
from schemareg.subjects import CompatibilityLevel, Subject, SubjectNameStrategy, subject_for
from schemareg.suggestions import did_you_mean
from schemareg.workspace.config import Config, TopicConfig
from schemareg.workspace.files import SchemaFile

Role = Literal["value", "key", "type"]


@dataclass(frozen=True, slots=True, eq=False)
class ProjectSubject:
    """A subject as the project wants it.

    `text` is what is registered, `schema` its parsed form. `file` is None for a key of a
    primitive type. `level` is what the configuration says (the subject's own, its topic's, the
    file's), None when it says nothing. `references` are (full name, subject) of the types used
    directly, sorted by name.
    """

    subject: Subject
    text: str
    schema: Schema
    file: SchemaFile | None
    role: Role
    topic: str | None
    level: CompatibilityLevel | None
    references: tuple[tuple[str, Subject], ...]


def subjects_of(
    files: Sequence[SchemaFile], config: Config, *, complete: bool
) -> Iterator[ProjectSubject]:
    """The subjects of `files` under `config`, each after those it refers to.

    A file that no topic carries, or that others use, is kept under its full name; keys always
    under `<topic>-key`. With `complete` every event named in the configuration must be there.

    Raises:
        UsageError: the configuration names an event, key or subject that is not there.
    """
    by_name = {f.fullname: f for f in files if f.fullname is not None}
    unions = [f for f in files if _branches(f)]
    # a topic's union refers to its events, which so are subjects of their own
    used = {id(u) for f in files for u in f.uses}
    used |= {
        id(by_name[event])
        for topic in config.topics
        if topic.strategy is SubjectNameStrategy.TOPIC and len(topic.events) > 1
        for event in topic.events
        if event in by_name
    }
    carried = {name for topic in config.topics for name in (*topic.events, topic.key)}
    seen: set[Subject] = set()
    for file in files:
        if file.fullname and (id(file) in used or file.fullname not in carried):
            seen.add(Subject(file.fullname))
            yield _subject(Subject(file.fullname), file, "type", None, config)
    for topic in config.topics:
        for found in _of_topic(topic, by_name, unions, config, complete=complete):
            if found.subject not in seen:
                seen.add(found.subject)
                yield found
    unknown = next((name for name in config.subjects if name not in seen), None)
    if complete and unknown is not None:
        raise UsageError(
            f"subjects.{unknown}: the project has no such subject",
            location=_place(config),
            advice=did_you_mean(unknown, seen),
        )


def _of_topic(
    topic: TopicConfig,
    files: Mapping[str, SchemaFile],
    unions: Sequence[SchemaFile],
    config: Config,
    *,
    complete: bool,
) -> Iterator[ProjectSubject]:
    if topic.key is not None:
        subject = subject_for(
            SubjectNameStrategy.TOPIC, topic=topic.name, fullname=topic.key, is_key=True
        )
        if topic.key in PRIMITIVES:
            text = f'"{topic.key}"'
            level = _level(subject, topic, config)
            yield ProjectSubject(subject, text, parse(text), None, "key", topic.name, level, ())
        elif topic.key in files:
            yield _subject(subject, files[topic.key], "key", topic, config)
        elif complete:
            raise _undefined(topic, "key", topic.key, files, config)
    if topic.strategy is SubjectNameStrategy.TOPIC and len(topic.events) > 1:
        yield from _union_of_events(topic, files, unions, config, complete=complete)
        return
    for event in topic.events:
        if event in files:
            subject = subject_for(topic.strategy, topic=topic.name, fullname=event)
            yield _subject(subject, files[event], "value", topic, config)
        elif complete:
            raise _undefined(topic, "events", event, files, config)


def _union_of_events(
    topic: TopicConfig,
    files: Mapping[str, SchemaFile],
    unions: Sequence[SchemaFile],
    config: Config,
    *,
    complete: bool,
) -> Iterator[ProjectSubject]:
    """The subject of a topic that carries several events: a union of references to them.

    Its text is that of a file which holds just this union, else it is made from the names.

    Source: Confluent, "Putting several event types in the same topic".
    """
    for event in topic.events:
        if event not in files and complete:
            raise _undefined(topic, "events", event, files, config)
    events = [event for event in topic.events if event in files]
    subject = subject_for(topic.strategy, topic=topic.name, fullname=topic.events[0])
    for file in unions:
        if sorted(_branches(file)) == sorted(events):
            yield _subject(subject, file, "value", topic, config)
            return
    if events:
        text = json.dumps(events)
        schema = parse(text, references=[files[event].schema for event in events])
        references = tuple((event, Subject(event)) for event in sorted(events))
        level = _level(subject, topic, config)
        yield ProjectSubject(subject, text, schema, None, "value", topic.name, level, references)


def _branches(file: SchemaFile) -> list[str]:
    """Full names of the types that a union of names lists; empty for any other schema."""
    root = file.schema.root
    if not isinstance(root, Union):
        return []
    names = [b.fullname for b in root.branches if isinstance(b, NameRef)]
    return names if len(names) == len(root.branches) else []


def _undefined(
    topic: TopicConfig, key: str, name: str, files: Mapping[str, SchemaFile], config: Config
) -> UsageError:
    known = {*files, *PRIMITIVES} if key == "key" else set(files)
    short = name.rpartition(".")[2]
    namesakes = [full for full in files if full.rpartition(".")[2] == short]
    meant = f"did you mean {namesakes[0]!r}?" if len(namesakes) == 1 else did_you_mean(name, known)
    return UsageError(
        f"topics.{topic.name}.{key}: no schema file defines {name!r}",
        location=_place(config),
        advice=f"{meant} Otherwise add its file, or take it out of the configuration",
    )


def _place(config: Config) -> Location | None:
    return Location(config.shown(config.source)) if config.source else None


def _subject(
    subject: Subject, file: SchemaFile, role: Role, topic: TopicConfig | None, config: Config
) -> ProjectSubject:
    references = sorted((u.fullname, Subject(u.fullname)) for u in file.uses if u.fullname)
    return ProjectSubject(
        subject=subject,
        text=file.text,
        schema=file.schema,
        file=file,
        role=role,
        topic=topic.name if topic else None,
        level=_level(subject, topic, config),
        references=tuple(references),
    )


def _level(
    subject: Subject, topic: TopicConfig | None, config: Config
) -> CompatibilityLevel | None:
    own = config.subjects.get(subject)
    return own or (topic.level if topic else None) or config.level
