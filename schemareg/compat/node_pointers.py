"""The pointer of each node of a schema in its own text."""

from __future__ import annotations

from collections.abc import Mapping

from schemareg.avro.schema import Array, Map, Node, Record, Union
from schemareg.places import ROOT, Pointer, child


def node_pointers(root: Node) -> Mapping[int, Pointer]:
    """The pointer of every node of a text, by identity; uses by name are not followed."""
    found: dict[int, Pointer] = {}
    stack: list[tuple[Node, Pointer]] = [(root, ROOT)]
    while stack:
        node, pointer = stack.pop()
        found[id(node)] = pointer
        match node:
            case Array():
                stack.append((node.items, child(pointer, "items")))
            case Map():
                stack.append((node.values, child(pointer, "values")))
            case Union():
                stack.extend((b, child(pointer, i)) for i, b in enumerate(node.branches))
            case Record():
                stack.extend(
                    (f.type, child(pointer, "fields", i, "type")) for i, f in enumerate(node.fields)
                )
            case _:
                pass
    return found
