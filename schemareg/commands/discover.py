"""What the newest records of a topic show: their events, and the sources that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from schemareg.avro import Schema
from schemareg.avro.schema import name_of, resolve
from schemareg.brokers.records import Record
from schemareg.errors import DecodeError, RegistryError, WireFormatError
from schemareg.services.discover import SeenTopic
from schemareg.subjects import SchemaId
from schemareg.wire import open_frame

_NOT_FOUND = 404
_SOURCE = "ce_source"

Fetch = Callable[[SchemaId | UUID], Schema]


class Names:
    """The full names of the events of schema ids, each requested once; "" for an unknown id.

    Raises, when called:
        RegistryError, RegistryUnavailableError: the registry refuses for another reason, or does
            not answer.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._known: dict[SchemaId | UUID, str] = {}

    def __call__(self, id: SchemaId | UUID) -> str:
        if id not in self._known:
            self._known[id] = self._name(id)
        return self._known[id]

    def _name(self, id: SchemaId | UUID) -> str:
        try:
            schema = self._fetch(id)
        except DecodeError:
            return ""
        except RegistryError as error:
            if error.status != _NOT_FOUND:
                raise
            return ""
        return name_of(resolve(schema.root))


def seen_topic(name: str, records: Iterable[Record], names: Names) -> SeenTopic:
    """What `records` of the topic `name` show. One without a value counts, and shows nothing."""
    events: dict[str, dict[str, None]] = {}
    total = unframed = unknown = 0
    for record in records:
        total += 1
        if record.value is None:
            continue
        try:
            id = open_frame(record.value, record.headers).schema
        except WireFormatError:
            unframed += 1
            continue
        event = names(id)
        if not event:
            unknown += 1
            continue
        sources = events.setdefault(event, {})
        for header, value in record.headers:
            if header == _SOURCE and value:
                sources[value.decode("utf-8", errors="replace")] = None
    return SeenTopic(
        name, {event: tuple(found) for event, found in events.items()}, total, unframed, unknown
    )
