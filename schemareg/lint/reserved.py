"""Reserved words of the languages that read events."""

from __future__ import annotations

import keyword


def is_reserved(name: str, language: str) -> bool:
    """Whether `name` is a reserved word of `language`; of an unknown one none is."""
    if language == "python":
        return name in keyword.kwlist
    if language == "sql":
        name = name.lower()
    return name in _WORDS.get(language, "").split()


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
