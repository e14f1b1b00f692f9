"""Rules about types across files: who uses them, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemareg.findings import Severity
from schemareg.lint.facts import FieldFact, ProjectSite
from schemareg.lint.name_words import has_words, words
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset

_Type = tuple[str, str]  # its module and its full name


@rule("SR451", ProjectSite, severity=Severity.INFO, preset=Preset.ALL)
def recursive_type(site: ProjectSite) -> Iterator[Issue]:
    """A type that contains itself, which many sinks cannot map.

    Bad:
        {"type": "record", "name": "Category", "fields": [
          {"name": "parent", "type": ["null", "Category"], "default": null}]}
    Good:
        {"type": "record", "name": "Category", "fields": [
          {"name": "parentId", "type": ["null", "string"], "default": null}]}
    """
    inside = {
        site.identity(type_.path, type_.element): tuple(
            site.identity(type_.path, name) for name in type_.holds
        )
        for type_ in site.types
    }
    reachable: dict[_Type, set[_Type]] = {}
    for use in site.uses:
        used = site.identity(use.path, use.fullname)
        if used not in reachable:
            reachable[used] = _reachable(used, inside)
        if site.identity(use.path, use.element.rpartition(".")[0]) in reachable[used]:
            yield Issue(
                f"{use.fullname} contains itself",
                "refer to it by its id, in a new field where this one is registered",
                use,
            )


def _reachable(start: _Type, inside: Mapping[_Type, tuple[_Type, ...]]) -> set[_Type]:
    """`start` and every type that a value of it may hold."""
    reached: set[_Type] = set()
    left = [start]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left.extend(inside.get(name, ()))
    return reached


@rule("SR452", ProjectSite, severity=Severity.WARNING)
def unused_type(site: ProjectSite) -> Iterator[Issue]:
    """A file whose type no topic carries and no other file uses.

    Not reported in a project without topics, where any file may be an event.

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
    if not site.is_complete or not any(subject.topic for subject in site.subjects):
        return
    needed = {s.path for s in site.subjects if s.role in ("value", "key")}
    needed.update(path for file in site.files for path in file.uses)
    for file in site.files:
        if file.path not in needed:
            yield Issue(
                f"no topic carries {file.element or 'this'}, and no other schema uses it",
                "name it in a topic's events in schemareg.toml, or delete the file and its subject",
                file,
            )


@rule("SR453", ProjectSite, severity=Severity.WARNING, preset=Preset.STRICT)
def inconsistent_field_type(
    site: ProjectSite, *, names: tuple[str, ...] = ("id", "code", "currency", "email", "sku")
) -> Iterator[Issue]:
    """One field name has different types in different schemas.

    Joins over them need a conversion, and one of the two is often a mistake. `names` are words of
    field names that must mean the same everywhere; a name of one word, like `id`, need not.

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
    by_name: dict[str, dict[str, list[FieldFact]]] = {}
    for field in site.fields:
        if has_words(field.name, names) and len(words(field.name)) > 1:
            by_name.setdefault(field.name, {}).setdefault(field.shown_type, []).append(field)
    for name, types in by_name.items():
        usual = max(types, key=lambda shown: len(types[shown]))
        for shown, fields in types.items():
            for field in fields if shown != usual else ():
                other = types[usual][0].element.rpartition(".")[0]
                yield Issue(
                    f"{name!r} is {shown} here, and {usual} in {other}",
                    "use one type everywhere, in a new field where this one is registered",
                    field,
                )


@rule("SR454", ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def enum_repeated(site: ProjectSite) -> Iterator[Issue]:
    """Two enums of different names with the same symbols.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
        ---
        {"type": "enum", "name": "Way", "symbols": ["SMS", "PUSH"]}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
    """
    first: dict[tuple[str, ...], str] = {}
    for type_ in site.types:
        symbols = type_.symbols
        if symbols and first.setdefault(symbols, type_.element) != type_.element:
            yield Issue(
                f"{type_.short_name} has the symbols of {first[symbols]}",
                "share one type in a file of its own, before it is registered",
                type_,
            )


@rule("SR455", ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def inline_type_not_reusable(site: ProjectSite) -> Iterator[Issue]:
    """A type defined inside one file and used by another.

    The other schema must then refer to the whole first one, and changes whenever that changes.

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
    inline = {site.identity(t.path, t.element): t for t in site.types if t.pointer}
    reported: set[_Type] = set()
    for use in site.uses:
        used = site.identity(use.path, use.fullname)
        home = inline.get(used)
        if home is None or used in reported or home.path == use.path:
            continue
        reported.add(used)
        yield Issue(
            f"{use.fullname} is defined inside {home.path} and used by {use.path}",
            "define it in a file of its own; its full name stays the same",
            home,
        )
