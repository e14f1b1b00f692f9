"""The round-trip matrix as data: writer, reader, and what happened to the events."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from uuid import UUID

from schemareg.avro.schema import Schema
from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import SchemaId, Subject, Version
from schemareg.wire import Framing


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads: `label` for reports (`version 2`, `billing-service`)."""

    label: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Writing:
    """Events of one registered version, for all who read them.

    `events` are (name, event) with Python's logical types, as the codec takes them. They go once
    in each of `framings`; `guid` must be given where GUID is among them.
    """

    subject: Subject
    topic: str
    version: Version
    schema_id: SchemaId
    schema: Schema
    events: tuple[tuple[str, object], ...]
    readers: tuple[Reader, ...]
    is_key: bool = False
    framings: tuple[Framing, ...] = (Framing.ID,)
    guid: UUID | None = None


class CellVerdict(StrEnum):
    """What happened to a cell's events; the gravest is the cell's verdict."""

    EQUAL = "equal"
    """Every event came back as it was written."""
    EVOLVED = "evolved"
    """Every event came back as schema resolution requires, some not as written."""
    REFUSED = "refused"
    """Codec and reference decoder both refuse some event: these two schemas do not fit."""
    DIFFERENT = "different"
    """Codec and reference decoder disagree, an event does not fit its own writer's schema, or the
    bytes are not those sent: a fault of ours, or of the event."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The first event of a cell that was refused or came back different.

    `body` holds the Avro bytes as they came from the broker (empty if the event could not be
    written); `message` is one line on what is wrong.
    """

    event_name: str
    event: object = field(metadata={"whole": True})
    body: bytes
    message: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One writer, one reader, one framing: how many events came back how."""

    subject: Subject
    version: Version
    reader: str
    is_key: bool
    framing: Framing
    equal: int
    evolved: int
    refused: int
    different: int
    trouble: Trouble | None

    @property
    def events(self) -> int:
        """How many events the cell holds."""
        return self.equal + self.evolved + self.refused + self.different

    @property
    def verdict(self) -> CellVerdict:
        """The gravest thing that happened."""
        if self.different:
            return CellVerdict.DIFFERENT
        if self.refused:
            return CellVerdict.REFUSED
        return CellVerdict.EVOLVED if self.evolved else CellVerdict.EQUAL
