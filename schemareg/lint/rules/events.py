"""Rules about events: identity and time, keys, levels, personal data."""

from __future__ import annotations

import json
from collections.abc import Iterator

from schemareg.avro.deprecation import KEYS, PROPERTY, day_of
from schemareg.avro.schema import Field, Node, Primitive, Record, resolve
from schemareg.findings import Severity
from schemareg.lint.facts import ProjectSite
from schemareg.lint.name_words import ends_in_words, has_words, words
from schemareg.lint.nodes import without_null
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import FieldSite, FileSite, Trait
from schemareg.subjects import CompatibilityLevel
from schemareg.suggestions import did_you_mean

INSTANT_NAMES = ("time", "timestamp", "at", "ts", "datetime", "date_time", "instant")


def _own_and_shared(record: Record) -> Iterator[Field]:
    """The fields of `record`, and of the records directly inside it."""
    for field in record.fields:
        yield field
        inner = resolve(without_null(field.type))
        if isinstance(inner, Record):
            yield from inner.fields


@rule("SR551", FileSite, severity=Severity.WARNING, preset=Preset.STRICT)
def event_id_required(
    site: FileSite, *, names: tuple[str, ...] = ("event_id", "message_id")
) -> Iterator[Issue]:
    """An event without an identity of its own.

    Kafka delivers at least once; without an id a consumer cannot distinguish a second delivery
    from a second event. The id may be in a record for metadata inside the event.

    Bad:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "string"}]}
    Good:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": [{"name": "eventId", "type": "string"}]}
    """
    root = site.file.schema.root
    if not site.is_event or not isinstance(root, Record):
        return
    if not any("_".join(words(f.name)) in names for f in _own_and_shared(root)):
        yield Issue(
            f"the event {root.name} has no id of its own",
            "add eventId with a default, or a metadata record",
        )


