"""Rules about words that are reserved in the languages that read events."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from functools import lru_cache

from schemareg.avro.schema import Enum
from schemareg.findings import Severity
from schemareg.lint.rule import Issue, rule
from schemareg.lint.sites import FieldSite, TypeSite

LANGUAGES = ("java", "python", "go", "kotlin", "csharp", "sql")


@lru_cache(maxsize=len(LANGUAGES))
def _reserved_in(language: str) -> frozenset[str]:
    """The reserved words of `language`, one of `LANGUAGES`."""
    return frozenset(keyword.kwlist if language == "python" else _WORDS[language].split())


def _languages_of(name: str, targets: tuple[str, ...]) -> list[str]:
    """Those of `targets` in which `name` is reserved; SQL does not distinguish case."""
    return [
        language
        for language in targets
        if (name.lower() if language == "sql" else name) in _reserved_in(language)
    ]


# what is reserved in SQL differs by database; these are reserved in all of the usual ones
_WORDS = {
    "java": "abstract assert boolean break byte case catch char class const continue default do"
    " double else enum extends final finally float for goto if implements import instanceof int"
    " interface long native new package private protected public return short static strictfp"
    " super switch synchronized this throw throws transient try void volatile while true false"
    " null",
    "go": "break case chan const continue default defer else fallthrough for func go goto if"
    " import interface map package range return select struct switch type var",
    "kotlin": "as break class continue do else false for fun if in interface is null object"
    " package return super this throw true try typealias typeof val var when while",
    "csharp": "abstract as base bool break byte case catch char checked class const continue"
    " decimal default delegate do double else enum event explicit extern false finally fixed"
    " float for foreach goto if implicit in int interface internal is lock long namespace new"
    " null object operator out override params private protected public readonly ref return"
    " sbyte sealed short sizeof static string struct switch this throw true try typeof uint"
    " ulong unsafe ushort using virtual void volatile while",
    "sql": "all and as asc between by case check column create default delete desc distinct drop"
    " else from group having in index insert into is join key like limit not null on or order"
    " primary select set table then to union unique update user values when where with",
}


@rule("SR351", FieldSite, severity=Severity.WARNING, choices={"targets": LANGUAGES})
def reserved_word(
    site: FieldSite, *, targets: tuple[str, ...] = ("java", "python")
) -> Iterator[Issue]:
    """A field named with a reserved word of a language that reads it.

    Generated code renames it or does not compile. `targets` are the languages: java, python, go,
    kotlin, csharp, sql.

    Bad:
        {"type": "record", "name": "Moved", "fields": [{"name": "class", "type": "string"}]}
    Good:
        {"type": "record", "name": "Moved", "fields": [{"name": "category", "type": "string"}]}
    """
    name = site.field.name
    languages = _languages_of(name, targets)
    if languages:
        yield Issue(
            f"{name!r} is a reserved word of {' and '.join(languages)}",
            "choose another name; once registered, readers need the old one as alias",
        )


@rule("SR352", TypeSite, severity=Severity.WARNING, choices={"targets": LANGUAGES})
def reserved_word_in_type(
    site: TypeSite, *, targets: tuple[str, ...] = ("java", "python")
) -> Iterator[Issue]:
    """A namespace or symbol with a reserved word of a language that reads it.

    Packages and constants of generated code are named after them.

    Bad:
        {"type": "record", "name": "Paid", "namespace": "shop.import", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "namespace": "shop.imports", "fields": []}
    """
    used = list(site.node.namespace.split("."))
    used += site.node.symbols if isinstance(site.node, Enum) else ()
    for word in used:
        languages = _languages_of(word, targets)
        if languages:
            yield Issue(
                f"{word!r} is a reserved word of {' and '.join(languages)}",
                "choose another before it is registered: a symbol has no alias, a type needs one",
            )


@rule("SR353", FieldSite, severity=Severity.WARNING, choices={"targets": LANGUAGES})
def generated_member_clash(
    site: FieldSite,
    *,
    names: tuple[str, ...] = ("schema", "specificData", "model_config", "hashCode"),
) -> Iterator[Issue]:
    """A field that collides with a member of generated classes.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "schema", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "layout", "type": "string"}]}
    """
    if site.field.name in names:
        yield Issue(
            f"{site.field.name!r} is a member of generated classes",
            "choose another name; once registered, readers need the old one as alias",
        )
