"""What the search in the browser finds: subjects, types, fields, services, owners, ids."""

from __future__ import annotations

import json
from collections.abc import Iterator

from schemareg.avro import Schema
from schemareg.avro.canonical import fingerprint
from schemareg.avro.schema import Node, Record, parts, resolve, walk
from schemareg.errors import SchemaregError
from schemareg.site.catalog.model import Catalog

Entry = tuple[str, str, str, str]
"""Kind, name, address from the top of the catalog, and further words to find it by."""


def search_index(catalog: Catalog) -> str:
    """The index as a script, which a page opened from a disk may load."""
    entries = list(entries_of(catalog))
    text = json.dumps(entries, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return f"window.schemaregIndex={text};\n"


def entries_of(catalog: Catalog) -> Iterator[Entry]:
    """Everything that can be found, in the order of the pages."""
    at = catalog.addresses
    for subject in catalog.source.names:
        held = catalog.source.latest(subject)
        words = [str(held.guid or "")]
        for version in catalog.source.versions(subject):
            words += [f"id {version.id}"] if version.id is not None else []
        page = at.subject_page(subject)
        try:
            schema = catalog.source.schema(held)
        except SchemaregError:
            yield "subject", subject, page, " ".join(words)
            continue
        words.append(fingerprint(schema, "SHA-256"))
        yield "subject", subject, page, " ".join(words)
        own = {id(node) for node in walk(schema)}
        for path, record, name in _fields(schema):
            holder = f"{page}#" if id(record) in own else _holder(catalog, record)
            yield "field", path, f"{holder}{record.fullname}.{name}", subject
    for home in catalog.types.values():
        docs = dict.fromkeys(one.type.doc or "" for one in home.definitions)
        yield "type", home.fullname, at.type_page(home.fullname), " ".join(docs).strip()
    for topic in catalog.topics:
        yield "topic", topic, at.topic_page(topic), ""
    if catalog.platform is not None:
        for service in catalog.platform.manifest.services.values():
            yield "service", service.name, at.service_page(service.name), service.owner


def _holder(catalog: Catalog, record: Record) -> str:
    """What the address of a field begins with, of a record that is defined elsewhere."""
    home = catalog.types.get(record.fullname)
    definition = home and home.definition(record)
    return (
        f"{catalog.addresses.type_page(record.fullname)}#{definition.place if definition else ''}"
    )


def _fields(schema: Schema) -> Iterator[tuple[str, Record, str]]:
    """Every dotted path with the record and the name of its field; no record inside itself."""
    stack: list[tuple[Node, str, tuple[str, ...]]] = [(schema.root, "", ())]
    while stack:
        node, at, within = stack.pop()
        for record in map(resolve, parts(node)):
            if not isinstance(record, Record) or record.fullname in within:
                continue
            for field in record.fields:
                path = f"{at}.{field.name}" if at else field.name
                yield path, record, field.name
                stack.append((field.type, path, (*within, record.fullname)))
