"""Rules about logical types: what readers silently ignore, and what lacks a unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemareg.avro.schema import Fixed, JsonValue, Node, Primitive
from schemareg.findings import Severity
from schemareg.lint.facts import LogicalFact, ProjectSite
from schemareg.lint.name_words import ends_in_words, has_words
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import FieldSite, NodeSite, Trait, logical_name, plain_kind, without_null
from schemareg.suggestions import did_you_mean

BASES: Mapping[str, tuple[str, ...]] = {
    "decimal": ("bytes", "fixed"),
    "big-decimal": ("bytes",),
    "uuid": ("string", "fixed"),
    "date": ("int",),
    "time-millis": ("int",),
    "time-micros": ("long",),
    "timestamp-millis": ("long",),
    "timestamp-micros": ("long",),
    "timestamp-nanos": ("long",),
    "local-timestamp-millis": ("long",),
    "local-timestamp-micros": ("long",),
    "local-timestamp-nanos": ("long",),
    "duration": ("fixed",),
}
"""The base types of each logical type. Source: Avro specification 1.12, "Logical Types"."""


def _is_plain(node: Node, *kinds: str) -> bool:
    return plain_kind(node) in kinds and logical_name(without_null(node)) is None


@rule("SR101", FieldSite, severity=Severity.ERROR, traits=Trait.PROPERTIES)
def logical_type_misplaced(site: FieldSite) -> Iterator[Issue]:
    """A logical type stands beside the field's type instead of inside it.

    Readers look for `logicalType` in the schema of the type only. Beside the field's `type` it
    is kept as a property that nobody reads, and the values stay plain numbers.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": "long", "logicalType": "timestamp-millis"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    name = site.value.get("logicalType")
    if name is not None:
        yield Issue(
            f"the logical type {name!r} stands beside the field's type, where readers ignore it",
            f'write "type": {{"type": …, "logicalType": "{name}"}}',
        )


