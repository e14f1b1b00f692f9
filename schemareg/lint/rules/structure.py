"""Rules about the shape of schemas."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.schema import Array, Enum, Map, Record, Union
from schemareg.findings import Severity
from schemareg.lint.name_words import words
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import (
    FieldSite,
    FileSite,
    NodeSite,
    Trait,
    TypeSite,
    is_nullable,
    plain_kind,
    without_null,
)


@rule("SR401", NodeSite, severity=Severity.WARNING, traits=Trait.UNION)
def complex_union(site: NodeSite, *, most: int = 1) -> Iterator[Issue]:
    """A union of more than null and one type.

    Many sinks and languages cannot map it, and a branch cannot be taken away later. `most` is
    the number of branches beside null that is allowed.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": ["null", "string", "long"], "default": null}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": ["null", "string"], "default": null}]}
    """
    if isinstance(site.node, Union):
        others = [b for b in site.node.branches if b.kind != "null"]
        if len(others) > most:
            yield Issue(
                f"a union of {len(others)} types", "use one type, or a record with a field each"
            )


@rule("SR402", FileSite, severity=Severity.ERROR)
def root_must_be_record(site: FileSite) -> Iterator[Issue]:
    """A file whose outermost type has no name, or an event that is not a record.

    Only a record can grow by fields, and only a named type can be referred to.

    Bad:
        {"type": "array", "items": "string"}
    Good:
        {"type": "record", "name": "Paid", "fields": []}
    """
    kind = site.file.schema.root.kind
    if site.file.fullname is None or (site.is_event and kind != "record"):
        yield Issue(f"the outermost type is a {kind}", "wrap it in a record")


@rule("SR403", TypeSite, severity=Severity.INFO, preset=Preset.STRICT)
def nesting_too_deep(site: TypeSite, *, most: int = 5) -> Iterator[Issue]:
    """A type defined inside more than `most` others.

    Bad:
        most = 1
        {"type": "record", "name": "A", "fields": [{"name": "b", "type":
          {"type": "record", "name": "B", "fields": [{"name": "c", "type":
            {"type": "record", "name": "C", "fields": []}}]}}]}
    Good:
        most = 1
        {"type": "record", "name": "A", "fields": [{"name": "b", "type":
          {"type": "record", "name": "B", "fields": []}}]}
    """
    if site.depth > most:
        yield Issue(f"{site.node.name} is defined {site.depth} levels deep", "give it a file")


@rule("SR404", TypeSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.RECORD)
def too_many_fields(site: TypeSite, *, most: int = 60) -> Iterator[Issue]:
    """A record of more than `most` fields.

    Mostly a table was dumped; an event states one fact.

    Bad:
        most = 1
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string"}, {"name": "sum", "type": "long"}]}
    Good:
        most = 2
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string"}, {"name": "sum", "type": "long"}]}
    """
    if isinstance(site.node, Record) and len(site.node.fields) > most:
        yield Issue(
            f"{site.node.name} has {len(site.node.fields)} fields", "group what belongs together"
        )


@rule("SR405", TypeSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.RECORD)
def empty_record(site: TypeSite) -> Iterator[Issue]:
    """A record without fields, which SQL and Parquet sinks refuse.

    Bad:
        {"type": "record", "name": "Pinged", "fields": []}
    Good:
        {"type": "record", "name": "Pinged", "fields": [{"name": "by", "type": "string"}]}
    """
    if isinstance(site.node, Record) and not site.node.fields:
        yield Issue(f"{site.node.name} has no fields", "add what the event is about")


@rule("SR406", FieldSite, severity=Severity.WARNING, traits=Trait.TEXT | Trait.BYTES)
def generic_payload(
    site: FieldSite, *, names: tuple[str, ...] = ("payload", "data", "json", "body", "blob", "raw")
) -> Iterator[Issue]:
    """A text or bytes field that hides the real contract.

    What is inside is neither checked nor can its changes be judged.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "payload", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "string"}]}
    """
    opaque = plain_kind(site.field.type) in ("string", "bytes")
    if opaque and site.field.name.lower() in names:
        yield Issue(f"{site.field.name!r} hides its contract in {plain_kind(site.field.type)}",
                  "describe what is inside as fields")  # fmt: skip


@rule("SR407", NodeSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.CONTAINER)
def array_of_nullable(site: NodeSite) -> Iterator[Issue]:
    """An array or map whose items may be null.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "tags", "type": {"type": "array", "items": ["null", "string"]}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "tags", "type": {"type": "array", "items": "string"}}]}
    """
    match site.node:
        case Array(items=inner) | Map(values=inner) if is_nullable(inner):
            yield Issue(f"the {site.node.kind} holds nulls", "leave such items away")
        case _:
            return


@rule("SR408", FieldSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.NULLABLE)
def nullable_collection(site: FieldSite) -> Iterator[Issue]:
    """A list or map that may be null as well as empty.

    Every reader has to treat two ways of saying "none".

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "tags", "type": ["null", {"type": "array", "items": "string"}]}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []}]}
    """
    inner = without_null(site.field.type)
    if is_nullable(site.field.type) and isinstance(inner, Array | Map):
        empty = "[]" if isinstance(inner, Array) else "{}"
        yield Issue(f"{site.field.name!r} may be null and empty", f'use "default": {empty}')


@rule("SR409", TypeSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.ENUM)
def enum_too_small(site: TypeSite, *, least: int = 2) -> Iterator[Issue]:
    """An enum with fewer symbols than tell anything apart.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS"]}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
    """
    if isinstance(site.node, Enum) and len(site.node.symbols) < least:
        yield Issue(f"{site.node.name} has {len(site.node.symbols)} symbols", "leave the enum away")


@rule("SR410", FieldSite, severity=Severity.INFO, preset=Preset.ALL, traits=Trait.CONTAINER)
def map_key_semantics(
    site: FieldSite, *, marks: tuple[str, ...] = ("by", "key", "keys", "keyed", "per", "name")
) -> Iterator[Issue]:
    """A map whose doc does not say what its keys are.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "quantities",
          "type": {"type": "map", "values": "int"}, "doc": "Pieces paid."}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "quantities",
          "type": {"type": "map", "values": "int"}, "doc": "Pieces paid, by article."}]}
    """
    is_map = isinstance(without_null(site.field.type), Map)
    if is_map and not set(words(site.field.doc or "")) & set(marks):
        yield Issue(f"nobody says what the keys of {site.field.name!r} are", "say it in the doc")


@rule("SR411", NodeSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.PROPERTIES)
def java_string_property(site: NodeSite) -> Iterator[Issue]:
    """A property that a Java code generator left behind.

    `avro.java.string` says how one language holds text; it changes the registered schema for all.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": {"type": "string", "avro.java.string": "String"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "by", "type": "string"}]}
    """
    if isinstance(site.value, dict) and "avro.java.string" in site.value:
        yield Issue("the property 'avro.java.string' is for one language", "take it away")
