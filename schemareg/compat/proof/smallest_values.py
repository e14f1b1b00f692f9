"""The smallest value of every type of a schema, or the knowledge that it has none.

A record that needs itself, a union without branches, an enum without symbols have no value; no
event of a schema can hold one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from schemareg.avro.binary import Branch, Plain
from schemareg.avro.logical import logical_type
from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    Union,
    resolve,
)
from schemareg.compat.resolution_walk import Step
from schemareg.sampling.minimum_depth import Heights

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
# a decoder that knows logical types takes not every text or number for one
_LOGICAL: Mapping[str, Plain] = {
    "uuid": "00000000-0000-0000-0000-000000000000",
    "decimal": b"\x01",
}


class SmallestValues:
    """The smallest values of the types of a schema."""

    __slots__ = ("_heights", "_sizes")

    def __init__(self) -> None:
        self._heights = Heights()
        self._sizes: dict[int, int] = {}

    def size(self, node: Node) -> int:
        """How many values `smallest` makes, of all depths; only where `has` holds.

        Each type is counted once, so this is cheap where making the value would not be.
        """
        type_ = resolve(node)
        known = self._sizes.get(id(type_))
        if known is not None:
            return known
        match type_:
            case Union():
                total = 1 + self.size(type_.branches[self._least(type_)])
            case Record():
                total = 1 + sum(self.size(field.type) for field in type_.fields)
            case _:
                total = 1
        self._sizes[id(type_)] = total
        return total

    def _least(self, union: Union) -> int:
        heights = [self._heights.of(branch) for branch in union.branches]
        return heights.index(min(heights))

    def has(self, node: Node) -> bool:
        """There is a value of this type."""
        return self._heights.is_finite(node)

    def smallest(self, node: Node) -> Plain:
        """A value of least height, unions as `Branch`; only where `has` holds."""
        type_ = resolve(node)
        match type_:
            case Primitive():
                logical = logical_type(type_)
                return _LOGICAL.get(logical.name if logical else "", _SMALLEST[type_.kind])
            case Fixed():
                return bytes(type_.size)
            case Enum():
                return type_.symbols[0]
            case Array():
                return []
            case Map():
                return {}
            case Union():
                index = self._least(type_)
                return Branch(index, self.smallest(type_.branches[index]))
            case Record():
                return {field.name: self.smallest(field.type) for field in type_.fields}
            case _:
                assert_never(type_)

    def along(self, node: Node, steps: Sequence[Step], leaf: Plain) -> Plain:
        """A value with `leaf` at the end of `steps`, all else smallest."""
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
                raise AssertionError(f"no step goes into {node!r}")

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
