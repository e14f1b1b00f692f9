"""Rules about the shape of schemas."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.schema import Array, Enum, Map, Record, Union, resolve
from schemareg.findings import Severity
from schemareg.lint.name_words import counted, words
from schemareg.lint.nodes import is_nullable, plain_kind, without_null
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import FieldSite, FileSite, NodeSite, Trait, TypeSite


@rule("SR401", NodeSite, severity=Severity.WARNING, traits=Trait.UNION)
def complex_union(site: NodeSite, *, most: int = 1) -> Iterator[Issue]:
    """A union of more than null and one type.

    Many sinks and languages cannot map it, and a branch cannot be removed later. `most` is the
    number of branches beside null that is allowed. A union of records is not reported: each names
    what it is, as the events of a topic do.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": ["null", "string", "long"], "default": null}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": ["null", "string"], "default": null}]}
    """
    if isinstance(site.node, Union) and site.pointer:
        others = [resolve(b) for b in site.node.branches if b.kind != "null"]
        if len(others) > most and any(other.kind != "record" for other in others):
            yield Issue(
                f"a union of {len(others)} types",
                "use one type, or a record with a field for each, in a new field where this one is"
                " registered",
            )


@rule("SR402", FileSite, severity=Severity.ERROR)
def root_must_be_record(site: FileSite) -> Iterator[Issue]:
    """A file whose outermost type has no name, or an event that is not a record.

    Only a record can grow by fields, and only a named type can be referred to. A union of records
    is accepted: it lists the events of a topic.

    Bad:
        {"type": "array", "items": "string"}
    Good:
        {"type": "record", "name": "Paid", "fields": []}
    """
    root = site.file.schema.root
    kind = root.kind
    if site.file.schema.source is not None:
        return  # a file of definitions in another language, which has no outermost type
    if isinstance(root, Union) and all(resolve(b).kind == "record" for b in root.branches):
        return
    if site.file.fullname is None or (site.is_event and kind != "record"):
        yield Issue(
            f"the outermost type is {'an' if kind[0] in 'aei' else 'a'} {kind}",
            "put it into a field of a record, as a new type",
        )


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
        yield Issue(
            f"{site.node.name} is defined {counted(site.depth, 'level')} deep",
            "define it in a file of its own",
        )


@rule("SR404", TypeSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.RECORD)
def too_many_fields(site: TypeSite, *, most: int = 60) -> Iterator[Issue]:
    """A record of more than `most` fields.

    An event states one fact; one with so many fields is often a table row.

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
            f"{site.node.name} has {counted(len(site.node.fields), 'field')}",
            "group related fields in records, in a new version of the event",
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
        yield Issue(f"{site.node.name} has no fields", "add a field with a default")


@rule("SR406", FieldSite, severity=Severity.WARNING, traits=Trait.TEXT | Trait.BYTES)
def generic_payload(
    site: FieldSite, *, names: tuple[str, ...] = ("payload", "data", "json", "body", "blob", "raw")
) -> Iterator[Issue]:
    """A text or bytes field that hides the real contract.

    Its content is neither checked nor are its changes.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "payload", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "string"}]}
    """
    opaque = plain_kind(site.field.type) in ("string", "bytes")
    if opaque and site.field.name.lower() in names:
        yield Issue(f"{site.field.name!r} hides its contract in {plain_kind(site.field.type)}",
                  "describe its content as fields, beside it while readers need it")  # fmt: skip


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
            yield Issue(
                f"the {site.node.kind} may contain nulls",
                "leave out such items, in a new field where this one is registered",
            )
        case _:
            return


@rule("SR408", FieldSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.NULLABLE)
def nullable_collection(site: FieldSite) -> Iterator[Issue]:
    """A list or map that may be null as well as empty.

    Every reader has to treat two values that mean "none".

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
        yield Issue(
            f"{site.field.name!r} may be null and empty",
            f'use the type without null and "default": {empty}, in a new field where this one is'
            " registered",
        )


@rule("SR409", TypeSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.ENUM)
def enum_too_small(site: TypeSite, *, least: int = 2) -> Iterator[Issue]:
    """An enum with too few symbols to distinguish anything.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS"]}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
    """
    if isinstance(site.node, Enum) and len(site.node.symbols) < least:
        yield Issue(
            f"{site.node.name} has {counted(len(site.node.symbols), 'symbol')}",
            "add the symbols that will be needed, or leave out the enum before it is registered",
        )


@rule("SR410", FieldSite, severity=Severity.INFO, preset=Preset.ALL, traits=Trait.CONTAINER)
def map_key_semantics(
    site: FieldSite, *, marks: tuple[str, ...] = ("by", "key", "keys", "keyed", "per", "name")
) -> Iterator[Issue]:
    """A map whose doc does not describe its keys.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "quantities",
          "type": {"type": "map", "values": "int"}, "doc": "Pieces paid."}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "quantities",
          "type": {"type": "map", "values": "int"}, "doc": "Pieces paid, by article."}]}
    """
    is_map = isinstance(without_null(site.field.type), Map)
    if is_map and not set(words(site.field.doc or "")) & set(marks):
        yield Issue(
            f"the doc does not describe the keys of {site.field.name!r}", "add it to the doc"
        )
