"""One small change to a schema, as authors make them."""

from __future__ import annotations

import random
from typing import Any

from fuzz_java.made import FIELDS, LOGICAL, PRIMITIVES, SHORT, SYMBOLS, Maker, default_of


class Mutation:
    """One small change to a schema, as authors make them."""

    def __init__(self, rng: random.Random, schema: Any) -> None:
        self.rng = rng
        self.holder = {"schema": schema}
        self.places: list[tuple[Any, Any]] = []
        self.names: list[str] = []
        self._collect(self.holder, "schema")

    def _collect(self, container: Any, key: Any) -> None:
        """Every place of a type: what holds it, and under which key."""
        self.places.append((container, key))
        node = container[key]
        if isinstance(node, list):
            for index in range(len(node)):
                self._collect(node, index)
        elif isinstance(node, dict):
            if "name" in node:
                self.names.append(node["name"])
            for inner in ("items", "values"):
                if inner in node:
                    self._collect(node, inner)
            for each in node.get("fields", ()):
                self._collect(each, "type")

    def apply(self) -> Any:
        container, key = self.rng.choice(self.places)
        node = container[key]
        if self.rng.random() < 0.25:
            container[key] = self._replaced(node)
        elif isinstance(node, list):
            self._union(node, container, key)
        elif isinstance(node, dict) and "fields" in node:
            self._record(node)
        elif isinstance(node, dict) and "symbols" in node:
            self._enum(node)
        elif isinstance(node, dict) and "size" in node:
            self._named(node, lambda: node.update(size=self.rng.choice((0, 1, 2, 4))))
        else:
            container[key] = self._replaced(node)
        return self.holder["schema"]

    def _replaced(self, node: Any) -> Any:
        if not isinstance(node, list) and self.rng.random() < 0.3:
            return self.rng.choice(([node], ["null", node], [node, "string"]))
        if self.names and self.rng.random() < 0.2:
            return self.rng.choice(self.names)
        if self.rng.random() < 0.15:
            return {"type": "array", "items": node}
        if self.rng.random() < 0.2:
            return dict(self.rng.choice(LOGICAL))
        return self.rng.choice(PRIMITIVES)

    def _union(self, node: list[Any], container: Any, key: Any) -> None:
        match self.rng.randrange(4):
            case 0 if node:
                node.pop(self.rng.randrange(len(node)))
            case 1 if node:
                container[key] = self.rng.choice(node)
            case 2:
                self.rng.shuffle(node)
            case _:
                node.insert(self.rng.randint(0, len(node)), self.rng.choice(PRIMITIVES))

    def _record(self, node: dict[str, Any]) -> None:
        fields, rng = node["fields"], self.rng
        if not fields or rng.random() < 0.25:
            self._named(node, lambda: None)
            return
        chosen = rng.choice(fields)
        match rng.randrange(7):
            case 0:
                fields.remove(chosen)
            case 1:
                fields.insert(
                    rng.randint(0, len(fields)), Maker(rng).field(rng.choice(FIELDS), "", 3)
                )
            case 2:
                chosen.setdefault("aliases", []).append(chosen["name"])
                chosen["name"] = rng.choice(FIELDS)
            case 3:
                chosen["name"] = rng.choice(FIELDS)
            case 4:
                rng.shuffle(fields)
            case 5 if "default" in chosen:
                del chosen["default"]
            case 5:
                fits, value = default_of(rng, chosen["type"])
                if fits:
                    chosen["default"] = value
            case _:
                chosen["aliases"] = rng.choices(FIELDS, k=rng.randint(1, 2))

    def _enum(self, node: dict[str, Any]) -> None:
        symbols, rng = node["symbols"], self.rng
        match rng.randrange(4):
            case 0 if symbols:
                gone = symbols.pop(rng.randrange(len(symbols)))
                if node.get("default") == gone and rng.random() < 0.9:
                    del node["default"]
            case 1:
                added = rng.choice(SYMBOLS)
                if added not in symbols or rng.random() < 0.05:
                    symbols.insert(rng.randint(0, len(symbols)), added)
            case 2 if "default" in node:
                del node["default"]
            case 2 if symbols:
                node["default"] = rng.choice(symbols)
            case _:
                self._named(node, lambda: rng.shuffle(symbols))

    def _named(self, node: dict[str, Any], otherwise: Any) -> None:
        rng = self.rng
        match rng.randrange(5):
            case 0:
                node["name"] = rng.choice(SHORT)
            case 1:
                node.setdefault("aliases", []).append(node["name"])
                node["name"] = rng.choice(SHORT)
            case 2:
                node["namespace"] = rng.choice(("", "n1", "n2", "n1.x"))
            case 3:
                node["aliases"] = [Maker(rng).alias()]
            case _:
                otherwise()
