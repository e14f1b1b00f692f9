"""Stored contents with everything that they refer to, directly or not: found, ordered, read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from functools import partial

from schemareg.avro import Schema, parse
from schemareg.avro.depth import with_room
from schemareg.errors import Problem, RegistryError, SchemaParseError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import QualifiedSubject
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.service.schema_work import REFERENCES_MAX, check_references
from schemareg.registry.service.session import Session
from schemareg.registry.store import AVRO, Content, ReferenceGraph, StoredVersion

Edge = tuple[str, int]
"""The name of a reference, and the key of the content that it means."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Contents by key, each after those that it refers to, with their references.

    An identity is what the parsed schema of a content depends on: an import may write over a
    version that it refers to, however indirectly.
    """

    edges: dict[int, tuple[Edge, ...]] = field(default_factory=dict)
    identities: dict[int, bytes] = field(default_factory=dict)
    versions: frozenset[tuple[str, int]] = frozenset()
    """Subjects and versions that are referred to, whether they exist or not."""

    def add(self, key: int, digest: bytes, edges: tuple[Edge, ...]) -> None:
        """Add a content whose references are here already.

        The key of a content that was not committed is given again, so it is not enough.
        """
        targets = [(name, self.identities[target]) for name, target in edges]
        self.edges[key] = edges
        self.identities[key] = _identity(key, digest, targets)


def _identity(key: int, digest: bytes, targets: Sequence[tuple[str, bytes]] = ()) -> bytes:
    if not targets:
        return b"%d %b" % (key, digest)
    return hashlib.sha256(repr((key, digest, *targets)).encode()).digest()


def reach(session: Session, contents: Iterable[Content], *, held: int = 0) -> Reached:
    """What reading `contents` takes; `held` references count beside those that are reached.

    Raises: `SchemaParseError` for references that form a cycle, or are too many.
    """
    roots = {content.key: content for content in contents}
    reached = Reached()
    check_references(held)
    if not any(content.references for content in roots.values()):
        for key, content in roots.items():
            reached.add(key, content.digest, ())
        return reached
    graph = session.tables.references_from(roots, limit=REFERENCES_MAX + 1)
    session.budget.spend(len(graph.references))
    check_references(held + sum(len(references) for references in graph.references.values()))
    for root in roots:
        _add_in_order(reached, graph, root)
    return replace(reached, versions=graph.versions)


def _add_in_order(reached: Reached, graph: ReferenceGraph, root: int) -> None:
    path: dict[int, Iterator[tuple[str, int]]] = {root: iter(graph.edges(root))}
    while path:
        key = next(reversed(path))
        if key in reached.edges:
            del path[key]
            continue
        step = next(path[key], None)
        if step is None:
            reached.add(key, graph.digests[key], tuple(graph.edges(key)))
            continue
        name, target = step
        if target in path:
            raise _cycle(name)
        if target not in reached.edges:
            path[target] = iter(graph.edges(target))


def check_no_cycle(
    session: Session, subject: QualifiedSubject, version: int, targets: Sequence[StoredVersion]
) -> None:
    """Nothing, if a schema that refers to `targets` may be that version.

    Raises: `RegistryError` 42201 when one of them refers to the version itself, however indirectly.
    """
    if not targets:
        return
    used = {(target.subject, int(target.version)) for target in targets}
    reached = reach(session, (target.content for target in targets))
    if (str(subject), version) in used | reached.versions:
        raise ErrorCode.INVALID_SCHEMA.refusal(
            f"Invalid schema, details: its references form a cycle: {subject} "
            f"version {version} would refer to itself"
        )


def _cycle(name: str) -> SchemaParseError:
    return SchemaParseError(
        [
            Problem(
                f"references form a cycle through {name}",
                code="reference-cycle",
                advice="delete one of the versions of the cycle",
            )
        ]
    )


def schema_of(session: Session, content: Content) -> Schema:
    """The parsed schema of a stored content, its references resolved.

    Raises: `RegistryError` 42201 when what it refers to is missing, or refers back to it.
    """
    with _stored(content):
        if not content.references:
            identity = _identity(content.key, content.digest)
            return session.caches.contents.get(identity, partial(_parsed, session, content.key, []))
        reached = reach(session, [content])
        return session.caches.contents.get(
            reached.identities[content.key], lambda: read(session, reached)[content.key]
        )


def remember(session: Session, content: Content, schema: Schema) -> None:
    """Keep the schema of a content without references, which was just parsed."""
    if not content.references:
        session.caches.contents.get(identity_of(session, content), lambda: schema)


def identity_of(session: Session, content: Content) -> bytes:
    """What the parsed schema of a stored content depends on.

    Raises: `RegistryError` 42201 as `schema_of`.
    """
    if not content.references:
        return _identity(content.key, content.digest)
    with _stored(content):
        return reach(session, [content]).identities[content.key]


def read(session: Session, reached: Reached) -> Mapping[int, Schema]:
    """The parsed schemas by the keys of their contents.

    Raises: `SchemaParseError`.
    """
    schemas: dict[int, Schema] = {}
    for key, edges in reached.edges.items():
        by_name: dict[str, Schema] = {}
        for name, target in edges:
            by_name.setdefault(name, schemas[target])
        schemas[key] = session.caches.contents.get(
            reached.identities[key], partial(_parsed, session, key, [*by_name.values()])
        )
    return schemas


def _parsed(session: Session, key: int, references: list[Schema]) -> Schema:
    content = session.tables.content_of_key(key)
    text = content.text
    if content.schema_type != AVRO:
        raise SchemaParseError([_not_avro(content.schema_type)])
    session.budget.spend_text(text)
    return with_room(
        lambda: parse(
            text,
            avro_version=session.profile.avro_version,
            references=references,
            names="none",
            validate_defaults=False,
        )
    )


def _not_avro(schema_type: str) -> Problem:
    return Problem(
        f"its type is {schema_type[:20]}: this registry serves its text, and compares Avro alone",
        code="schema-type",
        advice="check it with the registry that it was registered in",
    )


@contextmanager
def _stored(content: Content) -> Iterator[None]:
    try:
        yield
    except SchemaParseError as error:
        raise _unreadable(content, error) from error


def _unreadable(content: Content, error: SchemaParseError) -> RegistryError:
    return ErrorCode.INVALID_SCHEMA.refusal(
        f"Invalid schema with id {content.id}, details: {error.problems[0].message}"
    )
