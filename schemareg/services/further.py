"""Contracts beside the manifest: consumers of schemareg.toml, and Pact messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemareg.findings import Diagnostic, Severity
from schemareg.places import Location
from schemareg.services.contracts import Contract, ContractKind, contract_of_fields
from schemareg.services.pact import Pact, PactMessage
from schemareg.services.platform import EventOnTopic, Platform, field_paths
from schemareg.workspace.consumers import ConsumerReader, consumer_readers


def configured_contracts(platform: Platform) -> tuple[list[Contract], list[Diagnostic]]:
    """The contracts of `[consumers]` in schemareg.toml, and those of events not in the manifest.

    Raises:
        UsageError, SchemaParseError: a reader schema cannot be read, or is refused.
    """
    project, config = platform.project, platform.config
    place = Location(config.shown(config.source) if config.source else None)
    found: list[Contract] = []
    problems: list[Diagnostic] = []
    by_subject = {event.subject: event for event in platform.events()}
    for reader in consumer_readers(config, project.files, project.subjects):
        event = by_subject.get(reader.subject)
        if event is None:
            message = f"{reader.consumer} reads {reader.subject}, which no service produces"
            problems.append(_unplaced(message, place))
            continue
        fields = tuple(field_paths(reader.schema))
        found.append(
            Contract(
                reader.consumer, event.event, event.topic, ContractKind.READER, fields,
                reader.schema, place,
            )
        )  # fmt: skip
    return found, problems


def manifest_readers(platform: Platform) -> Iterator[ConsumerReader]:
    """The reader schemas that the manifest names, of subjects that the project has.

    Raises:
        UsageError, SchemaParseError: one cannot be read, or is refused.
    """
    for service in platform.manifest.services.values():
        for consumes in service.consumes:
            schema = platform.reader(consumes)
            subject = platform.event(consumes.event, consumes.topic).subject
            if schema is not None and consumes.reader is not None and subject in platform.own:
                shown = platform.config.shown(consumes.reader)
                yield ConsumerReader(service.name, subject, shown, schema)


def pact_contracts(
    platform: Platform, pacts: Iterable[tuple[str, Pact]]
) -> tuple[list[Contract], list[Diagnostic]]:
    """The contracts in `pacts`, each with the name of its file, and what could not be placed."""
    found: list[Contract] = []
    problems: list[Diagnostic] = []
    for shown, pact in pacts:
        place = Location(shown)
        for name in (pact.consumer, pact.provider):
            if name not in platform.manifest.services:
                problems.append(_unplaced(f"the manifest has no service {name}", place))
        if pact.requests:
            message = f"{pact.requests} interactions are requests, which are not proven here"
            problems.append(_unplaced(message, place, Severity.INFO))
        if pact.passed_over:
            message = f"{pact.passed_over} interactions have no JSON message, and are passed over"
            problems.append(_unplaced(message, place))
        for message_ in pact.messages:
            event = _event_of(platform, pact, message_)
            contract = event and contract_of_fields(
                platform.event(*event), pact.consumer, message_.fields, ContractKind.PACT, place
            )
            if contract:
                found.append(contract)
            else:
                text = f"the message {message_.description!r} does not name its event"
                problems.append(_unplaced(text, place))
    return found, problems


def _event_of(platform: Platform, pact: Pact, message: PactMessage) -> EventOnTopic | None:
    """The one event of the provider that the message names, by its name, topic or description."""
    service = platform.manifest.services.get(pact.provider)
    keys = [(p.event, p.topic) for p in service.produces] if service else []
    if message.topic:
        keys = [key for key in keys if key[1] == message.topic]
    if message.event:
        keys = [key for key in keys if message.event in (key[0], key[0].rpartition(".")[2])]
    if len(keys) > 1:
        words = message.description.replace(" ", "").casefold()
        keys = [key for key in keys if key[0].rpartition(".")[2].casefold() in words]
    return keys[0] if len(keys) == 1 else None


def _unplaced(message: str, place: Location, severity: Severity = Severity.WARNING) -> Diagnostic:
    advice = "declare it in the manifest of the services" if severity is Severity.WARNING else None
    return Diagnostic("contract-not-placed", severity, message, place, advice=advice)
