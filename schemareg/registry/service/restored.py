"""The lines of a backup as values, held to what the API would have let in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from schemareg.avro.schema import JsonValue
from schemareg.errors import RegistryError
from schemareg.integers import INT_MAX, INT_MIN
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import DEFAULT_CONTEXT, qualified, qualified_in
from schemareg.registry.api.types import Lifecycle, Metadata
from schemareg.registry.service.metadata import metadata_from
from schemareg.registry.service.rules import FAMILIES
from schemareg.registry.service.settings import MEMBERS, Mode, check_subject
from schemareg.registry.store import AVRO, Content, StoredAssociation, Tables
from schemareg.registry.store.identity import digest, semantic_digest, semantic_digest_of
from schemareg.registry.store.rows import RuleSet
from schemareg.subjects import CompatibilityLevel, Reference, SchemaId, Subject, Version

T = TypeVar("T")
_LATEST_MS = 253_402_300_799_999
"""The end of the year 9999."""
_FLAGS = ("normalize", "validateFields", "validateNewSchemas", "validateRules")


@dataclass(frozen=True, slots=True)
class Line:
    """The object of a line; every method raises `ValueError` for what is wrong."""

    members: Mapping[str, Any]

    def of(self, name: str, kind: type[T]) -> T:
        if name not in self.members:
            raise ValueError(f"`{name}` is missing")
        value = self.members[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ValueError(f"`{name}` is {value!r}, which is not {_NAMES[kind]}")
        return value

    def text(self, name: str) -> str:
        text = self.of(name, str)
        text.encode()  # half a surrogate pair is no text
        return text

    def integer(self, name: str, *, least: int = INT_MIN, most: int = INT_MAX) -> int:
        number = self.of(name, int)
        if not least <= number <= most:
            raise ValueError(f"`{name}` is {number}, which is not between {least} and {most}")
        return number

    def time_ms(self, name: str) -> int:
        return self.integer(name, least=0, most=_LATEST_MS)

    def context(self, name: str) -> str:
        context = self.text(name)
        is_plain = context == DEFAULT_CONTEXT or qualified(f":{context}:").context == context
        if not (context.startswith(".") and is_plain):
            raise ValueError(f"`{name}` is {context!r}, which is no context")
        return context

    def subject(self, name: str) -> str:
        """A subject that something may be registered under, in its shortest spelling."""
        return self._checked(name, for_settings=False)

    def scope(self, name: str) -> str:
        """A subject, a context, or (empty) everything."""
        return self._checked(name, for_settings=True)

    def _checked(self, name: str, *, for_settings: bool) -> str:
        text = self.text(name)
        subject = qualified(text)
        if text or not for_settings:
            try:
                check_subject(subject, text, for_settings=for_settings)
            except RegistryError as error:
                raise ValueError(f"`{name}` is {text!r}: {error.message}") from error
        if str(subject) != text:
            raise ValueError(f"`{name}` is {text!r}, which is spelled {str(subject)!r}")
        return text


_NAMES: Mapping[type, str] = {
    str: "a text",
    int: "an integer",
    bool: "a boolean",
    dict: "an object",
    list: "an array",
}


def mode(line: Line) -> str:
    return Mode(line.text("mode"))


def config(line: Line) -> dict[str, JsonValue]:
    """The configuration, with members of the right kinds."""
    members: dict[str, JsonValue] = line.of("config", dict)
    inner = Line(members)
    for name in members:
        if name not in MEMBERS:
            raise ValueError(f"`{name}` is no member of a configuration")
        if name in _FLAGS:
            inner.of(name, bool)
        elif name.endswith("Metadata"):
            _metadata(inner, name)
        elif name.endswith("RuleSet"):
            _rule_set(inner, name)
        elif name == "compatibility":
            CompatibilityLevel(inner.text(name))
        else:
            inner.text(name)
    return members


def _metadata(line: Line, name: str) -> Metadata | None:
    if line.members.get(name) is None:
        return None
    inner = Line(line.of(name, dict))
    for member in inner.members:
        if member == "sensitive":
            _texts(inner, member)
        elif member == "tags":
            tags = Line(inner.of(member, dict))
            for key in tags.members:
                _texts(tags, key)
        elif member == "properties":
            properties = Line(inner.of(member, dict))
            for key in properties.members:
                properties.text(key)
        else:
            raise ValueError(f"`{member}` is no member of metadata")
    return metadata_from(dict(inner.members))


def _texts(line: Line, name: str) -> None:
    for text in line.of(name, list):
        Line({name: text}).text(name)


def _rule_set(line: Line, name: str) -> RuleSet | None:
    if line.members.get(name) is None:
        return None
    rule_set = line.of(name, dict)
    for family in FAMILIES:
        for rule in Line(rule_set).of(family, list) if family in rule_set else ():
            Line({family: rule}).of(family, dict)
    return rule_set


def content(tables: Tables, line: Line) -> int:
    """Adds the content; its key."""
    references = (
        tuple(
            Reference(
                Line({"name": name}).text("name"),
                Subject(Line({"subject": subject}).text("subject")),
                Version(Line({"version": number}).integer("version", least=1)),
            )
            for name, subject, number in line.of("references", list)
        )
        if "references" in line.members
        else ()
    )
    metadata, rule_set = _metadata(line, "metadata"), _rule_set(line, "ruleSet")
    text, context, id = line.text("schema"), line.context("context"), line.integer("id")
    kind = line.text("schemaType") if "schemaType" in line.members else AVRO
    if tables.content(context, id) is not None:
        raise ValueError(f"id {id} of context {context} has two `schema` lines")
    named = ((r.name, r.subject, r.version) for r in references)
    wanted = Content(
        key=0,
        context=context,
        id=SchemaId(id),
        digest=digest(text, named, metadata, rule_set),
        semantic=semantic_digest(text) if kind == AVRO else semantic_digest_of(text, kind),
        text=text,
        references=references,
        metadata=metadata,
        rule_set=rule_set,
        schema_type=kind,
    )
    uses = [(str(qualified_in(context, r.subject)), r.version) for r in references]
    return tables.add_content(wanted, uses).key


def version(tables: Tables, line: Line) -> None:
    """Adds the version."""
    subject = qualified(line.subject("subject"))
    number, id = line.integer("version", least=1), line.integer("id")
    written_ms = line.time_ms("written_ms")
    found = tables.content(subject.context, id)
    if found is None:
        raise ValueError(f"id {id} has no `schema` line before")
    if tables.version(str(subject), number, deleted=True) is not None:
        raise ValueError(f"version {number} of {subject} has two lines")
    tables.put_version(subject, number, found, written_ms=written_ms)
    if line.of("deleted", bool):
        tables.soft_delete(str(subject), number, written_ms=written_ms)


def association(line: Line) -> StoredAssociation:
    return StoredAssociation(
        guid=str(UUID(line.text("guid"))),
        resource_name=line.text("resource_name"),
        resource_namespace=line.text("resource_namespace"),
        resource_id=line.text("resource_id"),
        resource_type=line.text("resource_type"),
        association_type=line.text("association_type"),
        subject=line.subject("subject"),
        lifecycle=Lifecycle(line.text("lifecycle")),
        frozen=line.of("frozen", bool),
        created_ms=line.time_ms("created_ms"),
        updated_ms=line.time_ms("updated_ms"),
    )
