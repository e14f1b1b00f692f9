"""The files of a project that describes what a registry holds: schemas and schemareg.toml."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from schemareg.avro import Schema
from schemareg.avro.schema import NamedType, NameRef, Primitive, Union
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.state import RegistryState, StoredVersion
from schemareg.state.layout import laid_out
from schemareg.state.schemas import Schemas
from schemareg.state.snapshot import folder_name
from schemareg.subjects import CompatibilityLevel, Subject, SubjectNameStrategy

ROOT = "schemas"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A subject that no file of the project describes, and why."""

    subject: Subject
    why: str


@dataclass(slots=True)
class _Topic:
    strategy: SubjectNameStrategy = SubjectNameStrategy.TOPIC
    events: list[str] = field(default_factory=list)
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    """`schemas` by path from the project's directory, and the text of its schemareg.toml."""

    schemas: Mapping[str, str]
    config: str
    not_taken: tuple[NotTaken, ...]


def as_project(
    state: RegistryState,
    *,
    level: CompatibilityLevel | None,
    registry: str,
    managed: Iterable[str],
    avro_version: str,
) -> ProjectFiles:
    """A project whose subjects are those of `state`, each with its latest schema.

    `level` is what holds where a subject has no level of its own; `registry` is the URL that the
    file names, `managed` its patterns.
    """
    taking = _Taking(state, Schemas(state, avro_version=avro_version))
    for subject in state.subjects:
        why = taking.take(subject)
        if why:
            taking.not_taken.append(NotTaken(subject, why))
    lines = list(_config_lines(taking, level, registry, tuple(managed)))
    return ProjectFiles(taking.files, "\n".join(lines) + "\n", tuple(taking.not_taken))


class _Taking:
    """Gathers files and topics; a type is defined by the first file that has it."""

    def __init__(self, state: RegistryState, schemas: Schemas) -> None:
        self.state = state
        self._schemas = schemas
        self.files: dict[str, str] = {}
        self.topics: dict[str, _Topic] = {}
        self.levels: dict[Subject, CompatibilityLevel] = {}
        self.not_taken: list[NotTaken] = []
        self._defined: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def take(self, subject: Subject) -> str:
        """Why `subject` cannot be described; "" where it now is."""
        latest = self.state.versions(subject)[-1:]
        history = self._schemas.history(subject)
        if not latest or not history or history[-1].stored is not latest[0]:
            return "its latest version is deleted, or is no schema"
        why = self._take(subject, latest[0], history[-1].schema)
        held = self.state.subjects[subject]
        if not why and held.config is not None and held.config.level is not None:
            self.levels[subject] = held.config.level
        return why

    def _take(self, subject: Subject, stored: StoredVersion, schema: Schema) -> str:
        for used in stored.references:
            if used.subject != used.name:
                return f"it refers to {used.name} by the subject {used.subject}"
        if not isinstance(schema.root, NamedType):
            return self._take_unnamed(subject, schema)
        name = schema.root.fullname
        if subject != name and (why := self._on_topic(subject, name)):
            return why
        return self._file(name, stored.text, schema)

    def _take_unnamed(self, subject: Subject, schema: Schema) -> str:
        topic, _, part = subject.rpartition("-")
        root = schema.root
        if part == "key" and isinstance(root, Primitive) and not root.props:
            self.topics.setdefault(topic, _Topic()).key = root.kind
            return ""
        if part == "value" and isinstance(root, Union):
            names = [b.fullname for b in root.branches if isinstance(b, NameRef)]
            if len(names) == len(root.branches) and topic not in self.topics:
                self.topics[topic] = _Topic(events=names)
                return ""
        return "its schema has no name, so no file can be its own"

    def _on_topic(self, subject: Subject, name: str) -> str:
        if subject.endswith(f"-{name}") and len(subject) > len(name) + 1:
            topic = self.topics.setdefault(subject[: -len(name) - 1], _Topic())
            if topic.events and topic.strategy is not SubjectNameStrategy.TOPIC_RECORD:
                return "another subject of its topic is named by another strategy"
            topic.strategy = SubjectNameStrategy.TOPIC_RECORD
            topic.events.append(name)
            return ""
        start, _, part = subject.rpartition("-")
        if part == "key" and start:
            self.topics.setdefault(start, _Topic()).key = name
            return ""
        if part == "value" and start:
            topic = self.topics.setdefault(start, _Topic())
            if topic.events:
                return "another subject of its topic is named by another strategy"
            topic.events.append(name)
            return ""
        return f"no strategy gives {name} this subject"

    def _file(self, name: str, text: str, schema: Schema) -> str:
        if name in self._texts:
            same = json.loads(self._texts[name]) == json.loads(text)
            return "" if same else f"another subject has another {name}"
        own = set(schema.names)
        taken = next((n for n in sorted(own) if n in self._defined), None)
        if taken is not None:
            return f"it defines {taken}, as {self._defined[taken]} does"
        path = f"{ROOT}/{folder_name(Subject(name))}.avsc"
        if path.casefold() in {known.casefold() for known in self.files}:
            path = f"{ROOT}/{folder_name(Subject(f'{name}~{len(self.files)}'))}.avsc"
        self.files[path] = laid_out(text)
        self._texts[name] = text
        self._defined |= dict.fromkeys(own, name)
        return ""


def _config_lines(
    taking: _Taking, level: CompatibilityLevel | None, registry: str, managed: tuple[str, ...]
) -> Iterator[str]:
    yield "# Which event schemas there are, where they go, and what is promised about them."
    yield f"roots = [{_text(ROOT)}]"
    yield f'snapshot = "{ROOT}/registered"'
    if level is not None:
        yield f'level = "{level}"'
    if registry:
        yield f"registry = {_text(registry)}"
    if managed:
        yield f"managed = [{', '.join(map(_text, managed))}]"
    for name, topic in sorted(taking.topics.items()):
        if not topic.events:
            taking.not_taken.append(NotTaken(Subject(f"{name}-key"), "its topic has no value"))
            continue
        yield ""
        yield f"[topics.{_text(name)}]"
        if topic.strategy is not SubjectNameStrategy.TOPIC:
            yield f'strategy = "{topic.strategy}"'
        yield f"events = [{', '.join(map(_text, topic.events))}]"
        if topic.key is not None:
            yield f"key = {_text(topic.key)}"
    not_taken = {left.subject for left in taking.not_taken}
    for subject, own in sorted(taking.levels.items()):
        if own is not level and subject not in not_taken:
            yield ""
            yield f"[subjects.{_text(subject)}]"
            yield f'level = "{own}"'


def _text(value: str) -> str:
    """A TOML basic string, which JSON's strings are but for DEL and halves of surrogate pairs."""
    return json.dumps(value).replace("\x7f", "\\u007f")
