"""A rename of a type or field across files, which leaves the old name behind as an alias."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from schemareg.errors import UsageError
from schemareg.lsp.analysis import Analysis
from schemareg.lsp.symbols import Occurrence, Symbol, of_symbol
from schemareg.places import Pointer, Range, child
from schemareg.syntax import Insert, TextEdit

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def rename(analysis: Analysis, at: Occurrence, name: str) -> Mapping[str, list[TextEdit]]:
    """The edits of each file (path as shown) after which what `at` names is called `name`.

    Every definition keeps the name that it had as an alias, so that data written before is read.

    Raises:
        UsageError: `name` is no name in Avro or taken, or a file does not parse, so that uses
            may be missed.
    """
    symbol = at.symbol
    _check(analysis, at, name)
    edits: dict[str, list[TextEdit]] = defaultdict(list)
    for each in of_symbol(analysis.project, symbol):
        if each.file.schema.source is not None:
            raise UsageError(
                f"{each.file.path} uses the name, and is not edited: it is not a JSON schema",
                advice="rename it there by hand",
            )
        spelled = each.file.schema.tree.text[each.range.start : each.range.end]
        space, dot, old = spelled.rpartition(".")
        if old != name:
            edits[each.file.path].append(TextEdit(each.range, f"{space}{dot}{name}"))
        if each.is_definition:
            edits[each.file.path] += _alias(each, symbol.field or old, name)
    for own in edits.values():
        own.sort(key=lambda edit: edit.range)
    return edits


def _check(analysis: Analysis, at: Occurrence, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name in Avro",
            advice="use letters, digits and _, and begin with no digit",
        )
    refused = [error.location.path for error in analysis.project.failures if error.location]
    if refused:
        raise UsageError(
            f"{refused[0]} does not parse, and may use {at.symbol.fullname!r}",
            advice="correct it first",
        )
    if name in _taken(analysis, at):
        raise UsageError(f"the name {name!r} is taken", advice="choose another one")


def _taken(analysis: Analysis, at: Occurrence) -> Iterator[str]:
    """The names that a rename must not give."""
    if at.symbol.field is not None:
        yield from (getattr(field, "name", "") for field in getattr(at.type, "fields", ()))
        return
    space = at.symbol.fullname.rpartition(".")[0]
    for file in analysis.project.files:
        for fullname in file.schema.names if file.modules[0] == at.symbol.module else ():
            if fullname.rpartition(".")[0] == space:
                yield fullname.rpartition(".")[2]


def _alias(at: Occurrence, old: str, new: str) -> Iterator[TextEdit]:
    """The edit that adds the alias `old` to the definition `at`."""
    tree = at.file.schema.tree
    aliases = at.field.aliases if at.field else at.type.aliases
    if old in aliases or f"{at.type.namespace}.{old}".lstrip(".") in aliases:
        return
    where = Pointer(child(at.pointer, "aliases"))
    if tree.find(where) is not None:
        edit = Insert(where, f'"{old}"')
    else:
        value = tree.find(at.pointer)
        assert value is not None
        behind = next(i for i, own in enumerate(value.children) if own.step == "name") + 1
        edit = Insert(at.pointer, f'["{old}"]', key="aliases", index=behind)
    yield from tree.text_edits([edit])


def config_edits(text: str, symbol: Symbol, name: str) -> list[TextEdit]:
    """The edits of a configuration file that names the type `symbol` in full."""
    if symbol.field is not None:
        return []
    space = symbol.fullname.rpartition(".")[0]
    new = f"{space}.{name}" if space else name
    quoted = re.finditer(rf"(?<=([\"'])){re.escape(symbol.fullname)}(?=\1)", text)
    return [TextEdit(Range(*match.span()), new) for match in quoted]
