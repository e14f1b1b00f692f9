"""What rules ask of a node of a schema: its type without null, its kind, its logical type."""

from __future__ import annotations

from schemareg.avro.schema import Fixed, NameRef, Node, Primitive, Record, Union


def is_nullable(node: Node) -> bool:
    """Whether `node` is a union with null."""
    return isinstance(node, Union) and any(b.kind == "null" for b in node.branches)


def without_null(node: Node) -> Node:
    """The one branch beside null, or `node` itself where there is not exactly one."""
    if isinstance(node, Union):
        others = [b for b in node.branches if b.kind != "null"]
        if len(others) == 1:
            return others[0]
    return node


def plain_kind(node: Node) -> str | None:
    """The primitive kind of `node`, or of its one branch beside null; None for other types."""
    inner = without_null(node)
    return inner.kind if isinstance(inner, Primitive) else None


def is_plain(node: Node, *kinds: str) -> bool:
    """Whether `node` is one of `kinds`, null beside it or not, without a logical type."""
    return plain_kind(node) in kinds and logical_name(without_null(node)) is None


def logical_name(node: Node) -> str | None:
    """The `logicalType` of a primitive or fixed as it is written, valid or not."""
    if not isinstance(node, Primitive | Fixed) or not node.props:
        return None
    name = node.props.get("logicalType")
    return name if isinstance(name, str) else None


def shown_type(node: Node) -> str:
    """The type without null, as messages name it."""
    inner = without_null(node)
    if isinstance(inner, NameRef | Record):
        return inner.fullname
    logical = logical_name(inner) if isinstance(inner, Primitive) else None
    return f"{inner.kind} ({logical})" if logical else inner.kind
