"""Random schemas, some of them odd, from a seed."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import dataclass, field
from typing import Any

SHORT = "ABCD"
NAMESPACES = (None, None, None, "", "n1", "n2", "n1.x")
FIELDS = "abcdef"
SYMBOLS = "VWXYZ"
PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
LOGICAL = (
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "long", "logicalType": "local-timestamp-nanos"},
    {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
    {"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 9},
    {"type": "string", "logicalType": "date"},
)
ODD_DEFAULTS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.0,
    2**31,
    2**63,
    "",
    "X",
    "NaN",
    [],
    {},
    [1],
    {"a": 1},
    "ÿ",
)


@dataclass(slots=True)
class Maker:
    rng: random.Random
    defined: list[str] = field(default_factory=list)
    leaves: list[Any] = field(default_factory=list)

    def schema(self) -> Any:
        # a bare primitive or reference at the root says little
        kind = self.rng.choices(("any", "record"), (3, 7))[0]
        return self.record("", 0) if kind == "record" else self.node("", 0)

    def node(self, namespace: str, depth: int) -> Any:
        rng = self.rng
        if self.defined and rng.random() < 0.10:
            return self.reference(namespace)
        if rng.random() < 0.004:
            return rng.choice(["E", "n1.E", "A", "B", "n2.A"])  # forward, open or unknown
        if self.leaves and rng.random() < 0.005:
            return copy.deepcopy(rng.choice(self.leaves))  # defined again, and equal
        weights = (12, 2, 1.3, 1.3, 2.5, 3, 2, 1.5) if depth < 3 else (12, 2, 0, 0, 0, 0, 2, 1.5)
        kind = rng.choices(
            ("primitive", "logical", "array", "map", "union", "record", "enum", "fixed"), weights
        )[0]
        match kind:
            case "primitive":
                name = rng.choice(PRIMITIVES)
                return {"type": name} if rng.random() < 0.2 else name
            case "logical":
                return dict(rng.choice(LOGICAL))
            case "array":
                return {"type": "array", "items": self.node(namespace, depth + 1)}
            case "map":
                return {"type": "map", "values": self.node(namespace, depth + 1)}
            case "union":
                return self.union(namespace, depth)
            case "record":
                return self.record(namespace, depth)
            case "enum":
                return self.enum(namespace)
            case _:
                return self.fixed(namespace)

    def union(self, namespace: str, depth: int) -> list[Any]:
        branches: list[Any] = []
        size = self.rng.choices((0, 1, 2, 3, 4, 31), (3, 10, 50, 22, 14, 0.3))[0]
        if self.rng.random() < 0.4 and size:
            branches.append("null")
        for _ in range(size - len(branches)):
            branch = self.node(namespace, depth + 1)
            if isinstance(branch, list) or (
                self.rng.random() > 0.02 and _branch_key(branch) in map(_branch_key, branches)
            ):
                continue
            branches.append(branch)
        return branches

    def names(self, enclosing: str) -> tuple[dict[str, Any], str]:
        """The name attributes of a definition, and the namespace inside it."""
        rng = self.rng
        short, namespace = rng.choice(SHORT), rng.choice(NAMESPACES)
        attributes: dict[str, Any] = {"name": short}
        if namespace is not None and rng.random() < 0.5 and namespace:
            attributes["name"] = f"{namespace}.{short}"
        elif namespace is not None:
            attributes["namespace"] = namespace
        inside = enclosing if namespace is None else namespace
        fullname = f"{inside}.{short}" if inside else short
        if fullname in self.defined and rng.random() < 0.9:
            short = next((s for s in SHORT if _full(s, inside) not in self.defined), "E")
            attributes["name"] = f"{inside}.{short}" if "." in attributes["name"] else short
            fullname = _full(short, inside)
        self.defined.append(fullname)
        if rng.random() < 0.25:
            attributes["aliases"] = [self.alias() for _ in range(rng.choices((1, 2), (3, 1))[0])]
        if rng.random() < 0.03:
            attributes["doc"] = rng.choice(["d", "é", '"', ""])
        if rng.random() < 0.03:
            attributes[rng.choice(["x", "order", "default"])] = rng.choice([1, "s", None, 1e10])
        return attributes, inside

    def alias(self) -> str:
        short = self.rng.choice(SHORT)
        return self.rng.choice([short, f"n1.{short}", f"n2.{short}", f".{short}"])

    def reference(self, namespace: str) -> str:
        fullname = self.rng.choice(self.defined)
        inside, _, short = fullname.rpartition(".")
        if inside == namespace and self.rng.random() < 0.5:
            return short
        return fullname

    def record(self, namespace: str, depth: int) -> dict[str, Any]:
        rng = self.rng
        attributes, inside = self.names(namespace)
        fields = [
            self.field(name, inside, depth)
            for name in rng.sample(FIELDS, rng.choices((0, 1, 2, 3), (1, 3, 4, 2))[0])
        ]
        kind = "error" if rng.random() < 0.05 else "record"
        return {"type": kind, **attributes, "fields": fields}

    def field(self, name: str, namespace: str, depth: int) -> dict[str, Any]:
        rng = self.rng
        made: dict[str, Any] = {"name": name, "type": self.node(namespace, depth + 1)}
        if rng.random() < 0.25:
            fits, value = default_of(rng, made["type"])
            if fits:
                made["default"] = value
        if rng.random() < 0.02:
            made["default"] = rng.choice(ODD_DEFAULTS)
        if rng.random() < 0.20:
            made["aliases"] = rng.choices(FIELDS, k=rng.choices((1, 2), (3, 1))[0])
        if rng.random() < 0.02:
            made["order"] = rng.choice(["ascending", "descending", "ignore", "none"])
        if rng.random() < 0.02:
            made["doc"] = "d"
        return made

    def enum(self, namespace: str) -> dict[str, Any]:
        rng = self.rng
        attributes, _ = self.names(namespace)
        symbols = rng.sample(SYMBOLS, rng.choices((0, 1, 2, 3), (1, 8, 8, 4))[0])
        made = {"type": "enum", **attributes, "symbols": symbols}
        made.pop("default", None)
        if symbols and rng.random() < 0.3:
            made["default"] = rng.choice(symbols)
        self.leaves.append(made)
        return made

    def fixed(self, namespace: str) -> dict[str, Any]:
        attributes, _ = self.names(namespace)
        made = {"type": "fixed", **attributes, "size": self.rng.choice((0, 1, 2, 4))}
        self.leaves.append(made)
        return made


def _full(short: str, namespace: str) -> str:
    return f"{namespace}.{short}" if namespace else short


def _branch_key(branch: Any) -> str:
    if isinstance(branch, dict):
        kind = branch["type"]
        return json.dumps(branch.get("name")) if "name" in branch else str(kind)
    return str(branch)


def default_of(rng: random.Random, type_: Any) -> tuple[bool, Any]:
    """Whether a default is easily found for this type, and one."""
    if isinstance(type_, list):
        choices = [branch for branch in type_ if isinstance(branch, str | dict)]
        return default_of(rng, rng.choice(choices)) if choices else (False, None)
    kind = type_["type"] if isinstance(type_, dict) else type_
    match kind:
        case "null":
            return True, None
        case "boolean":
            return True, rng.random() < 0.5
        case "int" | "long":
            return True, rng.choice((0, 1, -7, 2**31 - 1))
        case "float" | "double":
            return True, rng.choice((0, 1.5, -2, "NaN", 1e10))
        case "bytes" | "string":
            return True, rng.choice(("", "a", "ÿ"))
        case "array":
            return True, []
        case "map":
            return True, {}
        case "enum" if type_["symbols"]:
            return True, rng.choice(type_["symbols"])
        case "fixed":
            return True, "\x01" * type_["size"]
        case "record":
            value = {}
            for each in type_["fields"]:
                fits, inner = default_of(rng, each["type"])
                if not fits:
                    return False, None
                value[each["name"]] = inner
            return True, value
        case _:
            return False, None
