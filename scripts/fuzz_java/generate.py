"""Random pairs of schemas from a tiny vocabulary, so that names, aliases and types collide often.

The writer is mostly the reader after one to three small changes, as real schemas evolve; then
the roles may be swapped. A few texts are damaged, so that parsers are compared on bad input too.
"""

from __future__ import annotations

import copy
import json
import random
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from fuzz_java.made import FIELDS, SYMBOLS, Maker
from fuzz_java.mutation import Mutation

NameRule: TypeAlias = Literal["utf", "strict", "none"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two schema texts, and under which rule for names to parse them."""

    reader: str
    writer: str
    names: NameRule = "utf"


def pair(rng: random.Random) -> Pair:
    """The next pair; the same state of `rng` gives the same."""
    first = _family(rng) if rng.random() < 0.06 else Maker(rng).schema()
    if rng.random() < 0.15:
        second = Maker(rng).schema()
    else:
        second = copy.deepcopy(first)
        for _ in range(rng.randint(0, 3)):
            second = Mutation(rng, second).apply()
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
