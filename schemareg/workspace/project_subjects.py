"""A subject as a project wants it, and how it is made of files and topics."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from types import MappingProxyType
from typing import Literal

from schemareg.avro import Schema
from schemareg.avro.parse.parser import Document, parse_document
from schemareg.avro.schema import PRIMITIVES, JsonValue, NameRef, Union
from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import ROOT, Location, Pointer
from schemareg.settings.toml_table import Table
from schemareg.subjects import (
    CompatibilityLevel,
    Subject,
    SubjectNameStrategy,
    Version,
    subject_for,
)
from schemareg.suggestions import did_you_mean
from schemareg.workspace.clashes import clashes
from schemareg.workspace.config import Config, TopicConfig
from schemareg.workspace.histories import EarlierVersion, Histories
from schemareg.workspace.parts import SchemaPart, owners_of
from schemareg.workspace.roots import Module
from schemareg.workspace.schema_files import SchemaFile
from schemareg.workspace.subject_settings import (
    NOTHING_SET,
    SubjectSettings,
)
from schemareg.workspace.topics import TopicIndex
from schemareg.workspace.versions import VersionedFiles

Role = Literal["value", "key", "type"]
_FIRST = Version(1)


@dataclass(frozen=True, slots=True, eq=False)
class ProjectSubject:
    """A subject as the project wants it.

    `text` is what is registered, `schema` its parsed form. `file` is None for a key of a
    primitive type and for the union of a topic's events, whose `table` of the configuration then
    is their place; `pointer` is where in the file the text is. `level` is what the configuration
    gives (the subject's own, its topic's, the file's), None where it gives none. `references` are
    (full name, subject) of the types used directly, sorted by name, `reference_versions` the
    version of each that is no first one. `settings` are the other settings of the subject.
    `earlier` are the versions before this one that files describe, oldest first, and `version`
    is the number of this one. `modules` are those in which its names are looked up, its own first;
    "" is that of the files of none.
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
    modules: tuple[str, ...] = ("",)
    table: Table | None = None

    def location(self, pointer: Pointer) -> Location:
        """Where in its file the value at `pointer` of `text` is."""
        if self.file is None and self.table is not None:
            key = "key" if self.role == "key" else "events"
            return replace(self.table.location(key), pointer=pointer)
        if self.file is None:
            return Location(None, *self.schema.tree.locate(pointer), pointer)
        below = Pointer(self.pointer + pointer)
        return Location(self.file.path, *self.file.schema.tree.locate(below), below)


class ModuleSubjects:
    """The parts of all files that one module sees, and the subjects of those that are its own.

    `owners` maps the full name of every type to that of the part which defines it. `config` has
    the topics of the module. A project without modules is one.
    """

    def __init__(
        self,
        files: VersionedFiles,
        config: Config,
        histories: Histories,
        *,
        complete: bool,
        module: Module | None = None,
    ) -> None:
        self.config = config
        self.complete = complete
        self.numbers = files
        self.histories = histories
        self.module = module
        self.topics = TopicIndex.of(config.topics)
        self.seen = (module.name, *module.uses, "") if module else ("",)
        by_module: dict[str, list[SchemaFile]] = {name: [] for name in self.seen}
        for file in files.files:
            by_module.get(config.modules_seen_from(file.path)[0], []).append(file)
        self.own = frozenset(file.path for file in by_module[self.seen[0]])
        self.unions = [file for file in by_module[self.seen[0]] if _branches(file)]
        self.files: dict[str, SchemaFile] = {}
        self.parts: dict[str, SchemaPart] = {}
        for file in (file for name in self.seen for file in by_module[name]):
            for part in file.parts:
                if self.parts.setdefault(part.fullname, part) is part:
                    self.files[part.fullname] = file
        self.owners = owners_of(self.parts)

    def defines(self, name: str) -> bool:
        """Whether a file of the module itself defines the type `name`."""
        owner = self.owners.get(name)
        return owner is not None and self.files[owner].path in self.own

    def all(self, used: Collection[tuple[str, str]]) -> Iterator[ProjectSubject]:
        """Every subject, some of them more than once; `used` are parts that any module uses."""
        topics = self.config.topics
        carried = {name for topic in topics for name in (*topic.events, topic.key)}
        used_before = self.histories.used_by_earlier()
        for part in self.parts.values():
            file = self.files[part.fullname]
            if file.path not in self.own or self.histories.is_earlier(file, part.fullname):
                continue
            subject, _ = self.histories.placed(file, part.fullname)
            is_used = (file.path, part.fullname) in used or subject in used_before
            if is_used or part.fullname not in carried:
                yield self.type_subject(part)
        for topic in topics:
            yield from self.of_topic(topic)

    def used(self) -> Iterator[tuple[str, str]]:
        """File and full name of each part that other subjects of the module refer to."""
        return ((self.files[name].path, name) for name in self._used_names())

    def _used_names(self) -> Iterator[str]:
        for part in self.parts.values():
            if self.files[part.fullname].path in self.own:
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
        subject = Subject(name) if is_value else self.histories.subject_of(self.files[name], name)
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
        if self.module is not None:
            self.check_together(topic, events)
        subject = subject_for(topic.strategy, topic=topic.name, fullname=topic.events[0])
        level = level_of(subject, topic, self.config)
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

    def check_together(self, topic: TopicConfig, events: Iterable[str]) -> None:
        """Nothing, when the union of `events` gives each name one meaning.

        Raises:
            UsageError: it gives a name two.
        """
        files = [self.files[self.owners[event]] for event in events]
        for clash in clashes(files):
            raise UsageError(
                f"topics.{topic.name}.events: {clash.name!r} means two types in their union, that"
                f" of {clash.path} and that of {clash.other}",
                location=config_place(self.config),
                advice='rename one, make them equal, or set strategy = "topic-record"',
            )

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
            level=level_of(subject, topic, self.config),
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
            level_of(subject, topic, self.config), tuple(references.items()),
            reference_versions=self.reference_versions(references),
            table=topic.table if topic else None,
        )  # fmt: skip


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
        location=config_place(config),
        advice=f"{meant} Otherwise add its file, or take it out of the configuration",
    )


def config_place(config: Config) -> Location | None:
    return Location(config.shown(config.source)) if config.source else None


def level_of(
    subject: Subject, topic: TopicConfig | None, config: Config
) -> CompatibilityLevel | None:
    own = config.subjects.get(subject)
    return own or (topic.level if topic else None) or config.level
