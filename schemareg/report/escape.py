"""How text that others wrote enters an output: terminal, workflow commands, Markdown, XML, JSON.

Names, messages, paths and events come from files and registries that anybody may have written.
They must not move a cursor, reorder a line, end a cell, or become a command of the CI that reads
the output. HTML is built by the standard library, which escapes markup; `xml` removes what no
document may hold.
"""

from __future__ import annotations

import json
import math
import re

# Control characters of both sets, direction marks and overrides, separators of lines and
# paragraphs, halves of surrogate pairs, and code points that are no characters.
_UNSAFE = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_UNSAFE += "\ud800-\udfff\ufeff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f"
_CONTROL = re.compile(f"[{_UNSAFE}]")
_CONTROL_OR_BREAK = re.compile(f"[{_UNSAFE}\t\n]")
_OURS = re.compile("(\033\\[(?:0|1|2|31|32|33|34)m)")
# A line that GitHub's and Azure's runners take as a command, wherever it comes from.
# Source: GitHub, "Workflow commands"; the runner trims a line before it compares.
_COMMAND = re.compile(r"^(\s*)::|##(?=\[|vso\[)", re.MULTILINE)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~@])")


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    return {9: "\\t", 10: "\\n", 13: "\\r"}.get(
        code, f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def line(text: str) -> str:
    """`text` as a part of one line: line breaks are spelled out, colours of ours are kept."""
    parts = _OURS.split(text)
    parts[::2] = (_CONTROL_OR_BREAK.sub(_spelled, part) for part in parts[::2])
    return "".join(parts)


def plain_line(text: str) -> str:
    """`text` as a part of one line of XML or HTML, without any control character."""
    return _CONTROL_OR_BREAK.sub(_spelled, text)


def terminal(text: str, *, colours: bool = False) -> str:
    """A whole text for a terminal or a CI's log; our own colours are kept where they are wanted."""
    parts = _OURS.split(text) if colours else [text]
    parts[::2] = (_CONTROL.sub(_spelled, part) for part in parts[::2])
    return _COMMAND.sub(lambda m: f"{m[1]}:\\:" if m[1] is not None else "#\\#", "".join(parts))


def workflow_data(text: str) -> str:
    """The message of a GitHub workflow command.

    Source: actions/toolkit, `escapeData`.
    """
    kept = _CONTROL.sub(lambda m: m[0] if m[0] == "\r" else _spelled(m), text)
    return kept.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property of a GitHub workflow command, such as a path.

    Source: actions/toolkit, `escapeProperty`.
    """
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


def azure_data(text: str) -> str:
    """The message of a logging command of Azure Pipelines.

    Source: Microsoft, "Logging commands", section "Formatting commands".
    """
    kept = _CONTROL.sub(lambda m: m[0] if m[0] == "\r" else _spelled(m), text)
    return kept.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def azure_property(text: str) -> str:
    """A property of a logging command of Azure Pipelines, such as a path."""
    return azure_data(text).replace(";", "%3B").replace("]", "%5D")


def markdown(text: str) -> str:
    """`text` in one line of Markdown, none of it markup, a mention or a link."""
    bare = _MARKDOWN.sub(r"\\\1", " ".join(text.splitlines()))
    bare = _CONTROL_OR_BREAK.sub(_spelled, bare).replace("://", ":\u200b//")
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
    return f"{fence}\n{_CONTROL.sub(_spelled, text)}{fence}\n"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def xml(text: str) -> str:
    """`text` with what XML 1.0 cannot hold, and what reorders a line, spelled out."""
    return _CONTROL.sub(_spelled, text)


def json_text(value: object, *, indent: int | None = None, ascii: bool = False) -> str:
    """`value` as JSON (RFC 8259); numbers that are not finite are the texts that Avro Java writes.

    With `ascii` everything beyond ASCII is escaped, for a stream of another encoding than UTF-8.
    """
    text = json.dumps(_finite(value), indent=indent, ensure_ascii=ascii, allow_nan=False)
    return _CONTROL.sub(lambda m: json.dumps(m[0])[1:-1].replace("\x7f", "\\u007f"), text)


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
