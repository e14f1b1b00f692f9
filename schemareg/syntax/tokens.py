"""The tokens of a JSON text, comments included; the only tokenizer.

A text that is not JSON has tokens, too: a string without an end closes with its line, a comment
without an end with the text, and anything else is a word. White space alone is between tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

WHITESPACE = " \t\n\r"
# Compiled by the first text that needs them: a text without problems needs none.
_TOKEN = r"""
    (?P<string>"[^"\\\n\r]*(?:\\[^\n\r][^"\\\n\r]*)*"?)
    |(?P<mark>[\[\]{},:])
    |(?P<comment>//[^\n\r]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?)
    |(?P<word>(?:[^\s\[\]{},:"/]|/(?![/*])|[^\S \t\n\r])+)
    """
_MEMBER = r"""
    [ \t\n\r]*+ (?P<key>"[^"\\\n\r]*+")
    [ \t\n\r]*+ :
    [ \t\n\r]*+ (?P<value>"[^"\\\n\r]*+"|[0-9a-z.+-]++(?=[ \t\n\r,}]))
    (?:[ \t\n\r]*+ (?P<comma>,))?+
    """
_NOT_A_LINE_END = r"[^\n\r]"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE)


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Every token of `text` in order; `lastgroup` is string, mark, comment or word.

    Linear in the length of the text, whatever it holds.
    """
    return _compiled(_TOKEN).finditer(text)


def next_token(text: str, at: int) -> re.Match[str] | None:
    """The first token of `text` from the offset `at` on, None where no more follows."""
    return _compiled(_TOKEN).search(text, at)


def plain_member(text: str, at: int) -> re.Match[str] | None:
    """The four tokens from `at` on, where they are a member whose key and value are plain.

    That is a string without escapes, a colon, another such string or a word, and a comma, which
    may be absent; the groups are `key`, `value` and `comma`.
    """
    return _compiled(_MEMBER).match(text, at)


def blank_comments(text: str) -> str:
    """`text` with spaces in place of its comments, so that all else keeps its offset.

    A comment without an end stays.
    """
    if "/" not in text:
        return text
    return _compiled(_TOKEN).sub(
        lambda m: re.sub(_NOT_A_LINE_END, " ", m[0]) if is_closed_comment(m) else m[0], text
    )


def is_closed_comment(token: re.Match[str]) -> bool:
    """Whether `token` is a comment, and one that ends."""
    return token.lastgroup == "comment" and (
        token[0][1] == "/" or (len(token[0]) >= len("/**/") and token[0].endswith("*/"))
    )


def deeper_than(text: str, depth_max: int) -> int | None:
    """The offset of the first bracket that nests deeper than `depth_max`; None: there is none."""
    if len(text) <= depth_max or text.count("{") + text.count("[") <= depth_max:
        return None
    depth = 0
    for token in tokens(text):
        if token.lastgroup == "mark" and token[0] in "{[":
            depth += 1
            if depth > depth_max:
                return token.start()
        elif token.lastgroup == "mark" and token[0] in "]}":
            depth -= 1
    return None