@rule("SR552", FileSite, severity=Severity.WARNING, preset=Preset.STRICT)
def event_time_required(site: FileSite) -> Iterator[Issue]:
    """An event without the time at which it happened.

    The time of a Kafka message is when it was sent. Any instant counts, with a logical type or by
    its name.

    Bad:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "string"}]}
    Good:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": [{"name": "occurredAt", "type":
          {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    root = site.file.schema.root
    if not site.is_event or not isinstance(root, Record):
        return
    fields = _own_and_shared(root)
    if not any(_is_instant(f.type) or ends_in_words(f.name, INSTANT_NAMES) for f in fields):
        yield Issue(
            f"the event {root.name} has no time at which it happened",
            "add occurredAt, a timestamp-millis with a default",
        )


def _is_instant(node: Node) -> bool:
    inner = without_null(node)
    logical = inner.props.get("logicalType") if isinstance(inner, Primitive) else None
    return isinstance(logical, str) and logical.startswith("timestamp-")


@rule("SR553", FileSite, severity=Severity.INFO, preset=Preset.ALL)
def event_envelope_shape(
    site: FileSite, *, fields: tuple[str, ...] = ("event_id", "correlation_id", "causation_id")
) -> Iterator[Issue]:
    """An event that lacks part of the envelope.

    `fields` must all be in the event or in a record directly inside it.

    Bad:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": [{"name": "eventId", "type": "string"}]}
    Good:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": [
          {"name": "eventId", "type": "string"}, {"name": "correlationId", "type": "string"},
          {"name": "causationId", "type": "string"}]}
    """
    root = site.file.schema.root
    if not site.is_event or not isinstance(root, Record):
        return
    present = {"_".join(words(f.name)) for f in _own_and_shared(root)}
    missing = [name for name in fields if name not in present]
    if missing:
        yield Issue(
            f"the event {root.name} lacks {', '.join(missing)}",
            "add the shared envelope in a field with a default",
        )


@rule("SR554", ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def key_schema_missing(site: ProjectSite) -> Iterator[Issue]:
    """A topic with values but no declared key.

    Bad:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": []}
    Good:
        topic: Paid key string
        {"type": "record", "name": "Paid", "fields": []}
    """
    keyed = {s.topic for s in site.subjects if s.role == "key"}
    seen: set[str] = set()
    for subject in site.subjects:
        topic = subject.topic
        if subject.role != "value" or topic is None or topic in keyed | seen:
            continue
        seen.add(topic)
        at = site.root_of(subject.path)
        yield Issue(f"the topic {topic} declares no key", 'add key = "string" or a type', at)


@rule("SR555", ProjectSite, severity=Severity.WARNING)
def compatibility_level_none(site: ProjectSite) -> Iterator[Issue]:
    """A subject with the level NONE, which promises nothing.

    Bad:
        topic: Paid level NONE
        {"type": "record", "name": "Paid", "fields": []}
    Good:
        topic: Paid level BACKWARD
        {"type": "record", "name": "Paid", "fields": []}
    """
    for subject in site.subjects:
        if subject.level is CompatibilityLevel.NONE and subject.role != "key":
            yield Issue(
                f"the subject {subject.subject} has the level NONE: any change passes",
                "choose a level that fits who is upgraded first",
                site.root_of(subject.path),
            )


@rule("SR556", FieldSite, severity=Severity.WARNING)
def sensitive_field(
    site: FieldSite,
    *,
    names: tuple[str, ...] = (
        "password", "passwd", "secret", "cvv", "cvc", "pin", "private_key", "card_number",
        "api_key", "access_token", "refresh_token",
    ),
) -> Iterator[Issue]:  # fmt: skip
    """A secret or card data in an event.

    Events are stored, copied and read by many; what must not leak must not be in them.

    Bad:
        {"type": "record", "name": "Login", "fields": [{"name": "password", "type": "string"}]}
    Good:
        {"type": "record", "name": "Login", "fields": [{"name": "userId", "type": "string"}]}
    """
    if has_words(site.field.name, names):
        yield Issue(
            f"{site.field.name!r} looks like a secret",
            "send a reference in a new field, and leave this one empty once readers are upgraded",
        )


@rule("SR557", FieldSite, severity=Severity.WARNING, preset=Preset.STRICT)
def pii_untagged(
    site: FieldSite,
    *,
    names: tuple[str, ...] = (
        "email", "phone", "ssn", "birth", "birthday", "first_name", "last_name", "full_name",
        "street", "ip_address", "passport", "iban",
    ),
    properties: tuple[str, ...] = ("pii", "tags", "confluent:tags", "classification"),
) -> Iterator[Issue]:  # fmt: skip
    """A field that looks like personal data but is not tagged.

    `properties` are properties of a field that count as a tag.

    Bad:
        {"type": "record", "name": "User", "fields": [{"name": "email", "type": "string"}]}
    Good:
        {"type": "record", "name": "User", "fields": [
          {"name": "email", "type": "string", "pii": true}]}
    """
    if has_words(site.field.name, names) and not any(p in site.field.props for p in properties):
        yield Issue(
            f"{site.field.name!r} looks like personal data", f"tag it with {properties[0]!r}"
        )


@rule("SR558", FieldSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def deprecated_without_note(site: FieldSite) -> Iterator[Issue]:
    """A field marked `deprecated` without a reason and a replacement.

    They may be in the mark or in the doc.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "total", "type": "long", "deprecated": true}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "total", "type": "long", "deprecated": "use totalAmount"}]}
    """
    mark = site.field.props.get("deprecated")
    if mark is True or (isinstance(mark, str | dict) and not mark):
        if "deprecated" in words(site.field.doc or ""):
            return
        yield Issue(
            f"{site.field.name!r} is deprecated without a note",
            'write the reason and the replacement: "deprecated": "use …"',
        )


@rule("SR562", FieldSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def deprecation_unreadable(site: FieldSite) -> Iterator[Issue]:
    """A `deprecated` object that does not say what it is meant to.

    Its members are `replacement` (a field of the same record), `removal` (the first day without the
    field), `since` and `reason`; `check` compares a removal with that day.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "total", "type": "long", "deprecated": {"removal": "next year"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "total", "type": "long",
           "deprecated": {"removal": "2030-12-31", "replacement": "totalAmount"}},
          {"name": "totalAmount", "type": "long"}]}
    """
    mark = site.field.props.get(PROPERTY)
    if not isinstance(mark, dict):
        return
    for key, value in mark.items():
        if key not in KEYS:
            advice = did_you_mean(key, KEYS)
            yield Issue(f"the deprecation of {site.name!r} has an unknown {key!r}", advice)
        elif key in ("removal", "since") and day_of(value) is None:
            message = f"the {key} of {site.name!r} is no day: {json.dumps(value)}"
            yield Issue(message, "write it like 2030-12-31")
    replacement = mark.get("replacement")
    names = {field.name for field in site.record.fields}
    first = replacement.partition(".")[0] if isinstance(replacement, str) else None
    if first is not None and first not in names:
        message = f"{site.name!r} is replaced by {replacement!r}, which {site.record.name} lacks"
        yield Issue(message, did_you_mean(first, names))


@rule("SR559", ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def key_field_present(site: ProjectSite) -> Iterator[Issue]:
    """A field of a topic's key that its event lacks or may leave null.

    Consumers that have only the value need it there.

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
    files = {file.path: file for file in site.files}
    keys = {s.topic: files[s.path] for s in site.subjects if s.role == "key" and s.path in files}
    for subject in site.subjects:
        key, event = keys.get(subject.topic), files.get(subject.path or "")
        if subject.role != "value" or key is None or event is None or event.fields is None:
            continue
        for name in key.fields or ():
            if event.fields.get(name, True):
                yield Issue(
                    f"the key's field {name!r} is not always in {event.element.rpartition('.')[2]}",
                    f"add a required field {name!r} to the event, with a default for old events",
                    event,
                )


@rule("SR560", FileSite, severity=Severity.INFO, preset=Preset.ALL)
def owner_required(
    site: FileSite, *, properties: tuple[str, ...] = ("owner", "team")
) -> Iterator[Issue]:
    """A file whose type names no owner.

    `properties` are properties of the type that name one.

    Bad:
        {"type": "record", "name": "Paid", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "owner": "billing", "fields": []}
    """
    root = site.file.schema.root
    if site.file.fullname is not None and not set(properties) & set(getattr(root, "props", ())):
        yield Issue(f"{site.file.fullname} has no owner", f'add "{properties[0]}": a team')


@rule("SR561", FileSite, severity=Severity.INFO, preset=Preset.ALL)
def classification_required(
    site: FileSite,
    *,
    allowed: tuple[str, ...] = ("public", "internal", "confidential", "restricted"),
) -> Iterator[Issue]:
    """An event without a `classification`, or with one that is not `allowed`.

    Bad:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": []}
    Good:
        topic: Paid
        {"type": "record", "name": "Paid", "classification": "internal", "fields": []}
    """
    root = site.file.schema.root
    if not site.is_event or not isinstance(root, Record):
        return
    given = root.props.get("classification")
    if given not in allowed:
        yield Issue(
            f"{root.name} has the classification {given!r}"
            if given
            else f"{root.name} is not classified",
            f'add "classification": one of {", ".join(allowed)}',
        )
