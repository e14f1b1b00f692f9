"""How deep the smallest value of a type is: what a maker of examples can end with."""

from __future__ import annotations

import math

from schemareg.avro.binary.values import label
from schemareg.avro.schema import Enum, Node, Record, Type, Union, reached, resolve
from schemareg.errors import ContentError


class Heights:
    """Heights of types, each reckoned once, in records; infinite where no finite value exists."""

    def __init__(self) -> None:
        self._known: dict[int, float] = {}

    def of(self, node: Node) -> float:
        """The depth in records of the smallest value of `node`."""
        type_ = resolve(node)
        if id(type_) not in self._known:
            self._reckon(type_)
        return self._known[id(type_)]

    def is_finite(self, node: Node) -> bool:
        return not math.isinf(self.of(node))

    def require_finite(self, node: Node) -> None:
        """Raises: ContentError when `node` has no finite value."""
        if not self.is_finite(node):
            raise ContentError(
                f"{label(resolve(node))} has no finite value: it requires itself",
                advice="make the field that refers back to it nullable, or an array",
            )

    def _reckon(self, root: Type) -> None:
        """From infinity down until nothing changes."""
        parts = _parts(root)
        for part in parts:
            self._known[id(part)] = math.inf
        changed = True
        while changed:
            changed = False
            for part in parts:
                height = self._now(part)
                if height < self._known[id(part)]:
                    self._known[id(part)] = height
                    changed = True

    def _now(self, type_: Type) -> float:
        match type_:
            case Record():
                inner = [self._known[id(resolve(field.type))] for field in type_.fields]
                return 1 + max(inner, default=0)
            case Union():
                branches = [self._known[id(resolve(branch))] for branch in type_.branches]
                return min(branches, default=math.inf)
            case Enum():
                return 0 if type_.symbols else math.inf
            case _:
                return 0


def _parts(root: Type) -> list[Type]:
    """The types under `root`, each once."""
    return list({id(type_): type_ for type_ in map(resolve, reached(root))}.values())
