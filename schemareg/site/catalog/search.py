"""What the search in the browser finds: subjects, types, fields, services, owners, ids."""

from __future__ import annotations

import json
from collections.abc import Iterator

from schemareg.avro.canonical import fingerprint
from schemareg.errors import SchemaregError
from schemareg.services.platform import field_paths
from schemareg.site.catalog.links import service_page, subject_folder, topic_page, type_page
from schemareg.site.catalog.model import Catalog

Entry = tuple[str, str, str, str]
"""Kind, name, address from the top of the catalog, and further words to find it by."""


def search_index(catalog: Catalog) -> str:
    """The index as a script, which a page opened from a disk may load."""
    entries = list(entries_of(catalog))
    text = json.dumps(entries, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
    return f"window.schemaregIndex={text};\n"


def entries_of(catalog: Catalog) -> Iterator[Entry]:
    """Everything that can be found, in the order of the pages."""
    for subject in catalog.source.names:
        held = catalog.source.latest(subject)
        words = [str(held.guid or "")]
        for version in catalog.source.versions(subject):
            words += [f"id {version.id}"] if version.id is not None else []
        try:
            schema = catalog.source.schema(held)
        except SchemaregError:
            schema = None
        words += [fingerprint(schema, "SHA-256")] if schema else []
        page = f"{subject_folder(subject)}/index.html"
        yield "subject", subject, page, " ".join(words)
        for path in field_paths(schema) if schema else ():
            yield "field", path, f"{page}#{path}", subject
    for home in catalog.types.values():
        yield "type", home.fullname, type_page(home.fullname), home.type.doc or ""
    for topic in catalog.topics:
        yield "topic", topic, topic_page(topic), ""
    if catalog.platform is not None:
        for service in catalog.platform.manifest.services.values():
            yield "service", service.name, service_page(service.name), service.owner