@rule("SR102", NodeSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def unknown_logical_type(site: NodeSite, *, known: tuple[str, ...] = ()) -> Iterator[Issue]:
    """A logical type that Avro does not define.

    Readers fall back to the base type without a word, so a misspelling shows only in the data.
    `known` lists further logical types that all your readers understand.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-milis"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    name = logical_name(site.node)
    if name is not None and name not in BASES and name not in known:
        yield Issue(f"unknown logical type {name!r}", did_you_mean(name, {*BASES, *known}))


@rule("SR103", NodeSite, severity=Severity.ERROR, traits=Trait.PROPERTIES)
def logical_type_wrong_base(site: NodeSite) -> Iterator[Issue]:
    """A logical type on a base type that cannot carry it.

    Readers ignore it: the values come out as plain numbers or texts.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "int", "logicalType": "timestamp-millis"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    name = logical_name(site.node)
    bases = BASES.get(name or "")
    kind = site.node.kind
    if bases and kind not in bases:
        yield Issue(
            f"the logical type {name!r} cannot stand on {kind}",
            f"put it on {' or '.join(bases)}",
        )
    size = {"uuid": 16, "duration": 12}.get(name or "")
    if isinstance(site.node, Fixed) and size and site.node.size != size:
        yield Issue(
            f"the logical type {name!r} needs a fixed of size {size}, not {site.node.size}",
            f"set size to {size}",
        )


@rule("SR104", NodeSite, severity=Severity.ERROR, traits=Trait.PROPERTIES)
def decimal_precision_scale(site: NodeSite) -> Iterator[Issue]:
    """A decimal whose precision and scale do not hold together.

    Readers ignore such a decimal and hand out raw bytes: precision must be a whole number from
    1, scale one from 0 up to precision, and a fixed must be long enough for the precision.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "sum", "type": {"type": "bytes", "logicalType": "decimal", "scale": 2}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "sum", "type":
            {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}}]}
    """
    node = site.node
    if logical_name(node) != "decimal" or not isinstance(node, Primitive | Fixed):
        return
    precision, scale = node.props.get("precision"), node.props.get("scale", 0)
    if not _is_whole(precision, least=1):
        yield Issue(
            f"the precision of this decimal is {_told(precision)}",
            "set precision to the number of digits, from 1",
        )
        return
    if not _is_whole(scale, least=0) or int(str(scale)) > int(str(precision)):
        yield Issue(
            f"the scale of this decimal is {_told(scale)}, its precision {precision}",
            "set scale to the digits after the point, from 0 up to precision",
        )
    if isinstance(node, Fixed) and int(str(precision)) > _digits(node.size):
        yield Issue(
            f"a fixed of {node.size} bytes holds {_digits(node.size)} digits, not {precision}",
            "make the fixed longer or the precision smaller",
        )


def _is_whole(value: JsonValue, *, least: int) -> bool:
    return type(value) is int and value >= least


def _told(value: JsonValue) -> str:
    return "missing" if value is None else repr(value)


def _digits(size: int) -> int:
    """Decimal digits that a signed number of `size` bytes always holds."""
    return len(str(2 ** (8 * size - 1) - 1)) - 1 if size > 0 else 0


@rule("SR105", FieldSite, severity=Severity.WARNING, traits=Trait.WHOLE | Trait.TEXT)
def timestamp_without_logical_type(
    site: FieldSite,
    *,
    names: tuple[str, ...] = ("timestamp", "at", "ts", "time", "datetime", "date_time", "instant"),
    besides: tuple[str, ...] = (
        "processing", "response", "elapsed", "execution", "running", "lead", "wait", "travel",
        "handling", "format", "look", "flat", "full", "part",
    ),
) -> Iterator[Issue]:  # fmt: skip
    """A number or text that is named like an instant but has no unit.

    Seconds, milliseconds or microseconds, and of which zone: every consumer has to guess. A
    logical type says it, and the bytes of a long stay the same. `names` are the last words of a
    field's name that make it an instant, `besides` words that unmake it.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "paidAt", "type": "long"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    name = site.field.name
    plain = _is_plain(site.field.type, "long", "int", "string")
    if plain and ends_in_words(name, names) and not has_words(name, besides):
        kind = plain_kind(site.field.type)
        yield Issue(
            f"{site.field.name!r} is named like an instant, but a plain {kind} has no unit",
            'use {"type": "long", "logicalType": "timestamp-millis"}'
            + (" (the bytes stay the same)" if kind == "long" else ""),
        )


@rule("SR106", FieldSite, severity=Severity.WARNING, traits=Trait.TEXT)
def date_as_string(
    site: FieldSite, *, names: tuple[str, ...] = ("date", "day", "birthday")
) -> Iterator[Issue]:
    """A calendar date kept as text.

    Text has no order and no check: 2026-02-30 and 03/04/26 both get in.

    Bad:
        {"type": "record", "name": "Booked", "fields": [{"name": "startDate", "type": "string"}]}
    Good:
        {"type": "record", "name": "Booked", "fields": [
          {"name": "startDate", "type": {"type": "int", "logicalType": "date"}}]}
    """
    if _is_plain(site.field.type, "string") and ends_in_words(site.field.name, names):
        yield Issue(
            f"{site.field.name!r} is named like a date, but is text",
            'use {"type": "int", "logicalType": "date"}',
        )


@rule("SR107", FieldSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.TEXT)
def uuid_without_logical_type(
    site: FieldSite, *, names: tuple[str, ...] = ("uuid", "guid")
) -> Iterator[Issue]:
    """A text named like a UUID without the logical type.

    With it, readers check the value and hand out a UUID; the bytes stay the same.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "paymentUuid", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paymentUuid", "type": {"type": "string", "logicalType": "uuid"}}]}
    """
    if _is_plain(site.field.type, "string") and has_words(site.field.name, names):
        yield Issue(
            f"{site.field.name!r} is named like a UUID, but is any text",
            'use {"type": "string", "logicalType": "uuid"}',
        )


@rule("SR108", FieldSite, severity=Severity.WARNING, traits=Trait.TYPE_PROPERTIES)
def local_timestamp_for_event_time(
    site: FieldSite, *, names: tuple[str, ...] = ("at", "timestamp", "ts", "instant")
) -> Iterator[Issue]:
    """An instant kept as wall-clock time.

    Local timestamps of two zones cannot be ordered, and one hour a year happens twice.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "local-timestamp-millis"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    name = logical_name(without_null(site.field.type)) or ""
    if name.startswith("local-timestamp-") and ends_in_words(site.field.name, names):
        yield Issue(
            f"{site.field.name!r} is named like an instant, but {name} has no zone",
            f"use {name.removeprefix('local-')}",
        )


@rule("SR109", ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def mixed_time_precision(site: ProjectSite) -> Iterator[Issue]:
    """One project keeps instants in several units.

    Consumers that learnt one unit take the other for dates in 1970 or in the year 50000. The
    rarer unit is reported.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "askedAt", "type": {"type": "long", "logicalType": "timestamp-millis"}},
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-micros"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "askedAt", "type": {"type": "long", "logicalType": "timestamp-millis"}},
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    units: dict[str, list[LogicalFact]] = {}
    for fact in site.logical:
        if fact.name.startswith("timestamp-"):
            units.setdefault(fact.name, []).append(fact)
    if len(units) < 2:
        return
    usual = max(units, key=lambda name: len(units[name]))
    for name, facts in units.items():
        for fact in facts if name != usual else ():
            yield Issue(
                f"{name} here, {usual} in most places",
                f"use {usual} in a new field: a registered one cannot change its unit",
                fact,
            )


@rule("SR110", ProjectSite, severity=Severity.WARNING)
def nanos_needs_avro_1_12(site: ProjectSite) -> Iterator[Issue]:
    """A logical type that Avro before 1.12 does not know, though the project writes for 1.11.

    Older readers ignore it and hand out plain numbers or bytes. Silent under
    `avro_version = "1.12"`.

    Bad:
        avro_version = 1.11
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-nanos"}}]}
    Good:
        avro_version = 1.11
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-micros"}}]}
    """
    if site.avro_version != "1.11":
        return
    for fact in site.logical:
        if fact.name in ("timestamp-nanos", "local-timestamp-nanos", "big-decimal"):
            yield Issue(f"Avro 1.11 readers do not know {fact.name}", "use an older one", fact)
