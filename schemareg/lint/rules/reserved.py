"""Rules about words that are reserved in the languages that read events."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from schemareg.avro.schema import Enum, Record
from schemareg.findings import Severity
from schemareg.lint.name_words import words
from schemareg.lint.rule import Issue, rule
from schemareg.lint.sites import FieldSite, TypeSite

LANGUAGES = ("java", "python", "go", "kotlin", "csharp", "rust", "scala", "cpp", "sql")


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
    "rust": "abstract as async await become box break const continue crate do dyn else enum extern"
    " false final fn for gen if impl in let loop macro match mod move mut override priv pub ref"
    " return self Self static struct super trait true try type typeof unsafe unsized use virtual"
    " where while yield",
    "scala": "abstract case catch class def do else enum export extends false final finally for"
    " given if implicit import lazy match new null object override package private protected"
    " return sealed super then this throw trait true try type val var while with yield",
    "cpp": "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t"
    " char16_t char32_t class co_await co_return co_yield compl concept const const_cast consteval"
    " constexpr constinit continue decltype default delete do double dynamic_cast else enum"
    " explicit export extern false float for friend goto if inline int long mutable namespace new"
    " noexcept not not_eq nullptr operator or or_eq private protected public register"
    " reinterpret_cast requires return short signed sizeof static static_assert static_cast struct"
    " switch template this thread_local throw true try typedef typeid typename union unsigned"
    " using virtual void volatile wchar_t while xor xor_eq",
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
    kotlin, csharp, rust, scala, cpp, sql; `lint.targets` gives them to all rules.

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


_MEMBERS = {
    "java": ("schema", "specificData", "hashCode"),
    "python": ("schema", "model_config"),
    "go": ("Schema", "String"),
    "csharp": ("Schema", "Get", "Put"),
}


@rule("SR353", FieldSite, severity=Severity.WARNING, choices={"targets": LANGUAGES})
def generated_member_clash(
    site: FieldSite,
    *,
    names: tuple[str, ...] = (),
    targets: tuple[str, ...] = ("java", "python"),
) -> Iterator[Issue]:
    """A field that collides with a member of generated classes.

    `targets` are the languages that the classes are generated for, `names` the members instead of
    those that are known. In C# no member may be called as its class is.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "schema", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "layout", "type": "string"}]}
    """
    name = site.field.name
    members = names or {member for target in targets for member in _MEMBERS.get(target, ())}
    if name in members:
        yield Issue(
            f"{name!r} is a member of generated classes",
            "choose another name; once registered, readers need the old one as alias",
        )
    elif name == site.record.name and "csharp" in targets:
        yield Issue(
            f"{name!r} is the name of its class in C#, which no member may have",
            "choose another name; once registered, readers need the old one as alias",
        )


_GENERATED: Mapping[str, Callable[[str], str]] = {
    "java": lambda name: name[:1].upper() + name[1:],
    "go": lambda name: "".join(word.capitalize() for word in words(name)),
    "rust": lambda name: "_".join(words(name)),
}


@rule("SR354", TypeSite, severity=Severity.WARNING, choices={"targets": LANGUAGES})
def generated_names_equal(
    site: TypeSite, *, targets: tuple[str, ...] = ("java", "python")
) -> Iterator[Issue]:
    """Two fields or symbols that get one name in generated code.

    Generators join the words of a name anew: accessors in Java begin with a capital, Go exports
    joined words, Rust separates them by underscores.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "total", "type": "int"}, {"name": "Total", "type": "int"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "total", "type": "int"}, {"name": "grandTotal", "type": "int"}]}
    """
    match site.node:
        case Record():
            kind, names = "fields", [field.name for field in site.node.fields]
        case Enum():
            kind, names = "symbols", list(site.node.symbols)
        case _:
            return
    for target in targets:
        generate = _GENERATED.get(target)
        if generate is None or (target == "java" and kind == "symbols"):
            continue
        first: dict[str, str] = {}
        for name in names:
            other = first.setdefault(generate(name), name)
            if other != name:
                yield Issue(
                    f"the {kind} {other!r} and {name!r} get one name in {target}",
                    "choose names that differ in more than case and underscores",
                )
