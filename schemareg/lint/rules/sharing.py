"""Rules about types across files: who uses them, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemareg.avro.schema import Array, Map, NameRef, Node, Primitive, Record, Union
from schemareg.findings import Severity
from schemareg.lint.name_words import says
from schemareg.lint.rule import Hit, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import (
    FieldSite,
    ProjectSite,
    without_null,
)


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
    inside = {
        type_.node.fullname: {name for field in type_.node.fields for name in _named_in(field.type)}
        for type_ in site.types
        if isinstance(type_.node, Record)
    }
    for node in site.nodes:
        if isinstance(node.node, NameRef):
            around = node.place.element.rpartition(".")[0]
            if around in _reachable(node.node.fullname, inside):
                yield Hit(
                    f"{node.node.fullname} contains itself", "refer to it by its id", node.place
                )


def _named_in(node: Node) -> Iterator[str]:
    """Full names of the named types that `node` is or holds, not looking inside them."""
    stack = [node]
    while stack:
        match stack.pop():
            case Array(items=inner) | Map(values=inner):
                stack.append(inner)
            case Union(branches=branches):
                stack.extend(branches)
            case NameRef(fullname=name) | Record(fullname=name):
                yield name
            case _:
                pass


def _reachable(start: str, inside: Mapping[str, set[str]]) -> set[str]:
    """`start` and every type that a value of it may hold."""
    found: set[str] = set()
    left = [start]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend(inside.get(name, ()))
    return found


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
def enum_repeated(site: ProjectSite) -> Iterator[Hit]:
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
