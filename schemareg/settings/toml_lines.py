"""Lines of the keys in a TOML text that the parser has already read without error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

KeyPath = tuple[str | int, ...]

_STRING = r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
_BARE = r"[A-Za-z0-9_-]+"
_PLAIN = r'"(?:[^"\\\n]+|(?!""))"'
# A whole statement of one line, as nearly all are: bare keys, and no value with parts or escapes
# but a list of plain texts.
_VALUE = rf"=[ \t]*(?:{_PLAIN}|[\w.:+-]+|\[[ \t]*(?:{_PLAIN}[ \t,]*)*\])"
_NAME = rf"{_BARE}(?:[ \t]*\.[ \t]*{_BARE})*"
# compiled by the first TOML text: without a configuration there is none
_SIMPLE = (
    rf"[ \t]*(?:(\[{{0,2}})[ \t]*({_NAME})[ \t]*(?:{_VALUE}|\]{{1,2}})?[ \t]*)?"
    r"(?:#[^\n]*)?(?:\n|\Z)"
)
_SIMPLE_KEYS = rf"(?:[ \t]*(?:{_NAME}[ \t]*{_VALUE}[ \t]*)?(?:#[^\n]*)?\n)*+"
_TOKEN = rf"(?P<string>{_STRING})|#[^\n]*|(?P<bare>[^\s\"'#\[\]{{}},=.]+)|."


def key_lines(text: str, *, tables_only: bool = False) -> Mapping[KeyPath, int]:
    """The line (from 1) of every table header and key outside inline tables, by its path.

    An entry of an array of tables is numbered from 0, as in `("lint", "ignore", 0, "rule")`.
    `tables_only`: keys with a plain value may be missing, which takes a third of the time.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    add = lines.setdefault
    for line, header, keys in _statements(text.replace("\r\n", "\n"), tables_only=tables_only):
        if not header:
            add((*table, *keys), line)
            continue
        table = _resolved(keys, counts)
        if header == 2:
            counts[table] = count = counts.get(table, -1) + 1
            add(table, line)
            table = (*table, count)
        add(table, line)
    return lines


def _resolved(keys: tuple[str, ...], counts: Mapping[KeyPath, int]) -> KeyPath:
    """`keys` with the number of the newest entry after each array of tables on the path."""
    path: KeyPath = ()
    for position, key in enumerate(keys):
        path = (*path, key)
        if path in counts and position < len(keys) - 1:
            path = (*path, counts[path])
    return path


def _statements(text: str, *, tables_only: bool) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Line, brackets of a header (0 for a key), and keys of each statement."""
    at, line, end = 0, 1, len(text)
    match, keys_from = re.compile(_SIMPLE).match, re.compile(_SIMPLE_KEYS).match
    keys_of = _Keys()
    while at < end:
        if tables_only and (run := keys_from(text, at)) and run.end() > at:
            line, at = line + run[0].count("\n"), run.end()
            continue
        simple = match(text, at)
        if simple is None:
            at, header, keys, lines, passed = _statement(text, at)
            if keys:
                yield line + passed, header, keys
            line += lines
            continue
        brackets, dotted = simple.groups()
        if dotted:
            yield line, len(brackets), keys_of[dotted]
        at, line = simple.end(), line + 1


class _Keys(dict[str, tuple[str, ...]]):
    """The keys of each dotted name, divided once."""

    def __missing__(self, dotted: str) -> tuple[str, ...]:
        self[dotted] = keys = tuple(map(str.strip, dotted.split(".")))
        return keys


def _statement(text: str, at: int) -> tuple[int, int, tuple[str, ...], int, int]:
    """The statement at `at`: its end, brackets, keys, lines, and the lines before its first key."""
    lines, start, depth, header = 0, 0, 0, 0
    keys: list[str] = []
    in_value = False
    for match in re.compile(_TOKEN, re.DOTALL).finditer(text, at):
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
    from schemareg.settings.fast_toml import loads

    return next(iter(loads(f"{token} = 0")))
