"""Problems of a schema text: collected while it is walked, located when they are reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from schemareg.avro.parse.lookalikes import advice_for_value
from schemareg.avro.schema import PRIMITIVES, JsonDict, JsonValue
from schemareg.errors import Problem, SchemaParseError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import ROOT, Pointer, child
from schemareg.suggestions import did_you_mean, nearest_name
from schemareg.syntax import Tree, parse_text

# The place of a value: the object or array that holds it, and its key there. The whole object
# has the key None; the root has no holder.
Holder: TypeAlias = "JsonDict | list[JsonValue] | None"
Key = str | int | None

# what other languages call the primitives
_FOREIGN_WORDS = {
    "integer": "int", "int32": "int", "int64": "long", "bigint": "long", "short": "int",
    "byte": "bytes", "binary": "bytes", "bool": "boolean", "str": "string", "text": "string",
    "varchar": "string", "real": "double", "number": "double", "float64": "double",
}  # fmt: skip
# logical types, which are no types of their own, and what carries them
_LOGICAL_WORDS = {
    "date": '{"type": "int", "logicalType": "date"}',
    "time-millis": '{"type": "int", "logicalType": "time-millis"}',
    "time-micros": '{"type": "long", "logicalType": "time-micros"}',
    "timestamp": '{"type": "long", "logicalType": "timestamp-millis"}',
    "timestamp-millis": '{"type": "long", "logicalType": "timestamp-millis"}',
    "timestamp-micros": '{"type": "long", "logicalType": "timestamp-micros"}',
    "timestamp-nanos": '{"type": "long", "logicalType": "timestamp-nanos"}',
    "decimal": '{"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}',
    "uuid": '{"type": "string", "logicalType": "uuid"}',
}
# kinds of types that a word alone cannot describe
_WRITTEN_OUT = {
    "record": '{"type": "record", "name": "Name", "fields": []}',
    "error": '{"type": "error", "name": "Name", "fields": []}',
    "enum": '{"type": "enum", "name": "Name", "symbols": []}',
    "fixed": '{"type": "fixed", "name": "Name", "size": 16}',
    "array": '{"type": "array", "items": "string"}',
    "map": '{"type": "map", "values": "string"}',
    "union": '["null", "string"]',
}


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a type by name: the full names it may mean, nearest first, and its place."""

    candidates: tuple[str, ...]
    pointer: Pointer


class Problems:
    """The problems of one text, at the objects and keys where they were met."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[tuple[Holder, Key, str, str, str | None]] = []

    def add(
        self, holder: Holder, key: Key, code: str, message: str, advice: str | None = None
    ) -> None:
        self.found.append((holder, key, code, message, advice))

    def error(self, text: str, value: JsonValue, tree: Tree | None = None) -> SchemaParseError:
        """All problems with their places in `text`, whose JSON value is `value`, in text order.

        With `tree` the places are those in its source.
        """
        pointers = PointersOf(value)
        places = [pointers.at(holder, key) for holder, key, *_ in self.found]
        tree = tree or parse_text(text)
        instead = advice_for_value(value)
        problems = [
            Problem(message, code, pointer, *tree.locate(pointer), instead or advice)
            for (_, _, code, message, advice), pointer in zip(self.found, places, strict=True)
        ]
        return SchemaParseError(sorted(problems, key=lambda p: (p.line, p.column)))


class PointersOf:
    """The pointers of the objects and arrays in a JSON value, which must outlive this.

    They are computed as far as they are requested: most requests are for the outermost object.
    """

    def __init__(self, value: JsonValue) -> None:
        self.rest = _pointers(value)
        self.pointers: dict[int, Pointer] = {}

    def at(self, holder: Holder, key: Key = None) -> Pointer:
        """The pointer of `holder`, or of what it has under `key`."""
        if holder is None:
            return ROOT
        base = self.pointers.get(id(holder))
        if base is None:
            base = self._next(id(holder))
        return base if key is None else child(base, key)

    def _next(self, wanted: int) -> Pointer:
        for identity, pointer in self.rest:
            self.pointers[identity] = pointer
            if identity == wanted:
                return pointer
        raise KeyError(wanted)


# most values hold nothing, and their pointers are never needed
_HOLDERS = (dict, list)


def _pointers(value: JsonValue) -> Iterator[tuple[int, Pointer]]:
    """The identity and the pointer of every object and array in `value`."""
    stack: list[tuple[JsonValue, Pointer]] = [(value, ROOT)]
    while stack:
        node, pointer = stack.pop()
        if isinstance(node, dict):
            yield id(node), pointer
            stack.extend((v, child(pointer, k)) for k, v in node.items() if type(v) in _HOLDERS)
        elif isinstance(node, list):
            yield id(node), pointer
            stack.extend((v, child(pointer, i)) for i, v in enumerate(node) if type(v) in _HOLDERS)


_TEMPLATE_MARKS = ("@include", "${", "{{", "<%", "%s")


def unknown_type_advice(fullname: str, written: str, known: Iterable[str]) -> str:
    """The advice for a type name that nothing defines.

    `fullname` is what was looked for, `written` what the text has.
    """
    if instead := advice_for_value(written):
        return instead
    names = list(known)
    short = fullname.rpartition(".")[2]
    if fullname != written and written in names:
        return (
            f"{written!r} has no namespace, so it cannot be named from inside namespace "
            f"{fullname.rpartition('.')[0]!r} before its definition is complete: "
            f"give {written!r} a namespace"
        )
    if any(mark in written for mark in _TEMPLATE_MARKS):
        return "the file looks like a template: lint what is made of it, and exclude the template"
    if written in _FOREIGN_WORDS:
        return f"did you mean {_FOREIGN_WORDS[written]!r}?"
    if written in _LOGICAL_WORDS:
        return f"{written!r} is a logical type: write {_LOGICAL_WORDS[written]}"
    if written in _WRITTEN_OUT:
        return f"write it out: {_WRITTEN_OUT[written]}"
    elsewhere = [name for name in names if name.rpartition(".")[2] == short]
    if len(elsewhere) == 1:
        return f"did you mean {elsewhere[0]!r}?"
    if not names:
        return did_you_mean(written, PRIMITIVES)
    near = nearest_name(fullname, [*names, *PRIMITIVES])
    return "define it, or correct the name" if near is None else f"did you mean {near!r}?"
