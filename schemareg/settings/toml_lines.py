"""Lines of the keys in a TOML text that the standard library has already read without error."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping

KeyPath = tuple[str | int, ...]

_STRING = r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
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
    line, start, depth, header = 1, 0, 0, 0
    keys: list[str] = []
    in_value = False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "\n" and depth == 0:
            if keys:
                yield start, header, tuple(keys)
            keys, in_value, header = [], False, 0
        elif in_value:
            depth += (token in "[{") - (token in "]}")
        elif token == "=":
            in_value = True
        elif token == "[" and not keys:
            header += 1
        elif match["string"] or match["bare"]:
            keys.append(_key(token))
            start = line if len(keys) == 1 else start
        line += token.count("\n")
    if keys:
        yield start, header, tuple(keys)


def _key(token: str) -> str:
    return next(iter(tomllib.loads(f"{token} = 0")))
