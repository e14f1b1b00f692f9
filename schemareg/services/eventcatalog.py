"""EventCatalog folders: services, events, channels and flows in the front matter of their pages.

Source: EventCatalog, "Services", "Messages", "Channels" and "Flows", `content.config.ts`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemareg.errors import ContentError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.services.exchange import (
    Imported,
    as_list,
    as_map,
    as_text,
    as_texts,
    read_yaml,
    yaml_text,
)
from schemareg.services.manifest import Calls, Chain, Consumes, Produces, Service, Step

_FENCE = "---"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the catalogue: its path, its front matter, and the text below."""

    path: str
    matter: Any
    body: str
    matter_text: str = ""


def read_page(raw: bytes, path: str) -> Page | None:
    """The page in a file shown as `path`; None where it has no front matter.

    Raises:
        ContentError: the front matter is no YAML.
    """
    text = raw.decode("utf-8", errors="replace")
    head, fence, rest = text.partition(f"{_FENCE}\n")
    if head.strip() or not fence:
        return None
    matter, _, body = rest.partition(f"\n{_FENCE}")
    documents = read_yaml(matter.encode(), path)
    return Page(path, documents[0], body, matter) if documents and as_map(documents[0]) else None


def page_text(page: Page) -> str:
    """The text of the file: front matter as it was read but for changes, and the body."""
    return f"{_FENCE}\n{yaml_text([page.matter], page.matter_text)}{_FENCE}{page.body}"


def _kind(page: Page) -> str:
    """The folder of the catalogue that the page is in: `events`, `services`, …"""
    parts = page.path.split("/")
    kinds = ("events", "commands", "queries", "services", "channels", "flows", "domains")
    return next((part for part in reversed(parts[:-1]) if part in kinds), "")


def _current(pages: Iterable[Page]) -> list[Page]:
    return [page for page in pages if "/versioned/" not in page.path]


def read_catalogue(pages: Iterable[Page], schemas: Mapping[str, str]) -> Imported:
    """What the pages declare; `schemas` are the texts of schema files by their path."""
    kept = _current(pages)
    names = event_names(kept, schemas)
    addresses = {
        as_text(p.matter.get("id")): as_text(p.matter.get("address")) or as_text(p.matter.get("id"))
        for p in kept
        if _kind(p) == "channels"
    }
    own_channels = {
        as_text(p.matter.get("id")): [
            as_text(as_map(c).get("id")) for c in as_list(p.matter.get("channels"))
        ]
        for p in kept
        if _kind(p) in ("events", "commands")
    }
    queries = {as_text(p.matter.get("id")) for p in kept if _kind(p) == "queries"}
    questions: list[str] = []
    reading = _Reading(names, addresses, own_channels, queries, questions)
    services = tuple(reading.service(page) for page in kept if _kind(page) == "services")
    chains = (_chain(page, names) for page in kept if _kind(page) == "flows")
    return Imported(services, tuple(c for c in chains if c.steps), tuple(questions))


def event_names(pages: Iterable[Page], schemas: Mapping[str, str]) -> dict[str, str]:
    """The full name of each message: of the Avro schema beside its page, else its id."""
    names = {}
    for page in _current(pages):
        if _kind(page) in ("events", "commands"):
            id = as_text(page.matter.get("id"))
            files = [as_text(page.matter.get("schemaPath"))]
            files += [as_text(as_map(s).get("file")) for s in as_list(page.matter.get("schemas"))]
            folder = page.path.rpartition("/")[0]
            texts = (schemas.get(f"{folder}/{file}") for file in files if file)
            names[id] = next((n for text in texts if text and (n := _fullname(text))), id)
    return names


def _fullname(text: str) -> str:
    try:
        record = as_map(json.loads(text))
    except (ValueError, RecursionError):
        return ""
    name, namespace = as_text(record.get("name")), as_text(record.get("namespace"))
    return f"{namespace}.{name}" if namespace and name and "." not in name else name


@dataclass(frozen=True, slots=True)
class _Reading:
    names: Mapping[str, str]
    addresses: Mapping[str, str]
    own_channels: Mapping[str, list[str]]
    queries: set[str]
    questions: list[str]

    def service(self, page: Page) -> Service:
        place = Location(page.path)
        name = as_text(page.matter.get("id"))
        sends = list(self._uses(page, "sends", "to"))
        receives = list(self._uses(page, "receives", "from"))
        owners = as_list(page.matter.get("owners"))
        owner = owners[0] if owners else ""
        return Service(
            name,
            place,
            as_text(owner) or as_text(as_map(owner).get("id")),
            produces=tuple(Produces(name, e, t, place) for e, t, _ in sends),
            consumes=tuple(
                Consumes(
                    name, e, t, place, as_text(entry.get("group")),
                    fields=as_texts(entry["fields"]) if "fields" in entry else None,
                )
                for e, t, entry in receives
            ),
            calls=tuple(
                Calls(name, as_text(as_map(d).get("id")), place)
                for d in as_list(as_map(page.matter.get("dependencies")).get("services"))
            ),
        )  # fmt: skip

    def _uses(
        self, page: Page, word: str, end: str
    ) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for raw in as_list(page.matter.get(word)):
            entry = as_map(raw)
            id = as_text(entry.get("id"))
            if id in self.queries:
                continue
            channels = [as_text(as_map(c).get("id")) for c in as_list(entry.get(end))]
            channels = channels or self.own_channels.get(id, [])
            if not channels:
                self.questions.append(f"{page.path}: which topic carries {id}?")
            for channel in channels:
                yield self.names.get(id, id), self.addresses.get(channel, channel), entry


def _chain(page: Page, names: Mapping[str, str]) -> Chain:
    ids = (
        as_text(as_map(as_map(step).get("message")).get("id"))
        for step in as_list(page.matter.get("steps"))
    )
    steps = tuple(Step(names.get(id, id)) for id in ids if id)
    return Chain(as_text(page.matter.get("id")), Location(page.path), steps)


def write_service(service: Service, page: Page | None, ids: Mapping[str, str]) -> Page:
    """The page of `service` with what it sends and receives; `ids` are the messages' ids.

    Entries that are there already stay as they are, but for `fields` and `group` of our own.

    Raises:
        ContentError: `sends` or `receives` of the page is no list.
    """
    if page is None:
        matter: Any = {"id": service.name, "name": service.name, "version": "0.0.1"}
        page = Page(f"services/{service.name}/index.mdx", matter, "\n")
    if service.owner and "owners" not in page.matter:
        page.matter["owners"] = [service.owner]
    for produces in service.produces:
        _entry(page, "sends", "to", ids.get(produces.event, produces.event), produces.topic)
    for consumes in service.consumes:
        id = ids.get(consumes.event, consumes.event)
        entry = _entry(page, "receives", "from", id, consumes.topic)
        if consumes.fields is not None and as_texts(entry.get("fields")) != consumes.fields:
            entry["fields"] = list(consumes.fields)
        held = as_text(entry.get("group")) or service.name  # what a manifest means without one
        if consumes.group and held != consumes.group:
            entry["group"] = consumes.group
    return page


def _entry(page: Page, word: str, end: str, id: str, topic: str) -> Any:
    listed = page.matter.setdefault(word, [])
    if not isinstance(listed, list):
        raise ContentError(f"{word} is no list", location=Location(page.path))
    for entry in listed:
        if as_text(as_map(entry).get("id")) == id:
            return entry
    entry = {"id": id, end: [{"id": topic}]}
    listed.append(entry)
    return entry
