"""How text that others wrote enters an output: terminal, workflow commands, Markdown, XML, JSON.

Names, messages, paths and events come from files and registries that anybody may have written.
They must not move a cursor, reorder a line, end a cell, or become a command of the CI that reads
the output. What a command prints or writes is `Safe`, and only this module makes a `Safe`: there is
one function for each kind of output, so a new format cannot leave its escape out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from xml.etree import ElementTree as Xml

Safe = NewType("Safe", str)
"""A whole output whose foreign text is escaped for its format."""

LONGEST_PART = 4_000
"""Characters of a name, path or message that are shown in one place; more are counted."""
LONGEST_MESSAGE = 16_000
"""The same for a message of several lines, with its advice and its proof."""


class Whole(str):
    """Content in a JSON report that programs take on as it is: a schema, an event, a diff."""

    __slots__ = ()


# Control characters of both sets, direction marks and overrides, separators of lines and
# paragraphs, halves of surrogate pairs, and code points that are no characters.
_UNSAFE = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_UNSAFE += "\ud800-\udfff\ufeff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f"
# Patterns are compiled by the first text that may need them: nearly none does.
_CONTROL = f"[{_UNSAFE}]"
_CONTROL_OR_BREAK = f"[{_UNSAFE}\t\n]"
_HALF = "[\ud800-\udfff]"  # no reader of UTF-8 takes half of a pair
_OURS = "(\033\\[(?:0|1|2|31|32|33|34)m)"
# A line that GitHub's and Azure's runners take as a command, wherever it comes from.
# Source: GitHub, "Workflow commands"; the runner trims a line before it compares.
_COMMAND = r"(?im)^(\s*)::|##(?=\[|vso\[)"
_MARK = r"(?i)##(?=\[|vso\[)"
# User and password before the host of a URL, in JSON with escaped slashes, too.
_USER_INFO = r"(?:(?<=://)|(?<=:\\/\\/))[^\s/?#\"'<>\\]*@"
_MARKDOWN = r"([\\`*_{}\[\]()<>#+!|~@])"


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    return {9: "\\t", 10: "\\n", 13: "\\r"}.get(
        code, f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def _without_control(text: str, spell: Callable[[re.Match[str]], str] = _spelled) -> str:
    """`text` with what moves a cursor or reorders a line spelled out; line breaks stay."""
    # no character of the pattern is printable
    return text if text.replace("\n", "").isprintable() else re.sub(_CONTROL, spell, text)


def _in_one_line(text: str) -> str:
    return text if text.isprintable() else re.sub(_CONTROL_OR_BREAK, _spelled, text)


def _without_user_info(text: str) -> str:
    return re.sub(_USER_INFO, "", text) if "@" in text else text


def _without_command(text: str, colons: str, marks: str) -> str:
    """`text` with other spellings of what makes a line a command of a CI's runner."""
    if "::" not in text and "##" not in text:
        return text
    return re.sub(_COMMAND, lambda m: marks if m[1] is None else m[1] + colons, text)


def bounded(text: str, longest: int = LONGEST_PART) -> str:
    """`text` without user and password in its URLs, and at most about `longest` characters of it.

    What is left out is counted at the end.
    """
    text = _without_user_info(text)  # first: a cut could end inside of a password
    left_out = len(text) - longest
    return text if left_out <= 0 else f"{text[:longest]}… ({left_out:,} more characters)"


def line(text: str) -> str:
    """`text` as a part of one line: line breaks are spelled out, colours of ours are kept."""
    text = bounded(text)
    if text.isprintable():
        return text
    parts = re.split(_OURS, text)
    parts[::2] = map(_in_one_line, parts[::2])
    return "".join(parts)


def plain_line(text: str) -> str:
    """`text` as a part of one line of XML or HTML, without any control character."""
    return _in_one_line(bounded(text))


def terminal(text: str, *, colours: bool = False) -> Safe:
    """A whole text for a terminal or a CI's log; our own colours are kept where they are wanted."""
    parts = re.split(_OURS, text) if colours else [text]
    parts[::2] = map(_without_control, parts[::2])
    return Safe(_without_command("".join(parts), ":\\:", "#\\#"))


def exact(text: str) -> Safe:
    """A file's own content, from a filter that passes it on: not a report, so not escaped."""
    return Safe(text)


def workflow_command(level: str, properties: Mapping[str, str], message: str) -> Safe:
    """A GitHub workflow command on a line of its own: an annotation of `level`.

    Source: actions/toolkit, `escapeData` and `escapeProperty`.
    """
    named = ",".join(f"{name}={workflow_property(value)}" for name, value in properties.items())
    return Safe(f"::{level} {named}::{workflow_data(message)}\n")


def workflow_data(text: str) -> str:
    """The message of a GitHub workflow command."""
    return _one_line_of(text, "%25")


