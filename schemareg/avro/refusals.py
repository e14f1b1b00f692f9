"""What is wrong with a schema text: collected while it is walked, placed when it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemareg.avro import source
from schemareg.avro.schema import PRIMITIVES, JsonValue
from schemareg.errors import Problem, SchemaParseError, did_you_mean
from schemareg.places import ROOT, Pointer, child

JsonObject = dict[str, JsonValue]
# Where a value stands: the object or array that holds it, and its key there. The whole object
# stands for itself with the key None; the root has no holder.
Holder = JsonObject | list[JsonValue] | None
Key = str | int | None

# what other languages call the primitives
_FOREIGN_WORDS = {
    "integer": "int", "int32": "int", "int64": "long", "bigint": "long", "short": "int",
    "byte": "bytes", "binary": "bytes", "bool": "boolean", "str": "string", "text": "string",
    "varchar": "string", "real": "double", "number": "double", "float64": "double",
}  # fmt: skip
# logical types, which are no types of their own, and what carries them
_LOGICAL_WORDS = {
    "date": "int", "time-millis": "int", "time-micros": "long", "timestamp-millis": "long",
    "timestamp-micros": "long", "timestamp-nanos": "long", "timestamp": "long",
    "decimal": "bytes", "uuid": "string",
}  # fmt: skip


class Refusals:
    """The problems of one text, at the objects and keys where they were met."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[tuple[Holder, Key, str, str, str | None]] = []

    def add(
        self, holder: Holder, key: Key, code: str, message: str, advice: str | None = None
    ) -> None:
        self.found.append((holder, key, code, message, advice))

    def error(self, value: JsonValue, text: str) -> SchemaParseError:
        """All problems with their places in `text`, whose JSON value is `value`, in text order."""
        pointers = _pointers(value)
        places: list[Pointer] = []
        for holder, key, *_ in self.found:
            base = ROOT if holder is None else pointers[id(holder)]
            places.append(base if key is None else child(base, key))
        located = source.locate_all(text, places)
        problems = [
            Problem(message, code, pointer, line, column, advice)
            for (_, _, code, message, advice), pointer, (line, column) in zip(
                self.found, places, located, strict=True
            )
        ]
        return SchemaParseError(sorted(problems, key=lambda p: (p.line, p.column)))


def _pointers(value: JsonValue) -> Mapping[int, Pointer]:
    """The pointer of every object and array in `value`, by identity."""
    found: dict[int, Pointer] = {}
    stack: list[tuple[JsonValue, Pointer]] = [(value, ROOT)]
    while stack:
        node, pointer = stack.pop()
        if isinstance(node, dict):
            found[id(node)] = pointer
            stack.extend((v, child(pointer, k)) for k, v in node.items())
        elif isinstance(node, list):
            found[id(node)] = pointer
            stack.extend((v, child(pointer, i)) for i, v in enumerate(node))
    return found


def unknown_type_advice(fullname: str, written: str, known: Iterable[str]) -> str:
    """The way out for a type name that nothing defines.

    `fullname` is what was looked for, `written` what stands in the text.
    """
    names = list(known)
    short = fullname.rpartition(".")[2]
    if fullname != written and written in names:
        return (
            f"{written!r} has no namespace, so it cannot be named from inside namespace "
            f"{fullname.rpartition('.')[0]!r} before its definition is complete: "
            f"give {written!r} a namespace"
        )
    if written in _FOREIGN_WORDS:
        return f"did you mean {_FOREIGN_WORDS[written]!r}?"
    if written in _LOGICAL_WORDS:
        return (
            f"{written!r} is a logical type: "
            f'write {{"type": "{_LOGICAL_WORDS[written]}", "logicalType": "{written}"}}'
        )
    if written in ("record", "enum", "fixed", "array", "map", "union", "error"):
        return (
            f"a {written} is written as an object of its own"
            if written != "union"
            else ('a union is written as an array: ["null", "string"]')
        )
    elsewhere = [name for name in names if name.rpartition(".")[2] == short]
    if len(elsewhere) == 1:
        return f"did you mean {elsewhere[0]!r}?"
    if not names:
        return did_you_mean(written, PRIMITIVES)
    by_short = {name.rpartition(".")[2]: name for name in names}
    near = did_you_mean(short, [*by_short, *PRIMITIVES])
    for word, name in by_short.items():
        if near == f"did you mean {word!r}?":
            return f"did you mean {name!r}?"
    if near.startswith("did"):
        return near
    return "define it, or correct the name"
