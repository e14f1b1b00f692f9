"""Rules about events: what each must say about itself, keys, levels, personal data."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.schema import Field, Node, Primitive, Record
from schemareg.findings import Severity
from schemareg.lint.name_words import says, words
from schemareg.lint.rule import Hit, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import FieldSite, FileSite, ProjectSite, is_nullable, target, without_null
from schemareg.subjects import CompatibilityLevel


def _own_and_shared(record: Record) -> Iterator[Field]:
    """The fields of `record`, and of the records that it holds directly."""
    for field in record.fields:
        yield field
        inner = target(without_null(field.type))
        if isinstance(inner, Record):
            yield from inner.fields


@rule(FileSite, severity=Severity.WARNING)
def event_id_required(
    site: FileSite, *, names: tuple[str, ...] = ("event_id", "message_id")
) -> Iterator[Hit]:
    """An event without an identity of its own.

    Kafka delivers at least once; without an id a consumer cannot tell a second delivery from a
    second event. The id may stand in a record for metadata that the event holds.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "eventId", "type": "string"}]}
    """
    root = site.file.schema.root
    if not site.is_event or not isinstance(root, Record):
        return
    if not any("_".join(words(f.name)) in names for f in _own_and_shared(root)):
        yield Hit(
            f"the event {root.name} has no id of its own", "add eventId, or a metadata record"
        )


@rule(FileSite, severity=Severity.WARNING)
def event_time_required(site: FileSite) -> Iterator[Hit]:
    """An event that does not say when it happened.

    The time of a Kafka message is when it was sent. Any instant with a logical type counts.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "occurredAt", "type":
          {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    root = site.file.schema.root
    if not site.is_event or not isinstance(root, Record):
        return
    if not any(_is_instant(f.type) for f in _own_and_shared(root)):
        yield Hit(f"the event {root.name} does not say when it happened", "add occurredAt")


def _is_instant(node: Node) -> bool:
    inner = without_null(node)
    logical = inner.props.get("logicalType") if isinstance(inner, Primitive) else None
    return isinstance(logical, str) and logical.startswith("timestamp-")


@rule(FileSite, severity=Severity.INFO, preset=Preset.ALL)
def event_envelope_shape(
    site: FileSite, *, fields: tuple[str, ...] = ("event_id", "correlation_id", "causation_id")
) -> Iterator[Hit]:
    """An event that lacks part of the envelope.

    `fields` must all stand in the event or in a record that it holds directly.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "eventId", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "eventId", "type": "string"}, {"name": "correlationId", "type": "string"},
          {"name": "causationId", "type": "string"}]}
    """
    root = site.file.schema.root
    if not site.is_event or not isinstance(root, Record):
        return
    there = {"_".join(words(f.name)) for f in _own_and_shared(root)}
    missing = [name for name in fields if name not in there]
    if missing:
        yield Hit(f"the event {root.name} lacks {', '.join(missing)}", "add the shared envelope")


@rule(ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def key_schema_missing(site: ProjectSite) -> Iterator[Hit]:
    """A topic with values but no declared key.

    Bad:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": []}
    Good:
        topic: Paid key string
        {"type": "record", "name": "Paid", "fields": []}
    """
    keyed = {s.topic for s in site.project.subjects if s.role == "key"}
    seen: set[str] = set()
    for subject in site.project.subjects:
        topic = subject.topic
        if subject.role != "value" or topic is None or topic in keyed | seen:
            continue
        seen.add(topic)
        place = next((f.place for f in site.files if f.file is subject.file), None)
        yield Hit(f"the topic {topic} declares no key", 'add key = "string" or a type', place)


@rule(ProjectSite, severity=Severity.WARNING)
def compatibility_level_none(site: ProjectSite) -> Iterator[Hit]:
    """A subject whose level promises nothing.

    Bad:
        topic: Paid level NONE
        {"type": "record", "name": "Paid", "fields": []}
    Good:
        topic: Paid level BACKWARD
        {"type": "record", "name": "Paid", "fields": []}
    """
    for subject in site.project.subjects:
        if subject.level is CompatibilityLevel.NONE and subject.role != "key":
            place = next((f.place for f in site.files if f.file is subject.file), None)
            yield Hit(
                f"the subject {subject.subject} has the level NONE: any change passes",
                "choose a level that fits who is upgraded first",
                place,
            )


@rule(FieldSite, severity=Severity.WARNING)
def sensitive_field(
    site: FieldSite,
    *,
    names: tuple[str, ...] = (
        "password", "passwd", "secret", "cvv", "cvc", "pin", "private_key", "card_number",
        "api_key", "access_token", "refresh_token",
    ),
) -> Iterator[Hit]:  # fmt: skip
    """A secret or card data in an event.

    Events are kept, copied and read by many; what must not leak must not be in them.

    Bad:
        {"type": "record", "name": "Login", "fields": [{"name": "password", "type": "string"}]}
    Good:
        {"type": "record", "name": "Login", "fields": [{"name": "userId", "type": "string"}]}
    """
    if says(site.field.name, names):
        yield Hit(f"{site.field.name!r} looks like a secret", "leave it out, or send a reference")


@rule(FieldSite, severity=Severity.WARNING, preset=Preset.STRICT)
def pii_untagged(
    site: FieldSite,
    *,
    names: tuple[str, ...] = (
        "email", "phone", "ssn", "birth", "birthday", "first_name", "last_name", "full_name",
        "street", "ip_address", "passport", "iban",
    ),
    properties: tuple[str, ...] = ("pii", "tags", "confluent:tags", "classification"),
) -> Iterator[Hit]:  # fmt: skip
    """A field that looks like personal data but is not tagged.

    `properties` are properties of a field that count as a tag.

    Bad:
        {"type": "record", "name": "User", "fields": [{"name": "email", "type": "string"}]}
    Good:
        {"type": "record", "name": "User", "fields": [
          {"name": "email", "type": "string", "pii": true}]}
    """
    if says(site.field.name, names) and not any(p in site.field.props for p in properties):
        yield Hit(f"{site.field.name!r} looks like personal data", f"tag it with {properties[0]!r}")


@rule(FieldSite, severity=Severity.WARNING)
def deprecated_without_note(site: FieldSite) -> Iterator[Hit]:
    """A field marked `deprecated` without saying why and what instead.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "total", "type": "long", "deprecated": true}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "total", "type": "long", "deprecated": "use totalAmount"}]}
    """
    mark = site.field.props.get("deprecated")
    if mark is True or (isinstance(mark, str | dict) and not mark):
        yield Hit(f"{site.field.name!r} is deprecated without a note", "say why, and what instead")


@rule(ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def key_field_present(site: ProjectSite) -> Iterator[Hit]:
    """A field of a topic's key that its event lacks or may leave null.

    Consumers that see only the value, and compacted topics, need it there.

    Bad:
        topic: Paid key PaidKey
        {"type": "record", "name": "Paid", "fields": []}
        ---
        {"type": "record", "name": "PaidKey", "fields": [{"name": "orderId", "type": "string"}]}
    Good:
        topic: Paid key PaidKey
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "string"}]}
        ---
        {"type": "record", "name": "PaidKey", "fields": [{"name": "orderId", "type": "string"}]}
    """
    keys = {
        s.topic: s.schema.root
        for s in site.project.subjects
        if s.role == "key" and isinstance(s.schema.root, Record)
    }
    for subject in site.project.subjects:
        key, value = keys.get(subject.topic), subject.schema.root
        if subject.role != "value" or key is None or not isinstance(value, Record):
            continue
        own = {f.name: f for f in value.fields}
        place = next((f.place for f in site.files if f.file is subject.file), None)
        for field in key.fields:
            if field.name not in own or is_nullable(own[field.name].type):
                yield Hit(
                    f"the key's field {field.name!r} is not always in {value.name}",
                    "add it to the event",
                    place,
                )


@rule(FileSite, severity=Severity.INFO, preset=Preset.ALL)
def owner_required(
    site: FileSite, *, properties: tuple[str, ...] = ("owner", "team")
) -> Iterator[Hit]:
    """A file whose type names no owner.

    `properties` are properties of the type that name one.

    Bad:
        {"type": "record", "name": "Paid", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "owner": "billing", "fields": []}
    """
    root = site.file.schema.root
    if site.file.fullname is not None and not set(properties) & set(getattr(root, "props", ())):
        yield Hit(f"{site.file.fullname} has no owner", f'add "{properties[0]}": a team')


@rule(FileSite, severity=Severity.INFO, preset=Preset.ALL)
def classification_required(
    site: FileSite,
    *,
    allowed: tuple[str, ...] = ("public", "internal", "confidential", "restricted"),
) -> Iterator[Hit]:
    """An event without a `classification`, or with one that is not `allowed`.

    Bad:
        {"type": "record", "name": "Paid", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "classification": "internal", "fields": []}
    """
    root = site.file.schema.root
    if not site.is_event or not isinstance(root, Record):
        return
    given = root.props.get("classification")
    if given not in allowed:
        yield Hit(
            f"{root.name} has the classification {given!r}"
            if given
            else f"{root.name} is not classified",
            f'add "classification": one of {", ".join(allowed)}',
        )
