"""The subjects of a project's schemas, by its topics and its shared types."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from schemareg.avro import Schema
from schemareg.avro.parse.parser import Document, parse_document
from schemareg.avro.schema import PRIMITIVES, JsonValue, NameRef, Union
from schemareg.errors import UsageError
from schemareg.patterns import matches_glob
from schemareg.places import ROOT, Location, Pointer
from schemareg.subjects import (
    CompatibilityLevel,
    Subject,
    SubjectNameStrategy,
    Version,
    subject_for,
)
from schemareg.suggestions import did_you_mean
from schemareg.workspace.config import Config, TopicConfig
from schemareg.workspace.file_topics import with_file_topics
from schemareg.workspace.histories import EarlierVersion, Histories
from schemareg.workspace.parts import SchemaPart, owners_of
from schemareg.workspace.schema_files import SchemaFile
from schemareg.workspace.subject_settings import (
    NOTHING_SET,
    SubjectSettings,
    is_pattern,
    settings_for,
)
from schemareg.workspace.topics import TopicIndex
from schemareg.workspace.version_paths import VersionLayout, versionless
from schemareg.workspace.versions import VersionedFiles

Role = Literal["value", "key", "type"]
_FIRST = Version(1)


@dataclass(frozen=True, slots=True, eq=False)
class ProjectSubject:
    """A subject as the project wants it.

    `text` is what is registered, `schema` its parsed form. `file` is None for a key of a
    primitive type; `pointer` is where in the file the text is. `level` is what the configuration
    gives (the subject's own, its topic's, the file's), None where it gives none. `references` are
    (full name, subject) of the types used directly, sorted by name, `reference_versions` the
    version of each that is no first one. `settings` are the other settings of the subject.
    `earlier` are the versions before this one that files describe, oldest first, and `version`
    is the number of this one.
    """

    subject: Subject
    text: str
    schema: Schema
    file: SchemaFile | None
    role: Role
    topic: str | None
    level: CompatibilityLevel | None
    references: tuple[tuple[str, Subject], ...]
    pointer: Pointer = ROOT
    settings: SubjectSettings = NOTHING_SET
    earlier: tuple[EarlierVersion, ...] = ()
    version: Version = _FIRST
    reference_versions: Mapping[str, Version] = field(default_factory=lambda: MappingProxyType({}))

    def location(self, pointer: Pointer) -> Location:
        """Where in its file the value at `pointer` of `text` is."""
        if self.file is None:
            return Location(None, *self.schema.tree.locate(pointer), pointer)
        below = Pointer(self.pointer + pointer)
        return Location(self.file.path, *self.file.schema.tree.locate(below), below)


def subjects_of(
    files: VersionedFiles, config: Config, *, complete: bool
) -> Iterator[ProjectSubject]:
    """The subjects of `files` under `config`, each after those it refers to.

    A part of a file that no topic carries, or that others use, has the subject of its full name;
    keys have `<topic>-key`. With `complete` every event named in the configuration must be there.

    Raises:
        UsageError: the configuration names an event, key or subject that is not there.
    """
    config = _with_newest_events(with_file_topics(config, files.files), files.files)
    subjects = _Subjects(files, config, complete=complete)
    seen: set[Subject] = set()
    users: list[ProjectSubject] = []
    for subject in subjects.all():
        if subject.subject not in seen:
            seen.add(subject.subject)
            users += (subject,) if subject.references else ()
            yield _with_settings(subject, config, subjects.topics)
    aliases = {name for name, settings in config.settings if settings.alias is not None}
    shadowed = next((name for name in sorted(aliases) if name in seen or is_pattern(name)), None)
    if shadowed is not None:
        raise UsageError(
            f"subjects.{shadowed}.alias: an alias is the name of no schema of its own",
            location=_place(config),
            advice="give the alias a table of its own: [subjects.OTHER-NAME] alias = SUBJECT",
        )
    named = (n for n, _ in config.settings if not is_pattern(n) and n not in aliases)
    unknown = next((name for name in (*config.subjects, *named) if name not in seen), None)
    if complete and unknown is not None:
        raise UsageError(
            f"subjects.{unknown}: the project has no such subject",
            location=_place(config),
            advice=did_you_mean(unknown, seen),
        )
    if complete:
        _check_pins(users, config)


def retired_subjects(files: VersionedFiles, config: Config) -> Iterator[ProjectSubject]:
    """The subjects of types that the newest version lacks, and an earlier one refers to."""
    histories = Histories(files, config.versions)
    for subject, last in histories.retired():
        references = histories.references_of(last.file, last.part.uses)
        yield ProjectSubject(
            subject=subject,
            text=last.part.text,
            schema=last.part.schema,
            file=last.file,
            role="type",
            topic=None,
            level=_level(subject, None, config),
            references=tuple((each.name, each.subject) for each in references),
            pointer=last.part.pointer,
            earlier=histories.earlier_of(last.file, last.part.fullname),
            version=last.version,
            reference_versions={each.name: each.version for each in references},
        )


class _Subjects:
    """The parts of all files by name, and what becomes of them under a configuration.

    `owners` maps the full name of every type to that of the part which defines it.
    """

    def __init__(self, files: VersionedFiles, config: Config, *, complete: bool) -> None:
        self.config = config
        self.complete = complete
        self.numbers = files
        self.histories = Histories(files, config.versions)
        self.topics = TopicIndex.of(config.topics)
        self.unions = [file for file in files.files if _branches(file)]
        self.files: dict[str, SchemaFile] = {}
        self.parts: dict[str, SchemaPart] = {}
        for file in files.files:
            for part in file.parts:
                if self.parts.setdefault(part.fullname, part) is part:
                    self.files[part.fullname] = file
        self.owners = owners_of(self.parts)

    def all(self) -> Iterator[ProjectSubject]:
        """Every subject, some of them more than once."""
        topics = self.config.topics
        used = set(self.used())
        carried = {name for topic in topics for name in (*topic.events, topic.key)}
        used_before = self.histories.used_by_earlier()
        for part in self.parts.values():
            subject, _ = self.histories.placed(self.files[part.fullname], part.fullname)
            if self.histories.is_earlier(self.files[part.fullname], part.fullname):
                continue
            if part.fullname in used or part.fullname not in carried or subject in used_before:
                yield self.type_subject(part)
        for topic in topics:
            yield from self.of_topic(topic)

    def used(self) -> Iterator[str]:
        """The full names of the parts that other subjects refer to."""
        for part in self.parts.values():
            yield from self.references(part.uses).keys() - {part.fullname}
        for file in self.unions:
            yield from self.references(_branches(file))
        for topic in self.config.topics:
            # a topic's union refers to its events, which so are subjects of their own
            is_union = topic.strategy is SubjectNameStrategy.TOPIC and len(topic.events) > 1
            for name in (*topic.events, topic.key):
                owner = self.owners.get(name or "")
                if owner is not None and (owner != name or (is_union and name != topic.key)):
                    yield owner

    def references(self, uses: Iterable[str]) -> dict[str, Subject]:
        """The parts that define the types `uses`, each with its subject."""
        owners = sorted({self.owners[name] for name in uses if name in self.owners})
        return {owner: self.histories.placed(self.files[owner], owner)[0] for owner in owners}

    def reference_versions(self, owners: Iterable[str]) -> dict[str, Version]:
        placed = {owner: self.histories.placed(self.files[owner], owner)[1] for owner in owners}
        return {owner: version for owner, version in placed.items() if version != 1}

    def type_subject(self, part: SchemaPart) -> ProjectSubject:
        """The subject of a part under its full name, with the level of its topic."""
        name = part.fullname
        topic = self.topics.of_event(name)
        is_value = topic is not None and topic.strategy is SubjectNameStrategy.RECORD
        subject = Subject(name) if is_value else self.histories.subject_of(name)
        own = self.subject(subject, name, "value" if is_value else "type", topic)
        return own if is_value else replace(own, topic=None)

    def of_topic(self, topic: TopicConfig) -> Iterator[ProjectSubject]:
        if topic.key is not None:
            subject = subject_for(
                SubjectNameStrategy.TOPIC, topic=topic.name, fullname=topic.key, is_key=True
            )
            if topic.key in PRIMITIVES:
                yield self.made(subject, topic.key, (), "key", topic)
            elif self.is_defined(topic, "key", topic.key):
                yield self.subject(subject, topic.key, "key", topic)
        if topic.strategy is SubjectNameStrategy.TOPIC and len(topic.events) > 1:
            yield from self.union_of_events(topic)
            return
        for event in topic.events:
            if self.is_defined(topic, "events", event):
                subject = subject_for(topic.strategy, topic=topic.name, fullname=event)
                yield self.subject(subject, event, "value", topic)

    def is_defined(self, topic: TopicConfig, key: str, name: str) -> bool:
        """Whether a file defines `name`.

        Raises:
            UsageError: none does, and the files are complete.
        """
        if name not in self.owners and self.complete:
            raise _undefined(topic, key, name, self.owners, self.config)
        return name in self.owners

    def union_of_events(self, topic: TopicConfig) -> Iterator[ProjectSubject]:
        """The subject of a topic that carries several events: a union of references to them.

        Its text is that of a file which holds just this union, else it is made from the names.

        Source: Confluent, "Putting several event types in the same topic".
        """
        events = [event for event in topic.events if self.is_defined(topic, "events", event)]
        subject = subject_for(topic.strategy, topic=topic.name, fullname=topic.events[0])
        level = _level(subject, topic, self.config)
        for file in self.unions:
            if sorted(_branches(file)) == sorted(events):
                references = self.references(events)
                yield ProjectSubject(
                    subject, file.text, file.schema, file, "value", topic.name, level,
                    tuple(references.items()),
                    earlier=self.histories.earlier_of(file, None),
                    version=self.numbers.number(file.path),
                    reference_versions=self.reference_versions(references),
                )  # fmt: skip
                return
        if events:
            yield self.made(subject, [*events], events, "value", topic)

    def subject(
        self, subject: Subject, name: str, role: Role, topic: TopicConfig | None
    ) -> ProjectSubject:
        """The subject for the type `name`: its part, or a use of it where it is inside of one."""
        part = self.parts.get(name)
        if part is None:
            made = self.made(subject, name, [name], role, topic)
            return replace(made, file=self.files[self.owners[name]])
        file, references = self.files[name], self.references(part.uses)
        return ProjectSubject(
            subject=subject,
            text=part.text,
            schema=part.schema,
            file=file,
            role=role,
            topic=topic.name if topic else None,
            level=_level(subject, topic, self.config),
            references=tuple(references.items()),
            pointer=part.pointer,
            earlier=self.histories.earlier_of(file, name),
            version=self.numbers.number(file.path),
            reference_versions=self.reference_versions(references),
        )

    def made(
        self,
        subject: Subject,
        value: JsonValue,
        uses: Sequence[str],
        role: Role,
        topic: TopicConfig | None,
    ) -> ProjectSubject:
        """A subject whose text no file holds: it only uses primitives and types of others."""
        references = self.references(uses)
        text = json.dumps(value)
        schema = parse_document(
            Document(text, value),
            references=[self.parts[owner].schema for owner in references],
        )
        return ProjectSubject(
            subject, text, schema, None, role, topic.name if topic else None,
            _level(subject, topic, self.config), tuple(references.items()),
            reference_versions=self.reference_versions(references),
        )  # fmt: skip


def _with_newest_events(config: Config, files: Sequence[SchemaFile]) -> Config:
    """`config`, its events by the names of their newest versions, where namespaces have any."""
    if VersionLayout.NAMESPACES not in config.versions:
        return config
    newest: dict[str, tuple[tuple[int, ...], str]] = {}
    for file in files:
        for part in file.parts:
            name, number = versionless(part.fullname)
            newest[name] = max(newest.get(name, ((), "")), (number, part.fullname))

    def renamed(event: str) -> str:
        return newest.get(versionless(event)[0], ((), event))[1]

    topics = tuple(
        replace(
            topic,
            events=tuple(dict.fromkeys(map(renamed, topic.events))),
            key=None if topic.key is None else renamed(topic.key),
        )
        for topic in config.topics
    )
    return replace(config, topics=topics)


def _branches(file: SchemaFile) -> list[str]:
    """Full names of the types that a union of names lists; empty for any other schema."""
    root = file.schema.root
    if not isinstance(root, Union):
        return []
    names = [b.fullname for b in root.branches if isinstance(b, NameRef)]
    return names if len(names) == len(root.branches) else []


def _undefined(
    topic: TopicConfig, key: str, name: str, names: Collection[str], config: Config
) -> UsageError:
    known = {*names, *PRIMITIVES} if key == "key" else set(names)
    short = name.rpartition(".")[2]
    namesakes = [full for full in names if full.rpartition(".")[2] == short]
    meant = f"did you mean {namesakes[0]!r}?" if len(namesakes) == 1 else did_you_mean(name, known)
    return UsageError(
        f"topics.{topic.name}.{key}: no schema file defines {name!r}",
        location=_place(config),
        advice=f"{meant} Otherwise add its file, or take it out of the configuration",
    )


def _place(config: Config) -> Location | None:
    return Location(config.shown(config.source)) if config.source else None


def _with_settings(subject: ProjectSubject, config: Config, topics: TopicIndex) -> ProjectSubject:
    topic = topics.by_name.get(subject.topic or "")
    of_topic = replace(topic.settings, level=topic.level) if topic else NOTHING_SET
    settings = settings_for(subject.subject, config.settings, of_topic)
    carrying = (t.settings for t in topics.carrying.get(subject.subject, ()))
    for other in () if topic else carrying:
        # the events of a union are subjects of their own, which the topic carries all the same
        settings = settings.over(SubjectSettings(semantic=other.semantic, removal=other.removal))
    if settings.inherits_level:
        return replace(subject, level=None, settings=settings)
    level = config.subjects.get(subject.subject) or (topic.level if topic else None)
    level = level or settings.level or subject.level
    if settings == NOTHING_SET and level is subject.level:
        return subject
    return replace(subject, level=level, settings=settings)


def _check_pins(users: Sequence[ProjectSubject], config: Config) -> None:
    """Every reference that a table pins is one of a subject that the table is about."""
    tables = [
        (f"subjects.{name}", pins, [u for u in users if matches_glob(name, u.subject)])
        for name, settings in config.settings
        if (pins := settings.references)
    ] + [
        (f"topics.{topic.name}", pins, [u for u in users if u.topic == topic.name])
        for topic in config.topics
        if (pins := topic.settings.references)
    ]
    for table, pins, about in tables:
        used = {name for user in about for name, _ in user.references}
        unknown = next((name for name in pins if name not in used), None)
        if unknown is not None:
            raise UsageError(
                f"{table}.references: no schema there refers to {unknown!r}",
                location=_place(config),
                advice=did_you_mean(unknown, used),
            )


def _level(
    subject: Subject, topic: TopicConfig | None, config: Config
) -> CompatibilityLevel | None:
    own = config.subjects.get(subject)
    return own or (topic.level if topic else None) or config.level
