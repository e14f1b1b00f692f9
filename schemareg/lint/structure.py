"""Rules about the shape of schemas, and about types across the project."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.schema import Array, Enum, Map, NameRef, Node, Primitive, Record, Union
from schemareg.findings import Severity
from schemareg.lint.rule import Hit, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import (
    FieldSite,
    FileSite,
    NodeSite,
    ProjectSite,
    TypeSite,
    is_nullable,
    plain_kind,
    without_null,
)
from schemareg.lint.words import says, words


@rule(NodeSite, severity=Severity.WARNING)
def complex_union(site: NodeSite, *, most: int = 1) -> Iterator[Hit]:
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
            yield Hit(
                f"a union of {len(others)} types", "use one type, or a record with a field each"
            )


@rule(FileSite, severity=Severity.ERROR)
def root_must_be_record(site: FileSite) -> Iterator[Hit]:
    """A file whose outermost type has no name, or an event that is not a record.

    Only a record can grow by fields, and only a named type can be referred to.

    Bad:
        {"type": "array", "items": "string"}
    Good:
        {"type": "record", "name": "Paid", "fields": []}
    """
    kind = site.file.schema.root.kind
    if site.file.fullname is None or (site.is_event and kind != "record"):
        yield Hit(f"the outermost type is a {kind}", "wrap it in a record")


@rule(TypeSite, severity=Severity.INFO, preset=Preset.STRICT)
def nesting_too_deep(site: TypeSite, *, most: int = 5) -> Iterator[Hit]:
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
        yield Hit(f"{site.node.name} is defined {site.depth} levels deep", "give it a file")


@rule(TypeSite, severity=Severity.INFO, preset=Preset.STRICT)
def too_many_fields(site: TypeSite, *, most: int = 60) -> Iterator[Hit]:
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
        yield Hit(
            f"{site.node.name} has {len(site.node.fields)} fields", "group what belongs together"
        )


@rule(TypeSite, severity=Severity.INFO, preset=Preset.STRICT)
def empty_record(site: TypeSite) -> Iterator[Hit]:
    """A record without fields, which SQL and Parquet sinks refuse.

    Bad:
        {"type": "record", "name": "Pinged", "fields": []}
    Good:
        {"type": "record", "name": "Pinged", "fields": [{"name": "by", "type": "string"}]}
    """
    if isinstance(site.node, Record) and not site.node.fields:
        yield Hit(f"{site.node.name} has no fields", "add what the event is about")


@rule(FieldSite, severity=Severity.WARNING)
def generic_payload(
    site: FieldSite, *, names: tuple[str, ...] = ("payload", "data", "json", "body", "blob", "raw")
) -> Iterator[Hit]:
    """A text or bytes field that hides the real contract.

    What is inside is neither checked nor can its changes be judged.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "payload", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "string"}]}
    """
    opaque = plain_kind(site.field.type) in ("string", "bytes")
    if opaque and site.field.name.lower() in names:
        yield Hit(f"{site.field.name!r} hides its contract in {plain_kind(site.field.type)}",
                  "describe what is inside as fields")  # fmt: skip


@rule(NodeSite, severity=Severity.INFO, preset=Preset.STRICT)
def array_of_nullable(site: NodeSite) -> Iterator[Hit]:
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
            yield Hit(f"the {site.node.kind} holds nulls", "leave such items away")
        case _:
            return


@rule(ProjectSite, severity=Severity.INFO, preset=Preset.ALL)
def recursive_type(site: ProjectSite) -> Iterator[Hit]:
    """A type that contains itself, which many sinks cannot map.

    Bad:
        {"type": "record", "name": "Category", "fields": [
          {"name": "parent", "type": ["null", "Category"], "default": null}]}
    Good:
        {"type": "record", "name": "Category", "fields": [
          {"name": "parentId", "type": ["null", "string"], "default": null}]}
    """
    for node in site.nodes:
        if isinstance(node.node, NameRef) and _is_inside(node):
            yield Hit(f"{node.node.fullname} contains itself", "refer to it by its id", node.place)


def _is_inside(node: NodeSite) -> bool:
    assert isinstance(node.node, NameRef)
    return node.place.element.startswith(f"{node.node.fullname}.")


@rule(ProjectSite, severity=Severity.WARNING)
def unused_type(site: ProjectSite) -> Iterator[Hit]:
    """A file whose type no topic carries and no other file uses.

    Silent in a project without topics, where any file may be an event.

    Bad:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": [{"name": "by", "type": "string"}]}
        ---
        {"type": "record", "name": "Address", "fields": []}
    Good:
        topic: Paid
        {"type": "record", "name": "Paid", "fields": [{"name": "to", "type": "Address"}]}
        ---
        {"type": "record", "name": "Address", "fields": []}
    """
    subjects = site.project.subjects
    if not any(subject.topic for subject in subjects) or site.project.failures:
        return
    carried = {s.file.path for s in subjects if s.file and s.role in ("value", "key")}
    used = {u.path for file in site.files for u in file.file.uses}
    for file in site.files:
        if file.place.path not in carried | used:
            yield Hit(
                f"no topic carries {file.file.fullname or 'this'}, and no other schema uses it",
                "name it under a topic's events in schemareg.toml, or delete the file",
                file.place,
            )


@rule(ProjectSite, severity=Severity.WARNING)
def inconsistent_field_type(
    site: ProjectSite, *, names: tuple[str, ...] = ("id", "code", "currency", "email", "sku")
) -> Iterator[Hit]:
    """One field name has different types in different schemas.

    Joins over them need a conversion, and one of the two is mostly a mistake. `names` are last
    words of field names that must mean the same everywhere.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "userId", "type": "long"}]}
        ---
        {"type": "record", "name": "Sent", "fields": [{"name": "userId", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "userId", "type": "string"}]}
        ---
        {"type": "record", "name": "Sent", "fields": [{"name": "userId",
          "type": ["null", "string"], "default": null}]}
    """
    by_name: dict[str, dict[str, list[FieldSite]]] = {}
    for field in site.fields:
        if says(field.field.name, names):
            spelt = _spelt(field.field.type)
            by_name.setdefault(field.field.name, {}).setdefault(spelt, []).append(field)
    for name, spellings in by_name.items():
        usual = max(spellings, key=lambda spelt: len(spellings[spelt]))
        for spelt, found in spellings.items():
            for field in found if spelt != usual else ():
                other = spellings[usual][0].place
                yield Hit(
                    f"{name!r} is {spelt} here, and {usual} in {other.element.rpartition('.')[0]}",
                    "use one type everywhere, or another name",
                    field.place,
                )


def _spelt(node: Node) -> str:
    """The type without null, as a person would say it."""
    inner = without_null(node)
    match inner:
        case NameRef() | Record():
            return inner.fullname
        case Primitive():
            logical = inner.props.get("logicalType")
            return f"{inner.kind} ({logical})" if isinstance(logical, str) else inner.kind
        case _:
            return inner.kind


@rule(ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def anonymous_type_repeated(site: ProjectSite) -> Iterator[Hit]:
    """Two enums of different names have the same symbols.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
        ---
        {"type": "enum", "name": "Way", "symbols": ["SMS", "PUSH"]}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
    """
    first: dict[tuple[str, ...], str] = {}
    for type_ in site.types:
        symbols = getattr(type_.node, "symbols", ())
        if symbols and first.setdefault(symbols, type_.node.fullname) != type_.node.fullname:
            yield Hit(
                f"{type_.node.name} has the symbols of {first[symbols]}",
                "share one type in a file of its own",
                type_.place,
            )


@rule(FieldSite, severity=Severity.INFO, preset=Preset.STRICT)
def nullable_collection(site: FieldSite) -> Iterator[Hit]:
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
        yield Hit(f"{site.field.name!r} may be null and empty", f'use "default": {empty}')


@rule(TypeSite, severity=Severity.INFO, preset=Preset.STRICT)
def enum_too_small(site: TypeSite, *, least: int = 2) -> Iterator[Hit]:
    """An enum with fewer symbols than tell anything apart.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS"]}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
    """
    if isinstance(site.node, Enum) and len(site.node.symbols) < least:
        yield Hit(f"{site.node.name} has {len(site.node.symbols)} symbols", "leave the enum away")


@rule(ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def inline_type_not_reusable(site: ProjectSite) -> Iterator[Hit]:
    """A type defined inside one file and used by another.

    The other schema must then refer to the whole first one, and changes whenever it does.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "sum", "type": {"type": "fixed", "name": "Sum", "size": 8}}]}
        ---
        {"type": "record", "name": "Refunded", "fields": [{"name": "sum", "type": "Sum"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "sum", "type": "Sum"}]}
        ---
        {"type": "record", "name": "Refunded", "fields": [{"name": "sum", "type": "Sum"}]}
        ---
        {"type": "fixed", "name": "Sum", "size": 8}
    """
    inline = {t.node.fullname: t for t in site.types if not t.is_root}
    told: set[str] = set()
    for node in site.nodes:
        name = node.node.fullname if isinstance(node.node, NameRef) else ""
        home = inline.get(name)
        if home is None or name in told or home.place.path == node.place.path:
            continue
        told.add(name)
        yield Hit(
            f"{name} is defined inside {home.place.path} and used by {node.place.path}",
            "give it a file of its own",
            home.place,
        )


@rule(FieldSite, severity=Severity.INFO, preset=Preset.ALL)
def map_key_semantics(
    site: FieldSite, *, marks: tuple[str, ...] = ("by", "key", "keys", "keyed", "per", "name")
) -> Iterator[Hit]:
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
        yield Hit(f"nobody says what the keys of {site.field.name!r} are", "say it in the doc")


@rule(NodeSite, severity=Severity.INFO, preset=Preset.STRICT)
def java_string_property(site: NodeSite) -> Iterator[Hit]:
    """A property that a Java code generator left behind.

    `avro.java.string` says how one language holds text; it changes the registered schema for all.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": {"type": "string", "avro.java.string": "String"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "by", "type": "string"}]}
    """
    if isinstance(site.value, dict) and "avro.java.string" in site.value:
        yield Hit("the property 'avro.java.string' is for one language", "take it away")
