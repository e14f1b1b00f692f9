"""The smallest value of every type of a schema, or the knowledge that it has none.

A record that needs itself, a union without branches, an enum without symbols have no value; no
event of a schema can hold one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from schemareg.avro.binary import Branch, Plain
from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    Type,
    Union,
    resolve,
)
from schemareg.compat.routes import Step

_SMALLEST: Mapping[str, Plain] = {
    "null": None,
    "boolean": True,
    "int": 1,
    "long": 1,
    "float": 1.5,
    "double": 1.5,
    "bytes": b"a",
    "string": "a",
}


class Inhabitants:
    """The smallest values of what is reachable from `root`."""

    __slots__ = ("_heights",)

    def __init__(self, root: Node) -> None:
        self._heights: dict[int, int] = {}
        types = _reachable(root)[::-1]  # parts mostly before what they are part of
        grown = True
        while grown:
            grown = False
            for type_ in types:
                if id(type_) not in self._heights:
                    height = self._height(type_)
                    if height is not None:
                        self._heights[id(type_)] = height
                        grown = True

    def has(self, node: Node) -> bool:
        """There is a value of this type."""
        return id(resolve(node)) in self._heights

    def smallest(self, node: Node) -> Plain:
        """A value of least height, unions as `Branch`; only where `has` holds."""
        type_ = resolve(node)
        match type_:
            case Primitive():
                return _SMALLEST[type_.kind]
            case Fixed():
                return bytes(type_.size)
            case Enum():
                return type_.symbols[0]
            case Array():
                return []
            case Map():
                return {}
            case Union():
                index = self._lowest(type_)
                return Branch(index, self.smallest(type_.branches[index]))
            case Record():
                return {field.name: self.smallest(field.type) for field in type_.fields}
            case _:
                assert_never(type_)

    def along(self, node: Node, steps: Sequence[Step], leaf: Plain) -> Plain:
        """A value in which `leaf` stands where `steps` lead, all else smallest."""
        if not steps:
            return leaf
        step, rest = steps[0], steps[1:]
        match resolve(node):
            case Union() as union:
                return Branch(step.index, self.along(union.branches[step.index], rest, leaf))
            case Array() as array:
                return [self.along(array.items, rest, leaf)]
            case Map() as map_:
                return {"key": self.along(map_.values, rest, leaf)}
            case Record() as record:
                return {
                    field.name: self.along(field.type, rest, leaf)
                    if index == step.index
                    else self.smallest(field.type)
                    for index, field in enumerate(record.fields)
                }
            case _:
                raise AssertionError(f"no step leads into {node!r}")

    def allow(self, node: Node, steps: Sequence[Step]) -> bool:
        """`along` these steps there is a value for everything that is passed by."""
        for step in steps:
            match resolve(node):
                case Union() as union:
                    node = union.branches[step.index]
                case Array() as array:
                    node = array.items
                case Map() as map_:
                    node = map_.values
                case Record() as record:
                    others = (f.type for i, f in enumerate(record.fields) if i != step.index)
                    if not all(map(self.has, others)):
                        return False
                    node = record.fields[step.index].type
                case _:
                    return False
        return self.has(node)

    def _lowest(self, union: Union) -> int:
        known = [
            (self._heights[id(resolve(branch))], index)
            for index, branch in enumerate(union.branches)
            if self.has(branch)
        ]
        return min(known)[1]

    def _height(self, type_: Type) -> int | None:
        """One more than the highest part; None as long as a needed part has no value."""
        match type_:
            case Primitive() | Fixed() | Array() | Map():
                return 0
            case Enum():
                return 0 if type_.symbols else None
            case Union():
                known = [self._heights[id(resolve(b))] for b in type_.branches if self.has(b)]
                return 1 + min(known) if known else None
            case Record():
                if not all(self.has(field.type) for field in type_.fields):
                    return None
                heights = (self._heights[id(resolve(field.type))] for field in type_.fields)
                return 1 + max(heights, default=0)
            case _:
                assert_never(type_)


def _reachable(root: Node) -> list[Type]:
    """Every type used from `root`, through names too; each once."""
    found: dict[int, Type] = {}
    stack = [resolve(root)]
    while stack:
        type_ = stack.pop()
        if id(type_) in found:
            continue
        found[id(type_)] = type_
        match type_:
            case Array():
                stack.append(resolve(type_.items))
            case Map():
                stack.append(resolve(type_.values))
            case Union():
                stack.extend(resolve(branch) for branch in type_.branches)
            case Record():
                stack.extend(resolve(field.type) for field in type_.fields)
            case _:
                pass
    return list(found.values())
