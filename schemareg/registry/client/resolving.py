"""A registered schema with everything it refers to, parsed into one `Schema`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeAlias

from schemareg.avro.parse.parser import Document, parse_document, read_document
from schemareg.avro.schema import Schema
from schemareg.errors import Problem, RegistryUnavailableError, SchemaParseError
from schemareg.registry.api.types import RegisteredSchema, Registry, SchemaContent
from schemareg.subjects import Reference, Subject, Version, VersionSelector

MAX_DEPTH = 64

Wanted: TypeAlias = tuple[Subject, Version]
Resolution: TypeAlias = Generator[Wanted, RegisteredSchema, Schema]
"""Yields the versions it wants and is resumed with them; ends with the schema."""


def fetch_schema(registry: Registry, subject: Subject, version: VersionSelector) -> Schema:
    """The schema of `subject` at `version`, its references fetched and resolved, each once.

    Raises:
        RegistryError: the subject, the version or a referenced version does not exist.
        RegistryUnavailableError: no answer, or references that form a cycle.
        SchemaParseError: a text that is no Avro schema.
    """
    root = registry.get_version(subject, version)
    place = place_of(subject, root.version)
    resolution = schema_of(root, of=subject, place=place)
    try:
        wanted = next(resolution)
        while True:
            # a schema may refer to a version that was soft-deleted since
            wanted = resolution.send(registry.get_version(*wanted, deleted=True))
    except StopIteration as finished:
        schema: Schema = finished.value
        return schema


def place_of(subject: Subject, version: Version) -> str:
    """How errors name a registered version."""
    return f"{subject} version {version}"


def schema_of(
    content: RegisteredSchema | SchemaContent, *, of: Subject | None, place: str
) -> Resolution:
    """The resolution of registered content; arguments as of `resolving`."""
    _check_type(content, place=place)
    return resolving(content.text, content.references, of=of, place=place)


def _check_type(content: RegisteredSchema | SchemaContent, *, place: str) -> None:
    if content.schema_type == "AVRO":
        return
    problem = Problem(
        f"its schema type is {content.schema_type}",
        code="schema-type",
        advice="only AVRO schemas can be read",
    )
    raise SchemaParseError([problem], path=place)


def resolving(
    text: str,
    references: Sequence[Reference],
    *,
    of: Subject | None,
    place: str,
    known: dict[Wanted, Schema] | None = None,
    place_of: Callable[[Subject, Version], str] = place_of,
    avro_version: str = "1.12",
    trail: tuple[Wanted, ...] = (),
    read: Callable[[str], Document] = read_document,
) -> Resolution:
    """The resolution of a schema text; `of` is the subject whose context its references mean.

    What is registered may be older than today's rules, so names and defaults are not judged.
    Referenced schemas are taken from `known` and added to it; `place` and `place_of` name texts
    in errors, `trail` is the path of referrers to this one, and `read` decodes a text.
    """
    known = {} if known is None else known
    if len(trail) > MAX_DEPTH:
        raise RegistryUnavailableError(f"{place}: references more than {MAX_DEPTH} levels deep")
    resolved: list[Schema] = []
    for reference in references:
        wanted = (in_context_of(of, reference.subject), reference.version)
        if wanted in trail:
            raise RegistryUnavailableError(
                f"{place}: its references form a cycle: {wanted[0]} version {wanted[1]}"
            )
        if wanted not in known:
            found = yield wanted
            _check_type(found, place=place_of(*wanted))
            known[wanted] = yield from resolving(
                found.text,
                found.references,
                of=found.subject,
                place=place_of(*wanted),
                known=known,
                place_of=place_of,
                avro_version=avro_version,
                trail=(*trail, wanted),
                read=read,
            )
        resolved.append(known[wanted])
    try:
        return parse_document(
            read(text),
            avro_version=avro_version,
            references=resolved,
            names="none",
            validate_defaults=False,
        )
    except SchemaParseError as error:
        raise error.at(place) from error


def in_context_of(referrer: Subject | None, subject: Subject) -> Subject:
    """`subject` as a referrer means it: unqualified names belong to the referrer's context.

    Source: Confluent, "Schema contexts", on references; a qualified subject is `:.context:name`.
    """
    if referrer is None or subject.startswith(":.") or not referrer.startswith(":."):
        return subject
    context = referrer.split(":", 2)[1]
    return Subject(f":{context}:{subject}")
