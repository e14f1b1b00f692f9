"""A value in a JSON text: its range, its key, and its place in the tree."""

from __future__ import annotations

from collections.abc import Sequence

from schemareg.places import ROOT, Pointer, Range, child


class Node:
    """A value of the text: `[start, end)` are its characters, brackets and quotes included.

    `step` is its key or index in `parent` (None at the root), `key_span` the offsets of its key.
    `comma` is the offset of the comma behind it, -1 without one. `is_repeated`: the same object
    has that key before. Plain slots, since a text has one for each of its values; only
    `parse_text`, and a translation of the text, assign to them.
    """

    __slots__ = (
        "children", "comma", "end", "is_repeated", "key_span", "members", "parent", "start",
        "step",
    )  # fmt: skip

    def __init__(
        self,
        start: int,
        end: int,
        parent: Node | None,
        step: str | int | None,
        key_span: tuple[int, int] | None,
    ) -> None:
        self.start = start
        self.end = end
        self.parent = parent
        self.step = step
        self.key_span = key_span
        self.comma = -1
        self.is_repeated = False
        self.children: Sequence[Node] = ()
        self.members: dict[str, Node] | None = None

    @property
    def range(self) -> Range:
        """The value's characters."""
        return Range(self.start, self.end)

    @property
    def key(self) -> Range | None:
        """The characters of the key, quotes included."""
        return None if self.key_span is None else Range(*self.key_span)

    @property
    def first(self) -> int:
        """The offset at which the item starts: that of its key where it has one."""
        return self.start if self.key_span is None else self.key_span[0]

    def member(self, key: str) -> Node:
        """The member `key` of this object, which has it."""
        assert self.members is not None
        return self.members[key]

    @property
    def pointer(self) -> Pointer:
        """The pointer from the root to this node."""
        steps: list[str | int] = []
        node = self
        while node.parent is not None:
            steps.append("" if node.step is None else node.step)
            node = node.parent
        return child(ROOT, *reversed(steps))
