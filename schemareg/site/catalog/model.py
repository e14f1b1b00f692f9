"""What a catalog is made of, read once; every page is a function of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import TypeVar

from schemareg.avro import Schema
from schemareg.avro.parse.redefinition import is_copy
from schemareg.avro.schema import Enum, Fixed, NamedType, Record, parts, resolve, walk
from schemareg.errors import ContentError
from schemareg.findings import Diagnostic
from schemareg.lazy_dataclass import dataclass
from schemareg.lint.rule import Rule
from schemareg.services.deployments import Deployments
from schemareg.services.graph import ServiceGraph
from schemareg.services.manifest import Consumes, Produces
from schemareg.services.order import Order
from schemareg.services.platform import EventOnTopic, Platform, field_paths, fields_at
from schemareg.site.catalog.links import Addresses
from schemareg.site.catalog.trends import Trend
from schemareg.site.source import Held
from schemareg.site.state_source import StateSource
from schemareg.workspace import Project

U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Definition:
    """A named type as `subjects` define it alike; `number` counts those of one name from 1."""

    type: NamedType
    subjects: tuple[str, ...]
    number: int = 1

    @property
    def place(self) -> str:
        """What the addresses of its fields begin with on the page of its name."""
        return f"{self.number}:" if self.number > 1 else ""


@dataclass(frozen=True, slots=True)
class TypeHome:
    """The definitions of one full name, in the order of the subjects that have them first."""

    fullname: str
    definitions: tuple[Definition, ...]

    def definition(self, node: NamedType) -> Definition | None:
        """The definition that `node`, a type of this name, is a copy of."""
        alike = (d for d in self.definitions if d.type is node or is_copy(d.type, node))
        return next(alike, None)

    def with_definition(self, subject: str, node: NamedType) -> TypeHome:
        """The same, where `subject` defines `node`, too."""
        one = self.definition(node) or Definition(node, (), len(self.definitions) + 1)
        more = replace(one, subjects=(*one.subjects, subject))
        place = one.number - 1
        return replace(
            self, definitions=(*self.definitions[:place], more, *self.definitions[place + 1 :])
        )


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a whole have something."""

    name: str
    part: int
    whole: int

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all."""
        return 100 * self.part // self.whole if self.whole else 100


@dataclasses.dataclass(frozen=True)
class Catalog:
    """Subjects with their history, what the project adds, and who depends on them.

    `platform` is None without a manifest of services, `order` also where schemas cannot be read.
    The order is of what the files propose; where that is nothing, of what was registered last, at
    `order_since_ms` (since 1970). `findings` are the linter's by file, `rules` those that the
    project's policy runs. `base_url` is where the pages will be ("" where nobody knows): feeds and
    the site map need it. `trends` are of the git history, none without.
    """

    title: str
    source: StateSource
    project: Project
    platform: Platform | None = None
    graph: ServiceGraph | None = None
    findings: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    order: Order | None = None
    order_since_ms: int | None = None
    deployments: Deployments = field(default_factory=Deployments)
    trends: tuple[Trend, ...] = ()
    base_url: str = ""

    @cached_property
    def types(self) -> Mapping[str, TypeHome]:
        """Every named type of a newest version, by full name."""
        homes: dict[str, TypeHome] = {}
        for subject in self.source.names:
            try:
                schema = self.source.schema(self.source.latest(subject))
            except ContentError:
                continue
            for node in walk(schema):
                if isinstance(node, Record | Enum | Fixed):
                    home = homes.get(node.fullname) or TypeHome(node.fullname, ())
                    homes[node.fullname] = home.with_definition(subject, node)
        return dict(sorted(homes.items()))

    @cached_property
    def addresses(self) -> Addresses:
        """Where the page of each name is."""
        return Addresses.of(
            subjects={name: self.source.live(name) for name in self.source.names},
            types=self.types,
            topics=self.topics,
            services=self.platform.manifest.services if self.platform else (),
            teams=(team for teams in self.owners.values() for team in teams),
        )

    @cached_property
    def owners(self) -> Mapping[str, tuple[str, ...]]:
        """Who owns the producers of each subject: the team, or else the service itself."""
        services = self.platform.manifest.services if self.platform else {}
        owners: dict[str, tuple[str, ...]] = {}
        for subject, uses in self.producers.items():
            known = ((services.get(use.service), use.service) for use in uses)
            names = ((service and service.owner) or name for service, name in known)
            owners[subject] = tuple(dict.fromkeys(names))
        return owners

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        """What is documented, owned and used, of the newest versions."""
        names = self.source.names
        definitions = [one for home in self.types.values() for one in home.definitions]
        fields = [f for one in definitions if isinstance(one.type, Record) for f in one.type.fields]
        consumers = self.consumers
        contracts = [n for n in names if any(c.has_contract for c in consumers.get(n, ()))]
        return (
            Share("Documented fields", sum(bool(one.doc) for one in fields), len(fields)),
            Share("Subjects with an owner", sum(n in self.owners for n in names), len(names)),
            Share(
                "Subjects with a known reader",
                sum(bool(consumers.get(n)) for n in names),
                len(names),
            ),
            Share("Subjects with a contract", len(contracts), len(names)),
        )

    @cached_property
    def without_file(self) -> tuple[str, ...]:
        """Registered subjects that the project does not have any more."""
        own = {str(subject.subject) for subject in self.project.subjects}
        return tuple(name for name in self.source.names if name not in own)

    @cached_property
    def used_by(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        """For each definition of a full name the subjects whose newest version uses it.

        Of a name with several definitions, the last are those that use none of them any more.
        """
        users = {
            name: [dict[str, None]() for _ in range(len(home.definitions) + 1)]
            for name, home in self.types.items()
        }
        for subject in self.source.names:
            try:
                schema = self.source.schema(self.source.latest(subject))
            except ContentError:
                continue
            for node in map(resolve, walk(schema)):
                if isinstance(node, Record | Enum | Fixed) and node.fullname in users:
                    home = self.types[node.fullname]
                    is_one = len(home.definitions) == 1
                    one = home.definitions[0] if is_one else home.definition(node)
                    users[node.fullname][one.number - 1 if one else -1][subject] = None
        return {name: tuple(map(tuple, own)) for name, own in users.items()}

    @cached_property
    def topics(self) -> Mapping[str, tuple[str, ...]]:
        """The subjects of each topic."""
        found: dict[str, list[str]] = {}
        for subject in self.project.subjects:
            if subject.topic is not None:
                found.setdefault(subject.topic, []).append(str(subject.subject))
        return {topic: tuple(dict.fromkeys(found[topic])) for topic in sorted(found)}

    @cached_property
    def topics_of(self) -> Mapping[str, tuple[str, ...]]:
        """The topics of each subject."""
        found: dict[str, list[str]] = {}
        for topic, subjects in self.topics.items():
            for subject in subjects:
                found.setdefault(subject, []).append(topic)
        return {subject: tuple(topics) for subject, topics in found.items()}

    @cached_property
    def producers(self) -> Mapping[str, tuple[Produces, ...]]:
        """Who writes to each subject."""
        held = self.platform.manifest.producers() if self.platform else {}
        return self._by_subject(held)

    @cached_property
    def consumers(self) -> Mapping[str, tuple[Consumes, ...]]:
        """Who reads each subject."""
        held = self.platform.manifest.consumers() if self.platform else {}
        return self._by_subject(held)

    def _by_subject(self, uses: Mapping[EventOnTopic, tuple[U, ...]]) -> dict[str, tuple[U, ...]]:
        found: dict[str, tuple[U, ...]] = {}
        if self.platform is not None:
            for (event, topic), of_event in uses.items():
                subject = str(self.platform.subject(event, topic))
                found[subject] = (*found.get(subject, ()), *of_event)
        return found

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The file that defines each subject, as shown; a key of a primitive type has none."""
        return {str(s.subject): s.file.path for s in self.project.subjects if s.file}

    def uses_of_fields(self, held: Held) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """The services that read each field, by full name of its record and name of the field."""
        if self.platform is None:
            return {}
        schema = self.source.schema(held)
        users: dict[tuple[str, str], list[str]] = {}
        for consumes in self.consumers.get(held.subject, ()):
            reader = self.platform.reader(consumes)
            paths = field_paths(reader) if reader is not None else consumes.fields or ()
            for path in paths:
                parent, _, name = path.rpartition(".")
                for record in _records_at(schema, parent, consumes.event):
                    services = users.setdefault((record.fullname, name), [])
                    if consumes.service not in services:
                        services.append(consumes.service)
        return {key: tuple(services) for key, services in users.items()}


def _records_at(schema: Schema, path: str, event: str) -> list[Record]:
    """The records at the dotted `path` of `schema`, through arrays, maps and unions."""
    nodes = [f.type for f in fields_at(schema, path, event=event)] if path else [schema.root]
    found = (resolve(part) for node in nodes for part in parts(node))
    return [record for record in found if isinstance(record, Record)]
