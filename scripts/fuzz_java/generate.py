"""Random schemas from a tiny vocabulary, so that names, aliases and types collide often.

They come in groups of three, each mostly another one of the three after a few small changes, as
real schemas evolve; each reads each other. A few texts are damaged, so that parsers are compared on
bad input too.
"""

from __future__ import annotations

import copy
import json
import random
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Literal, TypeAlias

from fuzz_java.made import FIELDS, SYMBOLS, Maker
from fuzz_java.mutation import Mutation

NameRule: TypeAlias = Literal["utf", "strict", "none"]


SCHEMAS = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Schema texts, under which rule for names to parse them, and which reads which.

    `pairs` has the places of reader and writer in `texts`.
    """

    texts: tuple[str, ...]
    names: NameRule = "utf"
    pairs: tuple[tuple[int, int], ...] = tuple(permutations(range(SCHEMAS), 2))

    def only(self, reader: str, writer: str) -> Group:
        """The group of one pair under the same rule."""
        return Group((reader, writer), self.names, ((0, 1),))


PAIRS = SCHEMAS * (SCHEMAS - 1)


def group(rng: random.Random) -> Group:
    """The next group; the same state of `rng` gives the same."""
    schemas = [_family(rng) if rng.random() < 0.06 else Maker(rng).schema()]
    while len(schemas) < SCHEMAS:
        if rng.random() < 0.15:
            schemas.append(Maker(rng).schema())
            continue
        changed = copy.deepcopy(rng.choice(schemas))
        for _ in range(rng.randint(0, 3)):
            changed = Mutation(rng, changed).apply()
        schemas.append(changed)
    rules: tuple[NameRule, ...] = ("utf", "none", "strict")
    names = rng.choices(rules, (94, 3, 3))[0]
    if names == "none":
        schemas = [_with_odd_names(rng, schema) for schema in schemas]
    return Group(tuple(_text(rng, schema) for schema in schemas), names)


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
