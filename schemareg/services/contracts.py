"""What each consumer needs of an event, proven against every version that it can meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from schemareg.avro import Schema
from schemareg.avro.schema import Array, Map, Record, Union, name_of, resolve
from schemareg.compat import can_read
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.services.manifest import Consumes
from schemareg.services.platform import (
    EventSchemas,
    Platform,
    field_paths,
    fields_of,
    has_field,
)
from schemareg.services.projection import projected

PROPOSED = "proposed"


class ContractKind(StrEnum):
    """Where it is declared what a consumer needs."""

    READER = "reader"
    """A file with the schema that it reads with."""
    FIELDS = "fields"
    """The fields that it uses, in the manifest."""
    PACT = "pact"
    """The paths of a Pact message."""


@dataclass(frozen=True, slots=True)
class Contract:
    """`consumer` reads `event` on `topic` with `schema`, and uses `fields` (dotted paths)."""

    consumer: str
    event: str
    topic: str
    kind: ContractKind
    fields: tuple[str, ...]
    schema: Schema
    location: Location


@dataclass(frozen=True, slots=True)
class Breach:
    """What the consumer cannot read or does not find, in the schema or file called `where`."""

    where: str
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A contract, the schemas and golden files that it was proven against, and what fails."""

    contract: Contract
    proven: tuple[str, ...]
    breaches: tuple[Breach, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of an event on a topic its contracts cover."""

    event: str
    topic: str
    consumers: int
    contracts: int
    fields: int
    used: int
    unused: tuple[str, ...]
    branches: int = 0
    branches_used: int = 0
    """Branches of unions (but for null), and those inside which a field is used."""
    branches_unused: tuple[str, ...] = ()
    """Each as the path of the union and the branch's name: `method[shop.Card]`."""


def contracts_of(platform: Platform) -> Iterator[Contract]:
    """The contracts that the manifest declares, in its order.

    Raises:
        UsageError: a reader schema cannot be read.
        SchemaParseError: a reader schema is refused.
    """
    for service in platform.manifest.services.values():
        for consumes in service.consumes:
            contract = _contract(platform, consumes)
            if contract is not None:
                yield contract


def _contract(platform: Platform, consumes: Consumes) -> Contract | None:
    reader = platform.reader(consumes)
    if reader is not None:
        fields = consumes.fields or tuple(field_paths(reader))
        return Contract(
            consumes.service, consumes.event, consumes.topic, ContractKind.READER, fields, reader,
            consumes.location,
        )  # fmt: skip
    if consumes.fields is None:
        return None
    event = platform.event(consumes.event, consumes.topic)
    return contract_of_fields(
        event, consumes.service, consumes.fields, ContractKind.FIELDS, consumes.location
    )


def contract_of_fields(
    event: EventSchemas,
    consumer: str,
    fields: tuple[str, ...],
    kind: ContractKind,
    location: Location,
) -> Contract | None:
    """The contract of a consumer that uses `fields`; None for an event without any schema.

    It reads with those fields of the latest registered version, which it was built with, or of
    the proposed schema where that alone has all of them.
    """
    known = [held.schema for held in event.history[-1:]]
    known += [event.proposed] if event.proposed is not None else []
    if not known:
        return None
    whole = (s for s in known if all(has_field(s, path, event=event.event) for path in fields))
    base = next(whole, known[0])
    schema = projected(base, fields, event=event.event)
    return Contract(consumer, event.event, event.topic, kind, fields, schema, location)


def writers_of(platform: Platform, event: EventSchemas) -> list[tuple[str, Schema]]:
    """The schemas whose events a consumer can meet: each retained version, and the proposed one."""
    held = [(f"v{v.version}", v.schema) for v in event.history]
    if platform.retention(event.topic).wiped:
        held = held[-1:]
    return [*held, *([(PROPOSED, event.proposed)] if event.proposed is not None else [])]


def verify(platform: Platform, contract: Contract) -> Verified:
    """`contract` against every schema that the consumer can meet.

    Each has to be readable; the fields used have to exist in the newest of them, also where the
    reader has a default.
    """
    event = platform.event(contract.event, contract.topic)
    writers = writers_of(platform, event)
    breaches = [
        Breach(where, reason.path, reason.message)
        for where, writer in writers
        for incompatibility in can_read(reader=contract.schema, writer=writer)
        for reason in incompatibility.reasons()
    ]
    missing = [
        Breach(where, path, "the field is used, and the schema does not have it")
        for where, writer in writers[-1:]
        for path in contract.fields
        if not has_field(writer, path, event=contract.event)
    ]
    unique = dict.fromkeys([*missing, *breaches])
    return Verified(contract, tuple(where for where, _ in writers), tuple(unique))


def usage_of(platform: Platform, contracts: Iterable[Contract]) -> tuple[Usage, ...]:
    """The coverage of every event on each topic that the manifest names."""
    by_event: dict[tuple[str, str], list[Contract]] = {}
    for contract in contracts:
        by_event.setdefault((contract.event, contract.topic), []).append(contract)
    consumers = platform.manifest.consumers()
    return tuple(
        _usage(event, consumers.get(key, ()), by_event.get(key, []))
        for event in platform.events()
        for key in [(event.event, event.topic)]
    )


def usage_by(platform: Platform, service: str, contracts: Iterable[Contract]) -> tuple[Usage, ...]:
    """What `service` uses of each event that it consumes, by its own contracts."""
    own: dict[tuple[str, str], list[Contract]] = {}
    for contract in contracts:
        if contract.consumer == service:
            own.setdefault((contract.event, contract.topic), []).append(contract)
    known = platform.manifest.services.get(service)
    read = [(c.event, c.topic) for c in known.consumes] if known else []
    return tuple(
        _usage(platform.event(*key), (), own.get(key, [])) for key in dict.fromkeys([*read, *own])
    )


def _usage(event: EventSchemas, consumers: Iterable[Consumes], contracts: list[Contract]) -> Usage:
    names = {c.service for c in consumers} | {c.consumer for c in contracts}
    newest = event.newest()
    published = () if newest is None else tuple(_own_paths(newest, event.event))
    used = [path for contract in contracts for path in contract.fields]
    branches = () if newest is None else tuple(_branches(newest, event.event))
    idle = tuple(name for name, inner in branches if not _is_used(inner, used))
    unused = tuple(path for path in published if not any(_covers(u, path) for u in used))
    return Usage(
        event.event,
        event.topic,
        len(names),
        len({c.consumer for c in contracts}),
        len(published),
        len(published) - len(unused),
        unused,
        len(branches),
        len(branches) - len(idle),
        idle,
    )


def _branches(schema: Schema, event: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each branch of the unions of `event` with a choice, and the paths of the fields inside it.

    A branch without fields is used with the field that holds the union.
    """
    for path, field in fields_of(schema):
        if not has_field(schema, path, event=event):
            continue
        node = resolve(field.type)
        while isinstance(node, Array | Map):
            node = resolve(node.items if isinstance(node, Array) else node.values)
        if not isinstance(node, Union):
            continue
        branches = [resolve(branch) for branch in node.branches]
        branches = [branch for branch in branches if name_of(branch) != "null"]
        for branch in branches if len(branches) > 1 else ():
            own = branch.fields if isinstance(branch, Record) else ()
            inner = tuple(f"{path}.{each.name}" for each in own)
            yield f"{path}[{name_of(branch)}]", inner or (path,)


def _is_used(inner: tuple[str, ...], used: list[str]) -> bool:
    """Whether a field inside a branch is used, or one around it as a whole."""
    return any(_covers(u, path) for path in inner for u in used)


def _own_paths(schema: Schema, event: str) -> Iterator[str]:
    """The paths of `event` alone, where `schema` is a union of events."""
    return (path for path in field_paths(schema) if has_field(schema, path, event=event))


def _covers(used: str, path: str) -> bool:
    """Whether the use of the field `used` is a use of `path`: the same, inside it, or around it."""
    return used == path or path.startswith(f"{used}.") or used.startswith(f"{path}.")
