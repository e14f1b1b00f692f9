"""What the catalog shows of consumers: whom a change breaks, with proof, and their contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from schemareg.avro import Schema
from schemareg.compat import can_read
from schemareg.compat.proof.prove import prove
from schemareg.compat.proof.words import proof_lines
from schemareg.errors import SchemaregError
from schemareg.lazy_dataclass import dataclass
from schemareg.services.contracts import contracts_of, verify
from schemareg.services.manifest import Consumes
from schemareg.services.platform import Platform
from schemareg.site.catalog.model import Catalog


@dataclass(frozen=True, slots=True)
class BrokenReader:
    """A service that cannot read new events, and why: with a schema of its own or the old one."""

    service: str
    has_own_schema: bool
    why: str


def broken_readers(catalog: Catalog, subject: str, *, old: int, new: int) -> list[BrokenReader]:
    """The consumers of `subject` that cannot read events of version `new`.

    One without a reader schema of its own is taken to read with version `old`.
    """
    source = catalog.source
    try:
        before, after = (source.schema(source.version(subject, n)) for n in (old, new))
    except SchemaregError:
        return []
    broken = (_broken(catalog, one, before, after) for one in catalog.consumers.get(subject, ()))
    return [reader for reader in broken if reader is not None]


def _broken(catalog: Catalog, consumes: Consumes, old: Schema, new: Schema) -> BrokenReader | None:
    assert catalog.platform is not None  # there are no consumers without
    try:
        own = catalog.platform.reader(consumes)
    except SchemaregError as error:
        return BrokenReader(consumes.service, True, str(error))
    reason = _reason(reader=own or old, writer=new)
    return BrokenReader(consumes.service, own is not None, reason) if reason else None


@lru_cache(maxsize=256)
def _reason(*, reader: Schema, writer: Schema) -> str:
    first = next(iter(can_read(reader=reader, writer=writer)), None)
    return f"{first.path}: {first.message}".removeprefix(": ") if first else ""


@lru_cache(maxsize=256)
def proof_of(*, reader: Schema, writer: Schema) -> tuple[str, ...]:
    """Lines with an event of `writer` that `reader` refuses; none where it reads all."""
    first = next(iter(can_read(reader=reader, writer=writer)), None)
    if first is None:
        return ()
    return tuple(proof_lines(prove(first, reader=reader, writer=writer)))


@dataclass(frozen=True, slots=True)
class ContractRow:
    """What a service needs of a subject, the versions that give it, and what is missing."""

    subject: str
    fields: tuple[str, ...]
    proven: tuple[str, ...]
    breaches: tuple[str, ...]


def contract_rows(platform: Platform) -> Mapping[str, tuple[ContractRow, ...]]:
    """The contracts of each consumer; none of a project whose schemas cannot all be read."""
    rows: dict[str, tuple[ContractRow, ...]] = {}
    try:
        for service, row in _contract_rows(platform):
            rows[service] = (*rows.get(service, ()), row)
    except SchemaregError:
        return {}
    return rows


def _contract_rows(platform: Platform) -> Iterator[tuple[str, ContractRow]]:
    for contract in contracts_of(platform):
        verified = verify(platform, contract)
        breaches = tuple(f"{b.where}: {b.path}: {b.message}" for b in verified.breaches)
        subject = str(platform.subject(contract.event, contract.topic))
        yield contract.consumer, ContractRow(subject, contract.fields, verified.proven, breaches)