def workflow_property(text: str) -> str:
    """A property of a GitHub workflow command, such as a path."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


def azure_command(properties: Mapping[str, str], message: str) -> Safe:
    """An issue of a build, as a logging command of Azure Pipelines on a line of its own.

    Source: Microsoft, "Logging commands", section "Formatting commands".
    """
    named = ";".join(f"{name}={azure_property(value)}" for name, value in properties.items())
    return Safe(f"##vso[task.logissue {named}]{azure_data(message)}\n")


def azure_data(text: str) -> str:
    """The message of a logging command of Azure Pipelines."""
    return _one_line_of(text, "%AZP25")


def azure_property(text: str) -> str:
    """A property of a logging command of Azure Pipelines, such as a path."""
    return azure_data(text).replace(";", "%3B").replace("]", "%5D")


def _one_line_of(text: str, percent: str) -> str:
    kept = bounded(text, LONGEST_MESSAGE)
    kept = _without_control(kept, lambda m: m[0] if m[0] == "\r" else _spelled(m))
    kept = re.sub(_MARK, "#\\#", kept)
    return kept.replace("%", percent).replace("\r", "%0D").replace("\n", "%0A")


def joined(lines: Iterable[Safe]) -> Safe:
    """Outputs of one format, one after another."""
    return Safe("".join(lines))


def markdown(text: str) -> str:
    """`text` in one line of Markdown, none of it markup, a mention or a link."""
    bare = re.sub(_MARKDOWN, r"\\\1", " ".join(bounded(text).splitlines()))
    bare = _in_one_line(bare).replace("://", ":\u200b//")
    return bare.replace("&", "&amp;").replace("\\<", "&lt;").replace("\\>", "&gt;")


def markdown_code(text: str) -> str:
    """`text` as code in a line of Markdown; in a table's cell, too."""
    shown = line(text).replace("|", "\\|")
    fence = "`" * (_longest_run(shown) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"


def markdown_block(text: str) -> str:
    """`text`, lines that each end with a line break, as a block of code in Markdown."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}\n{_without_control(text)}{fence}\n"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def markdown_page(text: str) -> Safe:
    """A whole document of Markdown, made of parts that are escaped; a CI's log may show it, too."""
    return terminal(text)


def xml(text: str) -> str:
    """`text` with what XML 1.0 cannot hold, and what reorders a line, spelled out."""
    return _without_control(_without_user_info(text))


def xml_document(root: Xml.Element) -> Safe:
    """`root` as a whole document of XML with its declaration; all of its text is escaped."""
    from xml.etree import ElementTree as Xml  # costs start-up time that most formats need not pay

    return _document(Xml.tostring(_escaped(root), encoding="unicode", xml_declaration=True))


def html_document(root: Xml.Element) -> Safe:
    """`root` as a whole page of HTML; all of its text is escaped."""
    from xml.etree import ElementTree as Xml

    text = Xml.tostring(_escaped(root), encoding="unicode", method="html")
    return _document(f"<!doctype html>\n{text}")


def _escaped(root: Xml.Element) -> Xml.Element:
    for element in root.iter():
        if element.text:
            element.text = xml(element.text)
        for name, value in element.items():
            element.set(name, plain_line(value))
    return root


def _document(text: str) -> Safe:
    """`text` without a line that a CI's runner would take as a command."""
    return Safe(_without_command(text, "&#58;:", "#&#35;") + "\n")


def json_text(value: object, *, indent: int | None = None, ascii: bool = False) -> Safe:
    """`value` as JSON (RFC 8259); numbers that are not finite are the texts that Avro Java writes.

    With `ascii` everything beyond ASCII is escaped, for a stream of another encoding than UTF-8.
    """
    text = json.dumps(_finite(value), indent=indent, ensure_ascii=ascii, allow_nan=False)
    text = _without_control(text, lambda m: json.dumps(m[0])[1:-1].replace("\x7f", "\\u007f"))
    return Safe(re.sub(_MARK, "#\\\\u0023", text))


def json_document(value: object, *, ascii: bool = False, longest: int = LONGEST_PART) -> Safe:
    """`value` as an indented JSON document that ends in a line break.

    All of its texts but those that are `Whole` are bounded, and without user and password.
    """
    return Safe(json_text(_all_bounded(value, longest), indent=2, ascii=ascii) + "\n")


def _all_bounded(value: object, longest: int) -> object:
    match value:
        case Whole():
            return value
        case str():
            shown = bounded(value, longest)
            return shown if shown.isprintable() else re.sub(_HALF, _spelled, shown)
        case dict():
            return {
                _all_bounded(key, longest): _all_bounded(item, longest)
                for key, item in value.items()
            }
        case list() | tuple():
            return [_all_bounded(item, longest) for item in value]
        case _:
            return value


def _finite(value: object) -> object:
    match value:
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
        case _:
            return value
