"""Random pairs of schemas from a tiny vocabulary, so that names, aliases and types collide often.

The writer is mostly the reader after one to three small changes, as real schemas evolve; then
the roles may be swapped. A few texts are damaged, so that parsers are compared on bad input too.
"""

from __future__ import annotations

import copy
import json
import random
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

NameRule: TypeAlias = Literal["utf", "strict", "none"]

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


@dataclass(frozen=True, slots=True)
class Pair:
    """Two schema texts, and under which rule for names to parse them."""

    reader: str
    writer: str
    names: NameRule = "utf"


def pair(rng: random.Random) -> Pair:
    """The next pair; the same state of `rng` gives the same."""
    first = _family(rng) if rng.random() < 0.06 else _Maker(rng).schema()
    if rng.random() < 0.15:
        second = _Maker(rng).schema()
    else:
        second = copy.deepcopy(first)
        for _ in range(rng.randint(0, 3)):
            second = _Mutation(rng, second).apply()
    if rng.random() < 0.5:
        first, second = second, first
    rules: tuple[NameRule, ...] = ("utf", "none", "strict")
    names = rng.choices(rules, (94, 3, 3))[0]
    if names == "none":
        first, second = (_with_odd_names(rng, schema) for schema in (first, second))
    return Pair(_text(rng, first), _text(rng, second), names)


def _family(rng: random.Random) -> Any:
    """A record whose fields use the same few types over and over, recursively and in unions.

    What a check remembers of one use shows at the next: chance alone hardly ever builds that.
    """
    names = rng.sample(["n1.A", "n2.A", "n1.B", "n2.B", "C"], rng.randint(2, 4))

    def use() -> Any:
        one, other = rng.choice(names), rng.choice(names)
        several = list(dict.fromkeys((one, other)))
        shapes: tuple[Any, ...] = (
            one,
            several,
            ["null", *several],
            {"type": "array", "items": one},
            {"type": "map", "values": several},
        )
        return rng.choice(shapes)

    waiting: dict[str, Any] = {}
    for name in names:
        fields: list[Any] = [{"name": "v", "type": rng.choice(("int", "long", "string"))}]
        fields += [{"name": each, "type": use()} for each in rng.sample("abc", rng.randint(0, 2))]
        waiting[name] = {"type": "record", "name": name, "fields": fields}
    # each definition stands where its name is met first, wherever that is
    fields = [{"name": each, "type": use()} for each in rng.sample(FIELDS, rng.randint(2, 4))]
    root = {"type": "record", "name": "D", "fields": fields}
    return _defined_at_first_use(root, waiting)


def _defined_at_first_use(node: Any, waiting: dict[str, Any]) -> Any:
    if isinstance(node, str):
        return _defined_at_first_use(waiting.pop(node), waiting) if node in waiting else node
    if isinstance(node, list):
        return [_defined_at_first_use(branch, waiting) for branch in node]
    for key in ("items", "values"):
        if key in node:
            node[key] = _defined_at_first_use(node[key], waiting)
    for each in node.get("fields", ()):
        each["type"] = _defined_at_first_use(each["type"], waiting)
    return node


def _text(rng: random.Random, schema: Any) -> str:
    text = json.dumps(schema, ensure_ascii=rng.random() < 0.5)
    return _damaged(rng, text) if rng.random() < 0.01 else text


def _damaged(rng: random.Random, text: str) -> str:
    """A text that JSON parsers disagree on, or one with a piece lost."""
    at = rng.randrange(len(text) + 1)
    end = min(len(text), at + rng.randint(0, 3))
    inserted = rng.choice(
        [
            "",
            ",",
            "/* c */",
            "// c\n",
            "#",
            "'",
            "NaN",
            "01",
            "1e400",
            "\ufeff",
            "\x00",
            "\\",
            " ",
            "{}",
        ]
    )
    return text[:at] + inserted + text[end:]


def _with_odd_names(rng: random.Random, schema: Any) -> Any:
    odd = rng.choice(["😀", "\uffee", "é", "a-b", "1"])
    text = json.dumps(schema, ensure_ascii=False)
    return json.loads(text.replace(f'"{rng.choice(SYMBOLS)}"', json.dumps(odd, ensure_ascii=False)))


@dataclass(slots=True)
class _Maker:
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


class _Mutation:
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
                    rng.randint(0, len(fields)), _Maker(rng).field(rng.choice(FIELDS), "", 3)
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
                node["aliases"] = [_Maker(rng).alias()]
            case _:
                otherwise()
