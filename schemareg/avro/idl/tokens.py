"""Avro IDL as tokens: words, numbers, texts, signs, and the doc comment before each of them.

Source: Avro specification 1.12, "IDL Language".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from schemareg.errors import Problem, SchemaParseError
from schemareg.places import ROOT, Range
from schemareg.syntax import Tree

Kind = Literal["word", "number", "text", "sign", "end"]

# compiled by the first text in IDL: most commands read none
_TOKEN = (
    r"(?P<space>[\s\x1a]+)"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)[lLfFdD]?"
    r"|-(?:Infinity|NaN)\b)"
    r"|(?P<word>(?:`[^`\s]+`|[^\W\d]\w*)(?:[.-](?:`[^`\s]+`|[^\W\d]\w*))*)"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*\")"
    r"|(?P<sign>[@(){}\[\]<>,;:=?])"
)
_SHOWN_CHARACTERS = 20


class Token(NamedTuple):
    """A token with its characters as written; `doc` is the doc comment before it."""

    kind: Kind
    text: str
    at: Range
    doc: str | None = None

    @property
    def name(self) -> str:
        """The identifier in a word: without the marks that keep it from being a keyword."""
        return self.text.replace("`", "")


def refusal(source: str, at: int, message: str, advice: str) -> SchemaParseError:
    """The error of one problem at the character `at` of `source`."""
    place = Tree(source).position(at)
    return SchemaParseError([Problem(message, "not-idl", ROOT, *place, advice)])


def shown(text: str) -> str:
    """The beginning of `text` in quotes."""
    line = text.split("\n", 1)[0]
    return repr(line if len(line) <= _SHOWN_CHARACTERS else f"{line[:_SHOWN_CHARACTERS]}…")


def idl_tokens(source: str) -> Iterator[Token]:
    """The tokens of `source`, and one of kind `end` behind them.

    Raises:
        SchemaParseError: characters that begin no token.
    """
    at, doc = 0, None
    match_token = re.compile(_TOKEN, re.DOTALL).match
    while at < len(source):
        match = match_token(source, at)
        if match is None:
            raise _no_token(source, at)
        text, kind = match[0], match.lastgroup
        if kind == "comment":
            if text.startswith("/**") and len(text) > len("/**/"):
                doc = doc_of(text)
        elif kind != "space":
            yield Token(kind, text, Range(at, match.end()), doc)  # type: ignore[arg-type]
            doc = None
        at = match.end()
    yield Token("end", "", Range(at, at), doc)


def _no_token(source: str, at: int) -> SchemaParseError:
    rest = source[at:]
    if rest.startswith("/*"):
        return refusal(source, at, "a comment without an end", 'close it with "*/"')
    if rest[0] == '"':
        return refusal(source, at, "a text without an end", "close it with a quote in its line")
    message = f"{shown(rest)} is no part of Avro IDL"
    return refusal(source, at, message, "remove it, or write it in a comment")


def doc_of(comment: str) -> str:
    """The text of a doc comment: without its marks, and without the indentation that lines share.

    Lines that all begin with one or two stars lose them, and one blank behind each.
    """
    first, *others = comment[len("/**") : -len("*/")].strip(_BLANKS).splitlines() or [""]
    stars = "**" if first.startswith("**") else "*"
    if first.startswith("*") and all(line.lstrip().startswith(stars) for line in others):
        lines = [line.lstrip()[len(stars) :] for line in (first, *others)]
        return "\n".join(line[1:] if line[:1] in (" ", "\t") else line for line in lines)
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in others]
    shared = _shared_start(indents)
    return "\n".join([first, *(line[len(shared) :] for line in others)])


_BLANKS = "".join(map(chr, range(33)))


def _shared_start(texts: list[str]) -> str:
    if not texts:
        return ""
    low, high = min(texts), max(texts)
    same = next((at for at, sign in enumerate(low) if sign != high[at : at + 1]), len(low))
    return low[:same]
