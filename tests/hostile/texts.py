"""Hostile texts, and what no output may hold of them, whatever its format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as Xml

from markdown_it import MarkdownIt

PASSWORD = "s3cretpw"
EVIL = (
    "x\nFORGED\n::error::FORGED\r::stop-commands::FORGED\u2028FORGED ##vso[task.setvariable v=1]w "
    "##[error]FORGED \x1b[31m\x1b]0;t\x07\x9b\u202e\x85\x0b\ufeff\n# FORGED\n```\n</pre></script>"
    "<script>alert(1)<img src=q>|FORGED|[go](javascript:a) @org `q` ]]> &lt; %0A \\"
)
"""Everything at once: line breaks, commands of CIs, escapes, directions, markup, code fences."""
LONG = (
    "AAAAAAAA AAAAAAAA AAAAAAAA AAAAAAAA AAAAAAAA AAAAAAAA AAAAAAAA ::stop-commands::FORGED " * 90
)
"""Wrapped, a line of it would begin with a command."""
IN_URL = f"http://user:{PASSWORD}@127.0.0.1"

HUGE = f"{'W' * 3_990} https://user:{PASSWORD}@h/ \x9b\u202e\ud800\u2066 NaN {'W' * 1_000_000}"
"""A message of a megabyte; where it is cut, a password would lie."""
_LONGEST_RUN = "W" * 20_000

_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NOT_FINITE = ("NaN", "Infinity", "-Infinity")


def violations(text: str, format: str) -> Iterator[str]:
    """What `text`, an output in `format` ("stderr" for notes), holds and may not."""
    if found := _CONTROLS.search(text):
        yield f"the character U+{ord(found[0]):04X}"
    if PASSWORD in text:
        yield "a password"
    if _LONGEST_RUN in text:
        yield "a text without a bound"
    if "Traceback" in text:
        yield "a traceback"
    for number, line in enumerate(text.splitlines(), 1):
        if format != "github" and re.match(r"\s*::", line):
            yield f"line {number} is a command of GitHub: {line[:60]!r}"
        if format == "github" and not re.match(r"::(error|warning|notice) ", line):
            yield f"line {number} is no annotation: {line[:60]!r}"
        commands = re.findall(r"##(?:vso)?\[[^\s\]]*", line, re.IGNORECASE)
        allowed = ["##vso[task.logissue"] if format == "azure" and line.startswith("##vso[") else []
        if commands != allowed:
            yield f"line {number} holds a command of Azure: {line[:60]!r}"
        if format not in ("html", "junit") and re.match(r"#* ?FORGED", line):
            yield f"line {number} is forged: {line[:60]!r}"
    yield from _OF_FORMAT.get(format, _nothing)(text)


def _nothing(text: str) -> Iterator[str]:
    return iter(())


def _json(text: str) -> Iterator[str]:
    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no JSON")

    try:
        json.dumps(json.loads(text, parse_constant=refuse), ensure_ascii=False).encode()
    except ValueError as error:  # half of a surrogate pair, too
        yield f"no JSON: {error}"


def _xml(text: str) -> Iterator[str]:
    try:
        Xml.fromstring(text)
    except Xml.ParseError as error:
        yield f"no XML: {error}"


def _html(text: str) -> Iterator[str]:
    yield from (f"the tag {tag}" for tag in ("<script", "</script", "<img") if tag in text)
    if text.count("<pre>") != text.count("</pre>"):
        yield "a <pre> that is not closed once"


def _markdown(text: str) -> Iterator[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for token in tokens:
        if token.type == "html_block":
            yield f"markup: {token.content[:60]!r}"
        if token.type == "fence" and token.map and not _is_closed(text, token.map[1], token.markup):
            yield "a block of code that is not closed"
        if token.type == "heading_open" and token.tag != "h3":
            yield f"a heading {token.tag} that is not ours"
        for inner in token.children or ():
            if inner.type in ("html_inline", "image", "link_open"):
                yield f"{inner.type}: {inner.content[:60]!r}"
            if inner.type == "text" and "@org" in inner.content and "\\@" not in text:
                yield "a mention"


def _is_closed(text: str, end: int, fence: str) -> bool:
    return text.splitlines()[end - 1].strip() == fence


_OF_FORMAT: dict[str, Callable[[str], Iterator[str]]] = {
    "json": _json,
    "gitlab": _json,
    "sarif": _json,
    "junit": _xml,
    "html": _html,
    "markdown": _markdown,
}
