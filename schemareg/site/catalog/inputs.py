"""All that the pages of one subject are made of, as a digest: while it is the same, they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version

from schemareg.avro import Schema
from schemareg.errors import SchemaregError
from schemareg.places import Location
from schemareg.site.catalog.model import Catalog
from schemareg.site.source import Held, ReferenceRow
from schemareg.site.state_source import PROPOSED
from schemareg.user_cache import code_key, digest_of

_DECIDING = ("**/*.py", "**/*.html")
_NOWHERE = Location(None)


def code_digest() -> str:
    """Of the package's code and templates, and of what fills them."""
    return digest_of(f"{code_key(_DECIDING)} {version('jinja2')}".encode())


@dataclass
class Inputs:
    """The digests of the subjects of one catalog; `code` is that of `code_digest`."""

    catalog: Catalog
    code: str
    reload: bool

    def of(self, subject: str) -> str:
        """The digest for the pages of `subject`; no schema of its history is parsed."""
        digest = hashlib.sha256(self.code.encode())
        for part in self._parts(subject):
            digest.update(hashlib.sha256(repr(part).encode("utf-8", "surrogatepass")).digest())
        return digest.hexdigest()

    def _parts(self, subject: str) -> Iterator[object]:
        catalog, at = self.catalog, self.catalog.addresses
        source = catalog.source
        versions = source.versions(subject)
        yield subject, at.subject_folder(subject), self.reload, bool(catalog.trends)
        yield source.settings(subject), catalog.files.get(subject)
        yield [
            (held, [(user, self._page(user.subject, user.version)) for user in source.users(held)])
            for held in versions
        ]
        texts = [held.text for held in versions]
        for held in self._referenced(versions):
            yield held and (held, self._page(held.subject, held.version))
            texts += [held.text] if held else []
        for schema in self._own(versions):
            yield schema.text
            texts.append(schema.text)
        yield self._types(texts)
        yield tuple(self._services(subject))
        yield catalog.findings.get(catalog.files.get(subject, ""), ())

    def _page(self, subject: str, version: int) -> tuple[str, bool]:
        """Where a version is shown, and whether it is."""
        at = self.catalog.addresses
        return at.subject_folder(subject), version in at.versions.get(subject, ())

    def _referenced(self, versions: Iterable[Held]) -> Iterator[Held | None]:
        """Each version that one of `versions` refers to, over others too; None: it is gone."""
        waiting = [row for held in versions for row in held.references]
        seen: set[ReferenceRow] = set()
        while waiting:
            row = waiting.pop()
            if row not in seen:
                seen.add(row)
                held = self.catalog.source.referenced(row)
                yield held
                waiting += held.references if held else ()

    def _own(self, versions: Iterable[Held]) -> Iterator[Schema]:
        """What a proposed version refers to: the schemas of other files."""
        proposed = [self.catalog.source.schema(h) for h in versions if h.label == PROPOSED]
        yield from _closure(proposed)

    def _types(self, texts: Iterable[str]) -> list[tuple[str, str]]:
        """The pages of the types that `texts` may name, without their namespaces: or of all,
        where a name may be spelt with an escape.
        """
        segments: set[str] = set()
        for text in texts:
            if "\\" in text or not text.lstrip().startswith(("{", "[", '"')):
                return self._all_types
            segments.update(text.split('"'))
        names = {segment.rpartition(".")[2] for segment in segments}
        return [page for name in sorted(names) for page in self._types_by_name.get(name, ())]

    @cached_property
    def _all_types(self) -> list[tuple[str, str]]:
        return [(name, self.catalog.addresses.type_page(name)) for name in self.catalog.types]

    @cached_property
    def _types_by_name(self) -> dict[str, list[tuple[str, str]]]:
        by_name: dict[str, list[tuple[str, str]]] = {}
        for name, page in self._all_types:
            by_name.setdefault(name.rpartition(".")[2], []).append((name, page))
        return by_name

    def _services(self, subject: str) -> Iterator[object]:
        """Who they are; a reader's schema decides which fields it reads and what breaks it."""
        catalog, at = self.catalog, self.catalog.addresses
        producers = catalog.producers.get(subject, ())
        consumers = catalog.consumers.get(subject, ())
        topics = catalog.topics_of.get(subject, ())
        yield catalog.owners.get(subject, ())
        yield [(topic, at.topic_page(topic)) for topic in topics]
        yield [replace(use, location=_NOWHERE) for use in producers]
        yield [replace(use, location=_NOWHERE) for use in consumers]
        services = [use.service for use in producers] + [use.service for use in consumers]
        yield [at.service_page(service) for service in services]
        for consumes in consumers:
            assert catalog.platform is not None  # there are no consumers without
            try:
                reader = catalog.platform.reader(consumes)
            except SchemaregError as error:
                yield str(error)
                continue
            yield [schema.text for schema in _closure([reader] if reader else [])]


def _closure(schemas: Iterable[Schema]) -> Iterator[Schema]:
    """`schemas` and all that they refer to, each once."""
    waiting = list(schemas)
    seen: set[int] = set()
    while waiting:
        schema = waiting.pop()
        if id(schema) not in seen:
            seen.add(id(schema))
            yield schema
            waiting += schema.references
