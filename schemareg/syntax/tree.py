"""A JSON text as a tree of nodes with offsets, built in one pass, also of a broken text."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from schemareg.places import NO_POSITION, Pointer, Position, Range, tokens
from schemareg.syntax import edits as edits_
from schemareg.syntax.node import Node
from schemareg.syntax.tokens import next_token, plain_member

_CLOSES = {"}": "{", "]": "["}


class Tree:
    """The nodes and comments of `text`. `root` is None for a text without any value."""

    def __init__(
        self, text: str, nodes: Sequence[Node] = (), comments: Sequence[Range] = ()
    ) -> None:
        self.text = text
        self.nodes = tuple(nodes)
        self.comments = tuple(comments)

    @property
    def root(self) -> Node | None:
        """The outermost value; what follows it in the text does not belong to it."""
        return self.nodes[0] if self.nodes else None

    @cached_property
    def containers(self) -> tuple[Node, ...]:
        """The objects and arrays in the order in which they open."""
        return tuple(node for node in self.nodes if self.text[node.start : node.start + 1] in "{[")

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def find(self, pointer: Pointer) -> Node | None:
        """The node at `pointer`; of two equal keys the last one counts."""
        node = self.root
        for step in tokens(pointer):
            if node is None:
                return None
            node = _step_into(node, step)
        return node

    def range(self, pointer: Pointer) -> Range | None:
        """The range of the value at `pointer`, None where the text has none."""
        node = self.find(pointer)
        return None if node is None else node.range

    def key_range(self, pointer: Pointer) -> Range | None:
        """The range of the key of the member at `pointer`, quotes included."""
        node = self.find(pointer)
        return None if node is None else node.key

    def position(self, offset: int) -> Position:
        """Line and column of the character at `offset`."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def locate(self, pointer: Pointer) -> Position:
        """Line and column of the value at `pointer`, (0, 0) where the text has none."""
        node = self.find(pointer)
        return NO_POSITION if node is None else self.position(node.start)

    def node_at(self, offset: int) -> Node | None:
        """The innermost node whose key or value holds the character at `offset`."""
        nodes = [node for node in self.nodes[:1] if node.start <= offset < node.end]
        while nodes:
            children = nodes[-1].children
            at = bisect_right(children, offset, key=lambda node: node.first) - 1
            if at < 0 or offset >= children[at].end:
                return nodes[-1]
            nodes.append(children[at])
        return None

    def repeated(self) -> Iterator[Node]:
        """The nodes whose key is earlier in the same object already, in text order."""
        return (node for node in self.nodes if node.is_repeated)

    def text_edits(self, edits: Iterable[edits_.Edit]) -> list[edits_.TextEdit]:
        """`edits` as replacements of characters, in text order, none overlapping another.

        Raises:
            LookupError: an edit of a node that the text does not have.
            ValueError: two edits that touch the same characters, or a key that is there.
        """
        return edits_.text_edits(self.text, self.find, self.comments, edits)

    def edit(self, edits: Iterable[edits_.Edit]) -> str:
        """The text after `edits`, whose pointers all mean the text as it is before.

        Raises:
            LookupError, ValueError: as `text_edits`.
        """
        return edits_.apply(self.text, self.text_edits(edits))


def _step_into(node: Node, step: str) -> Node | None:
    if node.members is not None:
        return node.members.get(step)
    if step.isdecimal() and step.isascii() and (step == "0" or step[0] != "0"):
        index = int(step) if len(step) <= len(str(len(node.children))) else len(node.children)
        return node.children[index] if index < len(node.children) else None
    return None


def parse_text(text: str) -> Tree:
    """The tree of `text`, also where it is not JSON: what can be read of it is in the tree.

    Linear in its length, and without recursion, however deep it nests.
    """
    builder = _Builder(text)
    comments: list[Range] = []
    at = 0
    while True:
        if builder.members is not None and builder.key is None:
            # most of a schema is this, and one match costs less than four
            member = plain_member(text, at)
            if member is not None:
                builder.member(member)
                at = builder.end = member.end()
                continue
        token = next_token(text, at)
        if token is None:
            break
        start, at = token.span()
        match token.lastgroup:
            case "mark":
                builder.mark(text[start], start, at)
            case "comment":
                comments.append(Range(start, at))
                continue
            case _ if builder.key is None and builder.members is not None:
                builder.key = start, at
            case _:
                builder.node(start, at)
        builder.end = at
    builder.finish()
    return Tree(text, builder.nodes, comments)


class _Builder:
    """The nodes of a text that is being read; `open_` are the containers not closed yet.

    `inside` is the innermost of these, `members` are its members, None where it is no object.
    """

    __slots__ = ("end", "inside", "key", "members", "nodes", "open_", "open_by_bracket", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes: list[Node] = []
        self.open_: list[Node] = []
        self.open_by_bracket = {"{": 0, "[": 0}
        self.inside: Node | None = None
        self.members: dict[str, Node] | None = None
        self.key: tuple[int, int] | None = None
        self.end = 0

    def member(self, member: re.Match[str]) -> None:
        """A key, its plain value, and the comma behind it, where there is one."""
        self.key = member.span("key")
        node = self.node(*member.span("value"))
        node.comma = member.start("comma")

    def mark(self, mark: str, start: int, end: int) -> None:
        if mark == ":":
            return
        if mark == ",":
            self.comma(start)
        elif mark in "{[":
            node = self.inside = self.node(start, start)
            node.children = []
            self.members = node.members = {} if mark == "{" else None
            self.open_.append(node)
            self.open_by_bracket[mark] += 1
        else:
            self.close(_CLOSES[mark], end)

    def close(self, bracket: str, end: int) -> None:
        """Closes the innermost container that opens with `bracket`, and those inside of it."""
        if self.key is not None:
            self.comma(-1)
        if not self.open_by_bracket[bracket]:
            return
        opened = ""
        while opened != bracket:
            node = self.open_.pop()
            opened = self.text[node.start]
            self.open_by_bracket[opened] -= 1
            node.end = end if opened == bracket else self.end
        self.inside = self.open_[-1] if self.open_ else None
        self.members = None if self.inside is None else self.inside.members

    def comma(self, offset: int) -> None:
        if self.key is not None:
            end = self.key[1]
            self.node(end, end)  # a key without a value: an empty one
        if offset >= 0 and self.inside is not None and self.inside.children:
            last = self.inside.children[-1]
            if last.comma < 0:
                last.comma = offset

    def node(self, start: int, end: int) -> Node:
        """A new node at `start` in the innermost open container."""
        parent, members, key = self.inside, self.members, self.key
        step: str | int | None = None
        if key is not None:
            step = _key(self.text[key[0] : key[1]])
            self.key = None
        elif parent is not None and members is None:
            step = len(parent.children)
        node = Node(start, end, parent, step, key)
        self.nodes.append(node)
        if parent is not None:
            parent.children.append(node)  # type: ignore[attr-defined]  # a list while it is open
            if members is not None and isinstance(step, str):
                node.is_repeated = step in members
                members[step] = node
        return node

    def finish(self) -> None:
        if self.key is not None:
            self.comma(-1)
        for node in self.open_:
            node.end = max(self.end, node.start + 1)


def _key(token: str) -> str:
    """The key that `token` spells; of a broken one its text without quotes."""
    if token[:1] == '"' == token[-1:] and "\\" not in token:
        return token[1:-1]
    if "\\" in token:
        try:
            return str(json.loads(token))
        except ValueError:
            pass
    return token.removeprefix('"').removesuffix('"') if token[:1] == '"' else token
