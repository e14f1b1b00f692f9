"""Rules about instants, dates and durations: what lacks a unit or a zone, or is rounded."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.findings import Severity
from schemareg.lint.facts import LogicalFact, ProjectSite
from schemareg.lint.name_words import ends_in_words, has_words, words
from schemareg.lint.nodes import is_plain, logical_name, plain_kind, without_null
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import FieldSite, Trait

INSTANTS = ("timestamp", "at", "ts", "time", "datetime", "date_time", "instant")
NO_INSTANTS = (
    "processing", "response", "elapsed", "execution", "running", "lead", "wait", "travel",
    "handling", "format", "look", "flat", "full", "part", "active", "idle", "on", "off", "down",
    "up", "rest", "zone", "offset", "logical",
)  # fmt: skip
UNITS_OF_TIME = frozenset(
    ("second", "seconds", "ms", "millisecond", "milliseconds", "minute", "minutes", "hours",
     "duration")
)  # fmt: skip
FORMATS_OF_TIME = frozenset(("iso", "rfc", "yyyy", "formatted"))
STARTS_OF_TIME = frozenset(("since", "epoch", "unix", "utc", "1970", "timestamp", "instant"))


@rule("SR105", FieldSite, severity=Severity.WARNING, traits=Trait.WHOLE | Trait.TEXT)
def timestamp_without_logical_type(
    site: FieldSite,
    *,
    names: tuple[str, ...] = INSTANTS,
    besides: tuple[str, ...] = NO_INSTANTS,
) -> Iterator[Issue]:  # fmt: skip
    """A number or text that is named like an instant but has no unit.

    Seconds, milliseconds or microseconds, and of which zone: every consumer has to guess. A
    logical type defines it, and the bytes of a long stay the same. `names` are the last words of
    a field's name that make it an instant, `besides` words with which it is none. Durations are
    passed over: a time of an -ing word, or a doc that has a unit but no start; so is a text whose
    doc has its format.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "paidAt", "type": "long"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    name = site.field.name
    kind = plain_kind(site.field.type)
    if not ends_in_words(name, names) or has_words(name, besides) or _is_duration(site, kind):
        return
    if kind == "string" and FORMATS_OF_TIME & {*words(site.field.doc or "")}:
        return
    if is_plain(site.field.type, "long", "int", "string"):
        yield Issue(
            f"{name!r} is named like an instant, but a plain {kind} has no unit",
            'use {"type": "long", "logicalType": "timestamp-millis"}, or the unit that the'
            " numbers have (the bytes stay the same)"
            if kind == "long"
            else 'use {"type": "long", "logicalType": "timestamp-millis"} in a new field',
        )


def _is_duration(site: FieldSite, kind: str | None) -> bool:
    """Whether the field is an amount of time, as far as name and doc show it."""
    parts, doc = words(site.field.name), words(site.field.doc or "")
    if parts[-1:] == ("time",) and (kind == "int" or (parts[-2:-1] and parts[-2].endswith("ing"))):
        return True
    return bool(set(doc) & UNITS_OF_TIME) and not set(doc) & STARTS_OF_TIME


@rule("SR106", FieldSite, severity=Severity.WARNING, preset=Preset.STRICT, traits=Trait.TEXT)
def date_as_string(
    site: FieldSite, *, names: tuple[str, ...] = ("date", "day", "birthday")
) -> Iterator[Issue]:
    """A calendar date stored as text.

    Text has no order and no check: 2026-02-30 and 03/04/26 are both accepted.

    Bad:
        {"type": "record", "name": "Booked", "fields": [{"name": "startDate", "type": "string"}]}
    Good:
        {"type": "record", "name": "Booked", "fields": [
          {"name": "startDate", "type": {"type": "int", "logicalType": "date"}}]}
    """
    if is_plain(site.field.type, "string") and ends_in_words(site.field.name, names):
        yield Issue(
            f"{site.field.name!r} is named like a date, but is text",
            'use {"type": "int", "logicalType": "date"} in a new field',
        )


@rule("SR108", FieldSite, severity=Severity.WARNING, traits=Trait.TYPE_PROPERTIES)
def local_timestamp_for_event_time(
    site: FieldSite, *, names: tuple[str, ...] = ("at", "timestamp", "ts", "instant")
) -> Iterator[Issue]:
    """An instant stored as wall-clock time.

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
            f"use {name.removeprefix('local-')} in a new field: the same number there means another"
            " instant",
        )


@rule("SR109", ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def mixed_time_precision(site: ProjectSite) -> Iterator[Issue]:
    """One project stores instants in several units.

    Consumers that expect one unit read the other as dates in 1970 or in the year 50000. The
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


@rule(
    "SR113",
    FieldSite,
    severity=Severity.WARNING,
    preset=Preset.STRICT,
    traits=Trait.FLOATING,
)
def instant_as_floating_point(
    site: FieldSite, *, names: tuple[str, ...] = INSTANTS, besides: tuple[str, ...] = NO_INSTANTS
) -> Iterator[Issue]:
    """An instant as a floating-point number of seconds.

    Its precision depends on the date, equal instants of two systems differ, and the unit is
    nowhere but in the doc. `names` and `besides` are as in `timestamp-without-logical-type`.

    Bad:
        {"type": "record", "name": "Measured", "fields": [{"name": "time", "type": "double"}]}
    Good:
        {"type": "record", "name": "Measured", "fields": [{"name": "time", "type":
          {"type": "long", "logicalType": "timestamp-micros"}}]}
    """
    name, kind = site.field.name, plain_kind(site.field.type)
    if not ends_in_words(name, names) or has_words(name, besides) or _is_duration(site, kind):
        return
    if kind == "string" and FORMATS_OF_TIME & {*words(site.field.doc or "")}:
        return
    yield Issue(
        f"{name!r} is named like an instant, but {kind} rounds it",
        'use {"type": "long", "logicalType": "timestamp-micros"} in a new field',
    )
