"""Lines of the keys in a TOML text that the standard library has already read without error."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping

KeyPath = tuple[str | int, ...]

_STRING = r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
_BARE = r"[A-Za-z0-9_-]+"
# A whole statement of one line, as nearly all are: bare keys, and no value with parts or escapes.
_SIMPLE = re.compile(
    rf"[ \t]*(?:(?P<open>\[{{0,2}})[ \t]*(?P<keys>{_BARE}(?:[ \t]*\.[ \t]*{_BARE})*)[ \t]*"
    r'(?:=[ \t]*(?:"(?!"")[^"\\\n]*"|[\w.:+-]+)|\]{1,2}))?[ \t]*(?:#[^\n]*)?(?:\n|\Z)'
)
_TOKEN = re.compile(rf"(?P<string>{_STRING})|#[^\n]*|(?P<bare>[^\s\"'#\[\]{{}},=.]+)|.", re.DOTALL)


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The line (from 1) of every table header and key outside inline tables, by its path.

    An entry of an array of tables is numbered from 0, as in `("lint", "ignore", 0, "rule")`.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    for line, header, keys in _statements(text.replace("\r\n", "\n")):
        if not header:
            lines.setdefault((*table, *keys), line)
            continue
        table = _resolved(keys, counts)
        if header == 2:
            counts[table] = counts.get(table, -1) + 1
            lines.setdefault(table, line)
            table = (*table, counts[table])
        lines.setdefault(table, line)
    return lines


def _resolved(keys: tuple[str, ...], counts: Mapping[KeyPath, int]) -> KeyPath:
    """`keys` with the number of the newest entry after each array of tables on the path."""
    path: KeyPath = ()
    for position, key in enumerate(keys):
        path = (*path, key)
        if path in counts and position < len(keys) - 1:
            path = (*path, counts[path])
    return path


def _statements(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Line, brackets of a header (0 for a key), and keys of each statement."""
    at, line = 0, 1
    while at < len(text):
        simple = _SIMPLE.match(text, at)
        if simple is None:
            at, header, keys, lines, passed = _statement(text, at)
            if keys:
                yield line + passed, header, keys
            line += lines
            continue
        if simple["keys"]:
            yield line, len(simple["open"]), tuple(map(str.strip, simple["keys"].split(".")))
        at, line = simple.end(), line + 1


def _statement(text: str, at: int) -> tuple[int, int, tuple[str, ...], int, int]:
    """The statement at `at`: its end, brackets, keys, lines, and the lines before its first key."""
    lines, start, depth, header = 0, 0, 0, 0
    keys: list[str] = []
    in_value = False
    for match in _TOKEN.finditer(text, at):
        token, at = match[0], match.end()
        if in_value:
            depth += (token in "[{") - (token in "]}")
        elif token == "=":
            in_value = True
        elif token == "[" and not keys:
            header += 1
        elif match["string"] or match["bare"]:
            keys.append(_key(token))
            start = lines if len(keys) == 1 else start
        lines += token.count("\n")
        if token == "\n" and depth == 0:
            break
    return at, header, tuple(keys), lines, start


def _key(token: str) -> str:
    if token[0] not in "\"'":
        return token
    return next(iter(tomllib.loads(f"{token} = 0")))
