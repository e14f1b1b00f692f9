"""Edits of a JSON text that touch only the characters concerned."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from itertools import pairwise
from typing import TypeAlias

from schemareg.lazy_dataclass import dataclass
from schemareg.places import Pointer, Range
from schemareg.syntax.node import Node
from schemareg.syntax.tokens import WHITESPACE


@dataclass(frozen=True, slots=True)
class Replace:
    """The value at `pointer` becomes `text`, which is JSON."""

    pointer: Pointer
    text: str


@dataclass(frozen=True, slots=True)
class Rename:
    """The member at `pointer` gets the key `key`."""

    pointer: Pointer
    key: str


@dataclass(frozen=True, slots=True)
class Insert:
    """A new item `text` (JSON) in the object or array at `pointer`, in an object under `key`.

    `index` counts the items as they are before the edits; None: behind all of them.
    """

    pointer: Pointer
    text: str
    key: str | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """The item at `pointer` goes, with one comma; comments stay."""

    pointer: Pointer


Edit: TypeAlias = Replace | Rename | Insert | Remove


@dataclass(frozen=True, slots=True)
class TextEdit:
    """The characters of `range` become `text`; an empty range inserts."""

    range: Range
    text: str = field(metadata={"whole": True})


@dataclass(slots=True)
class _Changes:
    """What happens to the items of one object or array."""

    removed: set[int] = field(default_factory=set)
    inserted: dict[int, list[str]] = field(default_factory=dict)


def apply(text: str, edits: Iterable[TextEdit]) -> str:
    """`text` after `edits`, which are in text order and do not overlap."""
    parts: list[str] = []
    end = 0
    for edit in edits:
        parts += text[end : edit.range.start], edit.text
        end = edit.range.end
    return "".join([*parts, text[end:]])


def text_edits(
    text: str,
    find: Callable[[Pointer], Node | None],
    comments: Iterable[Range],
    edits: Iterable[Edit],
) -> list[TextEdit]:
    """`edits` of `text` as replacements of characters; `find` and `comments` are of its tree.

    Raises:
        LookupError: an edit of a node that the text does not have.
        ValueError: two edits that touch the same characters, or a key that its object has.
    """
    result: list[TextEdit] = []
    changes: dict[int, tuple[Node, _Changes]] = {}
    for edit in edits:
        node = find(edit.pointer)
        if node is None:
            raise LookupError(f"the text has nothing at {edit.pointer!r}")
        match edit:
            case Replace():
                result.append(TextEdit(node.range, edit.text))
            case Rename():
                if node.key is None:
                    raise LookupError(f"{edit.pointer!r} is no member of an object")
                result.append(TextEdit(node.key, json.dumps(edit.key, ensure_ascii=False)))
            case Remove():
                if node.parent is None:
                    raise LookupError("the root cannot be removed")
                _, own = changes.setdefault(node.parent.start, (node.parent, _Changes()))
                own.removed.add(node.start)
            case Insert():
                if text[node.start : node.start + 1] not in ("{", "["):
                    raise LookupError(f"{edit.pointer!r} is neither an object nor an array")
                _, own = changes.setdefault(node.start, (node, _Changes()))
                last = len(node.children)
                at = last if edit.index is None else min(max(edit.index, 0), last)
                if edit.key is not None and edit.key in (node.members or ()):
                    raise ValueError(f"the object has the key {edit.key!r} already")
                prefix = "" if edit.key is None else json.dumps(edit.key, ensure_ascii=False) + ": "
                own.inserted.setdefault(at, []).append(prefix + edit.text)
    ends = {comment.end for comment in comments} if changes else set()
    for node, own in changes.values():
        result += _item_edits(text, node, own)
        result += _removals(text, node, own.removed, ends)
    result.sort(key=lambda edit: edit.range)
    for before, after in pairwise(result):
        if before.range.end > after.range.start:
            raise ValueError(f"two edits touch the characters at offset {after.range.start}")
    return result


def _item_edits(text: str, node: Node, own: _Changes) -> Iterator[TextEdit]:
    """The replacements that change the items of `node`, each new item with its comma."""
    kept = [child for child in node.children if child.start not in own.removed]
    separator = _separator(text, node)
    behind: list[str] = []
    for at, items in sorted(own.inserted.items()):
        follower = next((c for c in node.children[at:] if c.start not in own.removed), None)
        if follower is None:
            behind += items
        else:
            new = "".join(f"{item},{separator}" for item in items)
            yield TextEdit(Range(follower.first, follower.first), new)
    for child in kept:
        is_last = child is kept[-1] and not behind
        if is_last and child.comma >= 0 and own.removed:
            yield TextEdit(Range(child.comma, child.comma + 1), "")
        elif not is_last and child.comma < 0:
            yield TextEdit(Range(child.end, child.end), ",")
    if behind and kept:
        at = max(kept[-1].end, kept[-1].comma + 1)
        yield TextEdit(Range(at, at), separator + f",{separator}".join(behind))
    elif behind:
        yield TextEdit(Range(node.start + 1, node.start + 1), f",{separator}".join(behind))


def _removals(
    text: str, node: Node, removed: set[int], comment_ends: set[int]
) -> Iterator[TextEdit]:
    """The removed items, each with its comma and the white space on one side of it.

    White space behind a comment stays where its line would not end otherwise.
    """
    has_kept = len(removed) < len(node.children)
    is_first = True
    end = 0
    for child in node.children:
        if child.start not in removed:
            is_first = False
            continue
        start, stop = child.first, child.end
        before = start
        if not is_first or not has_kept:
            before = max(_space_before(text, start), end)
        if child.comma >= 0 and not text[stop : child.comma].strip(WHITESPACE):
            stop = child.comma + 1
        elif child.comma >= 0:
            yield TextEdit(Range(child.comma, child.comma + 1), "")
        after = _space_after(text, stop)
        if before not in comment_ends or "\n" in text[stop:after]:
            start = before
        stop = after if is_first else stop
        end = stop
        yield TextEdit(Range(start, stop), "")


def _space_before(text: str, offset: int) -> int:
    """The start of the white space that ends at `offset`."""
    start = offset
    while start and text[start - 1] in WHITESPACE:
        start -= 1
    return start


def _space_after(text: str, offset: int) -> int:
    """The end of the white space that starts at `offset`."""
    end = offset
    while end < len(text) and text[end] in WHITESPACE:
        end += 1
    return end


def _separator(text: str, node: Node) -> str:
    """The white space between two items, as the text has it already."""
    if not node.children:
        return " "
    first = node.children[min(1, len(node.children) - 1)].first
    space = text[_space_before(text, first) : first]
    return space if "\n" in space or len(node.children) > 1 else " "
