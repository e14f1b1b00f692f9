"""The services of a platform, and what each produces, consumes, calls and is configured by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.subjects import SubjectNameStrategy


@dataclass(frozen=True, slots=True)
class Produces:
    """`service` writes `event` (a full name) to `topic`.

    `strategy` and `key` repeat what the topic's configuration has, where they are given.
    """

    service: str
    event: str
    topic: str
    location: Location
    strategy: SubjectNameStrategy | None = None
    key: str | None = None
    shared: bool = False
    """Other services may produce the same event to the same topic."""


@dataclass(frozen=True, slots=True)
class Consumes:
    """`service` reads `event` from `topic` in the consumer group `group`.

    `reader` is the file (absolute) of the schema that it reads with, None where it reads with the
    registered version that it was built with. `fields` are the dotted paths that it uses, None
    where it does not declare them.
    """

    service: str
    event: str
    topic: str
    location: Location
    group: str = ""
    reader: Path | None = None
    fields: tuple[str, ...] | None = None
    critical: bool = False

    @property
    def has_contract(self) -> bool:
        """Whether it is declared what this consumer needs: a reader schema, or fields."""
        return self.reader is not None or self.fields is not None


@dataclass(frozen=True, slots=True)
class Calls:
    """`service` sends HTTP requests to `provider`; `contract` is the file of what it expects."""

    service: str
    provider: str
    location: Location
    contract: str | None = None
    critical: bool = False


@dataclass(frozen=True, slots=True)
class ReadsConfiguration:
    """`service` reads configuration that belongs to `owner`."""

    service: str
    owner: str
    location: Location
    what: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One thing that is deployed by itself. `paths` are globs of its files in the repository."""

    name: str
    location: Location
    owner: str = ""
    paths: tuple[str, ...] = ()
    produces: tuple[Produces, ...] = ()
    consumes: tuple[Consumes, ...] = ()
    calls: tuple[Calls, ...] = ()
    configured_by: tuple[ReadsConfiguration, ...] = ()


@dataclass(frozen=True, slots=True)
class DeployEnvironment:
    """A place that services are deployed to."""

    name: str
    location: Location
    production: bool = False


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a topic can still deliver a record: `seconds`, or for ever.

    A compacted topic keeps the newest record of each key for ever. `wiped` topics are emptied
    before a deployment, and deliver only what the current producer wrote.
    """

    seconds: int | None = None
    compacted: bool = False
    wiped: bool = False

    @property
    def for_ever(self) -> bool:
        return not self.wiped and (self.compacted or self.seconds is None)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an event chain: `event` reports that it is done, `undo` that it was undone."""

    event: str
    undo: str | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """What happens in order for one business case, and how it may end."""

    name: str
    location: Location
    steps: tuple[Step, ...]
    ends: tuple[str, ...] = ()
    deadline_s: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """All services of a platform, in the order of the files `sources` (as shown)."""

    sources: tuple[str, ...]
    services: Mapping[str, Service]
    environments: Mapping[str, DeployEnvironment] = field(
        default_factory=lambda: MappingProxyType({})
    )
    chains: tuple[Chain, ...] = ()
    retention: Mapping[str, Retention] = field(default_factory=lambda: MappingProxyType({}))
    shared_paths: tuple[str, ...] = ()
    """Globs of files that every service is built from."""

    _producers: dict[tuple[str, str], tuple[Produces, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _consumers: dict[tuple[str, str], tuple[Consumes, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def producers(self) -> Mapping[tuple[str, str], tuple[Produces, ...]]:
        """The producers of each (event, topic)."""
        if not self._producers:
            uses = (each for service in self.services.values() for each in service.produces)
            self._producers.update(_by_event(uses))
        return self._producers

    def consumers(self) -> Mapping[tuple[str, str], tuple[Consumes, ...]]:
        """The consumers of each (event, topic)."""
        if not self._consumers:
            uses = (each for service in self.services.values() for each in service.consumes)
            self._consumers.update(_by_event(uses))
        return self._consumers


Uses = TypeVar("Uses", Produces, Consumes)


def _by_event(uses: Iterable[Uses]) -> Iterator[tuple[tuple[str, str], tuple[Uses, ...]]]:
    found: defaultdict[tuple[str, str], list[Uses]] = defaultdict(list)
    for each in uses:
        found[each.event, each.topic].append(each)
    return ((key, tuple(value)) for key, value in found.items())
