"""The layout of schema texts: indentation, width and the order of keys, as configured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemareg.lazy_dataclass import dataclass
from schemareg.settings.toml_table import Table
from schemareg.syntax import Node, Tree, format_text, parse_text

# the keys of a schema under which there are schemas again; defaults and properties are left alone
_SCHEMA_KEYS = ("type", "items", "values", "fields")
_MOST_INDENT = 8
_LEAST_WIDTH = 40
_MOST_WIDTH = 400


@dataclass(frozen=True, slots=True)
class LayoutSettings:
    """The `[fmt]` table.

    `indent` are spaces per level, `width` the columns into which short objects and arrays are
    laid out on one line. `key_order` are the keys of schemas that come first, in that order; the
    others follow in the order that they have. Empty: every key stays where it is.
    """

    indent: int = 2
    width: int = 100
    key_order: tuple[str, ...] = ()


def layout_settings(table: Table) -> LayoutSettings:
    """The settings in `table`.

    Raises:
        UsageError: an unknown key, or a value that is out of range.
    """
    usual = LayoutSettings()
    indent = _number(table, "indent", usual.indent, 0, _MOST_INDENT)
    width = _number(table, "width", usual.width, _LEAST_WIDTH, _MOST_WIDTH)
    order = table.texts("key_order") or ()
    if len(set(order)) < len(order):
        table.fail("key_order", "a key is listed twice", "list each key once")
    table.finish()
    return LayoutSettings(indent, width, order)


def _number(table: Table, key: str, usual: int, least: int, most: int) -> int:
    given = table.number(key)
    if given is not None and not least <= given <= most:
        table.fail(key, f"{given} is out of range", f"give a number from {least} to {most}")
    return usual if given is None else given


def laid_out(text: str, settings: LayoutSettings) -> str:
    """`text`, which is JSON with or without comments, in the layout of `settings`.

    Nothing but white space and the order of keys changes; comments stay beside what they
    precede. Objects with a comment between their members keep the order of their keys. The
    layout of the result is the result.
    """
    ordered = _ordered(text, settings.key_order) if settings.key_order else text
    return format_text(ordered, indent=settings.indent, width=settings.width)


def _ordered(text: str, order: Sequence[str]) -> str:
    """`text` with the keys of its schemas in `order`."""
    tree = parse_text(text)
    schemas = {id(node) for node in _schemas(tree)}
    rank = {key: index for index, key in enumerate(order)}
    texts: dict[int, str] = {}
    for node in reversed(tree.containers):
        texts[id(node)] = _with_members(text, node, texts, rank if id(node) in schemas else None)
    root = tree.root
    if root is None or id(root) not in texts:
        return text
    return text[: root.start] + texts[id(root)] + text[root.end :]


def _with_members(text: str, node: Node, texts: dict[int, str], rank: dict[str, int] | None) -> str:
    """The text of `node`, those of the containers in it from `texts`, its members by `rank`."""
    children = list(node.children)
    contents = [
        text[child.first : child.start] + texts.pop(id(child), text[child.start : child.end])
        for child in children
    ]
    if rank is not None and not _has_comments(text, node):
        new = sorted(
            range(len(children)), key=lambda at: rank.get(str(children[at].step), len(rank))
        )
        contents = [contents[at] for at in new]
    parts: list[str] = []
    end = node.start
    for child, content in zip(children, contents, strict=True):
        parts += text[end : child.first], content
        end = child.end
    return "".join([*parts, text[end : node.end]])


def _has_comments(text: str, node: Node) -> bool:
    """Whether the text between the members of `node` has a comment."""
    ends = [node.start, *(child.end for child in node.children)]
    starts = [*(child.first for child in node.children), node.end]
    return any("/" in text[end:start] for end, start in zip(ends, starts, strict=True))


def _schemas(tree: Tree) -> Iterator[Node]:
    """The objects that are schemas or fields of one; not those in defaults and properties."""
    stack = [tree.root] if tree.root is not None else []
    while stack:
        node = stack.pop()
        if node.members is None:
            stack += node.children
            continue
        yield node
        stack += [child for child in node.children if child.step in _SCHEMA_KEYS]
