"""Rules about logical types: what readers silently ignore, and what lacks a unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemareg.avro.schema import Fixed, JsonValue, Node, Primitive
from schemareg.findings import Severity
from schemareg.lint.facts import ProjectSite
from schemareg.lint.name_words import has_words
from schemareg.lint.nodes import is_nullable, is_plain, logical_name, plain_kind, without_null
from schemareg.lint.rule import Issue, Proposal, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import At, FieldSite, NodeSite, Trait
from schemareg.places import child
from schemareg.suggestions import did_you_mean
from schemareg.syntax import Remove, Replace

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


@rule("SR101", FieldSite, severity=Severity.ERROR, traits=Trait.PROPERTIES)
def logical_type_misplaced(site: FieldSite) -> Iterator[Issue]:
    """A logical type, or the scale or precision of a decimal, beside the field's type.

    Readers look for them inside the type only. Beside the field's `type` they are properties
    that nobody reads, and the values stay plain numbers, texts or bytes.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": "long", "logicalType": "timestamp-millis"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    props, inner = site.field.props, without_null(site.field.type)
    name = props.get("logicalType")
    if isinstance(name, str):
        yield Issue(
            f"the logical type {name!r} is beside the field's type, where readers ignore it",
            _inside(name, site.field.type),
            At(site.path, child(site.pointer, "logicalType"), site.element),
            fix=_moved_inside(site, name),
        )
    elif logical_name(inner) == "decimal":
        for key in ("precision", "scale"):
            if key in props:
                yield Issue(
                    f"the {key} is beside the field's type, where readers ignore it",
                    "move it into the type, beside its logicalType: without it readers use"
                    " another number",
                    At(site.path, child(site.pointer, key), site.element),
                )


def _moved_inside(site: FieldSite, name: str) -> Proposal | None:
    """The logical type in the field's type, which is the bare name of one that can carry it."""
    kind = site.value.get("type")
    if not isinstance(kind, str) or kind not in BASES.get(name, ()) or name == "decimal":
        return None
    inner = f'{{"type": "{kind}", "logicalType": "{name}"}}'
    edits = (
        Replace(child(site.pointer, "type"), inner),
        Remove(child(site.pointer, "logicalType")),
    )
    return Proposal(f"move {name!r} into the type", edits, is_safe=False)


def _inside(name: str, type_: Node) -> str:
    """Where the logical type `name` goes, as the type of the field carries it or does not."""
    kind, bases = plain_kind(type_), BASES.get(name)
    if bases is None or kind is None:
        return "move it into the type"
    if kind not in bases:
        return (
            f"remove it: {kind} cannot carry {name}, which needs {' or '.join(bases)};"
            " put that into a new field"
        )
    inner = f'{{"type": "{kind}", "logicalType": "{name}"}}'
    return f'write "type": {f"""["null", {inner}]""" if is_nullable(type_) else inner}'


@rule("SR102", NodeSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def unknown_logical_type(site: NodeSite, *, known: tuple[str, ...] = ()) -> Iterator[Issue]:
    """A logical type that Avro does not define.

    Readers use the base type silently, so a misspelling shows only in the data. `known` lists
    further logical types that all your readers understand.

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

    Readers ignore it and return plain numbers or texts.

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
            f"the logical type {name!r} needs {' or '.join(bases)}, not {kind}",
            f"remove it, or use {' or '.join(bases)} in a new field: readers cannot read another"
            " type in a registered one",
        )
    size = {"uuid": 16, "duration": 12}.get(name or "")
    if isinstance(site.node, Fixed) and size and site.node.size != size:
        yield Issue(
            f"the logical type {name!r} needs a fixed of size {size}, not {site.node.size}",
            f"use a new type of size {size}: readers of a registered fixed cannot read another",
        )


@rule("SR104", NodeSite, severity=Severity.ERROR, traits=Trait.PROPERTIES)
def decimal_precision_scale(site: NodeSite) -> Iterator[Issue]:
    """A decimal whose precision or scale is missing or does not fit.

    Readers ignore such a decimal and return bytes: precision must be a whole number from 1,
    scale one from 0 up to precision, and a fixed must be long enough for the precision.

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
            f"the precision of this decimal is {_shown(precision)}",
            "set precision to the number of digits, from 1",
        )
        return
    if not _is_whole(scale, least=0) or int(str(scale)) > int(str(precision)):
        yield Issue(
            f"the scale of this decimal is {_shown(scale)}, its precision {precision}",
            "set scale to the digits after the point, from 0 up to precision",
        )
    if isinstance(node, Fixed) and int(str(precision)) > _digits(node.size):
        yield Issue(
            f"a fixed of {node.size} bytes holds {_digits(node.size)} digits, not {precision}",
            "make the precision smaller, or use a longer fixed as a new type: readers of a"
            " registered one cannot read another size",
        )


def _is_whole(value: JsonValue, *, least: int) -> bool:
    return type(value) is int and value >= least


def _shown(value: JsonValue) -> str:
    return "missing" if value is None else repr(value)


def _digits(size: int) -> int:
    """Decimal digits that a signed number of `size` bytes always holds."""
    return len(str(2 ** (8 * size - 1) - 1)) - 1 if size > 0 else 0


@rule("SR107", FieldSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.TEXT)
def uuid_without_logical_type(
    site: FieldSite, *, names: tuple[str, ...] = ("uuid", "guid")
) -> Iterator[Issue]:
    """A text named like a UUID without the logical type.

    With it, readers check the value and return a UUID; the bytes stay the same.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "paymentUuid", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paymentUuid", "type": {"type": "string", "logicalType": "uuid"}}]}
    """
    if is_plain(site.field.type, "string") and has_words(site.field.name, names):
        yield Issue(
            f"{site.field.name!r} is named like a UUID, but is any text",
            'use {"type": "string", "logicalType": "uuid"} (the bytes stay the same)',
        )


@rule("SR110", ProjectSite, severity=Severity.WARNING)
def nanos_needs_avro_1_12(site: ProjectSite) -> Iterator[Issue]:
    """A logical type that Avro before 1.12 does not know, though the project writes for 1.11.

    Older readers ignore it and return plain numbers or bytes. Not reported with
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
            yield Issue(
                f"Avro 1.11 readers do not know {fact.name}",
                "use an older logical type, in a new field where this one is registered",
                fact,
            )
