"""Rules about numbers: money, identifiers, units."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.schema import Primitive
from schemareg.findings import Severity
from schemareg.lint.name_words import ends_in_words, has_words
from schemareg.lint.nodes import plain_kind, without_null
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import FieldSite, Trait

MONEY = (
    "price", "amount", "subtotal", "fee", "balance", "cost", "salary", "refund",
    "discount", "tax", "vat", "revenue", "payment",
)  # fmt: skip
NOT_MONEY = (
    "id", "count", "rate", "percent", "percentage", "ratio", "factor", "list", "type", "index",
    "distance", "weight", "volume", "length", "size", "area", "energy", "kwh", "score", "items",
    "quantity", "duration", "delay", "depth", "loss", "elevation", "probability",
    "time", "millis", "seconds", "minutes", "hours", "days", "bytes",
    "dist", "speed", "steps", "calories", "mass", "power", "rain", "precipitation",
)  # fmt: skip


def _is_money(name: str, names: tuple[str, ...], besides: tuple[str, ...]) -> bool:
    named = has_words(name, names) or ends_in_words(name, ("total",))
    return named and not has_words(name, besides)


@rule("SR151", FieldSite, severity=Severity.WARNING, traits=Trait.FLOATING)
def money_as_double(
    site: FieldSite, *, names: tuple[str, ...] = MONEY, besides: tuple[str, ...] = NOT_MONEY
) -> Iterator[Issue]:
    """An amount of money as a binary floating-point number.

    0.1 + 0.2 is not 0.3 there; sums drift by cents, and no two systems round alike. `names` are
    words that make a field money, as `total` does at its end; with one of `besides` it is none.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "totalPrice", "type": "double"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "totalPrice", "type":
            {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
          {"name": "taxRate", "type": "double"}]}
    """
    kind, name = plain_kind(site.field.type), site.field.name
    if kind in ("float", "double") and _is_money(name, names, besides):
        yield Issue(
            f"{name!r} is named like money, but {kind} rounds it",
            "use a decimal (or minor units in a long) in a new field, and keep this one for the"
            " readers that have it",
        )


@rule(
    "SR152",
    FieldSite,
    severity=Severity.WARNING,
    preset=Preset.STRICT,
    traits=Trait.FLOATING | Trait.TYPE_PROPERTIES,
)
def money_without_currency(
    site: FieldSite, *, names: tuple[str, ...] = MONEY, besides: tuple[str, ...] = NOT_MONEY
) -> Iterator[Issue]:
    """An amount of money whose record names no currency.

    Once there is a second currency, nobody knows that of the old events.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "amount", "type":
            {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "amount", "type":
            {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
          {"name": "currency", "type": "string"}]}
    """
    node, name = without_null(site.field.type), site.field.name
    is_number = isinstance(node, Primitive) and (
        node.kind in ("float", "double") or node.props.get("logicalType") == "decimal"
    )
    if not is_number or not _is_money(name, names, besides):
        return
    if not any(has_words(other.name, ("currency",)) for other in site.record.fields):
        yield Issue(
            f"{name!r} is money, but {site.record.name} names no currency",
            "add a currency field, or use a shared type that holds both",
        )


@rule("SR153", FieldSite, severity=Severity.ERROR, traits=Trait.FLOATING)
def float_identifier(site: FieldSite, *, names: tuple[str, ...] = ("id",)) -> Iterator[Issue]:
    """An identifier as a floating-point number.

    Above 2^53 (float: 2^24) neighbouring numbers become the same.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "double"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "long"}]}
    """
    kind = plain_kind(site.field.type)
    if kind in ("float", "double") and ends_in_words(site.field.name, names):
        yield Issue(
            f"{site.field.name!r} is an identifier, but {kind} loses digits",
            "use string or long in a new field, and keep this one for the readers that have it",
        )


@rule("SR154", FieldSite, severity=Severity.WARNING, preset=Preset.STRICT, traits=Trait.WHOLE)
def int_identifier_overflow(
    site: FieldSite, *, names: tuple[str, ...] = ("id", "sequence", "epoch")
) -> Iterator[Issue]:
    """An identifier or sequence as int, which ends at 2147483647.

    Widening to long later is legal for readers, but they all have to be upgraded first.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "int"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "long"}]}
    """
    node = without_null(site.field.type)
    is_int = isinstance(node, Primitive) and node.kind == "int" and "logicalType" not in node.props
    if is_int and ends_in_words(site.field.name, names):
        yield Issue(
            f"{site.field.name!r} is an int, which ends at 2147483647",
            "use long before it is registered; later, upgrade all readers to long first",
        )


@rule(
    "SR155",
    FieldSite,
    severity=Severity.INFO,
    preset=Preset.STRICT,
    traits=Trait.WHOLE | Trait.FLOATING,
)
def unit_missing_in_name_or_doc(
    site: FieldSite,
    *,
    names: tuple[str, ...] = (
        "duration", "size", "weight", "distance", "length", "width", "height", "timeout", "ttl",
    ),
    units: tuple[str, ...] = (
        "nanos", "micros", "millis", "ms", "seconds", "minutes", "hours", "days",
        "bytes", "kb", "mb", "kib", "mib", "grams", "kilograms", "kg", "lb",
        "meters", "metres", "km", "cm", "mm", "miles", "pixels", "milliseconds",
    ),
) -> Iterator[Issue]:  # fmt: skip
    """A quantity without a unit in its name, doc, or `unit` property.

    Bad:
        {"type": "record", "name": "Packed", "fields": [{"name": "weight", "type": "int"}]}
    Good:
        {"type": "record", "name": "Packed", "fields": [{"name": "weightGrams", "type": "int"}]}
    """
    kind, name = plain_kind(site.field.type), site.field.name
    prose = f"{name} {site.field.doc or ''}"
    is_number = kind in ("int", "long", "float", "double")
    if (
        is_number
        and ends_in_words(name, names)
        and not has_words(prose, units)
        and "unit" not in site.field.props
    ):
        yield Issue(f"{name!r} has no unit", 'add it to the doc, or as a property "unit"')
