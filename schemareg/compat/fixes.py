"""Edits of the new schema's text that make an incompatible change compatible.

Only what advice calls for without a choice: a default, the old name as an alias, the enum's default
symbol. Whoever applies one compares anew; nothing here promises that it is enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from schemareg.avro.schema import Array, Enum, Field, Fixed, Map, Record, Type, Union, resolve
from schemareg.compat.check import Direction
from schemareg.compat.incompatibility import Incompatibility, Kind
from schemareg.findings import Fix
from schemareg.places import Pointer, child
from schemareg.syntax import Insert, Node, Remove, Replace, Tree
from schemareg.syntax.edits import Edit

_UNKNOWN = ("UNKNOWN", "UNSPECIFIED")


def mechanical_fix(incompatibility: Incompatibility, direction: Direction) -> Fix | None:
    """The edits of the new schema's own text; None where a person has to choose, or where the
    cause is in another text.

    What guesses (that a field was renamed, that a value may be null) is not safe.
    """
    facts = incompatibility.facts
    if direction is not Direction.BACKWARD or facts.reader_uses:
        return None
    tree = facts.schemas.reader.tree
    at = tree.find(incompatibility.reader_pointer)
    if at is None:
        return None
    match incompatibility.kind, facts.reader, facts.writer:
        case Kind.READER_FIELD_MISSING_DEFAULT_VALUE, Record() as new, Record() as old:
            return _for_new_field(tree, at, facts.field, new, old) if facts.field else None
        case Kind.NAME_MISMATCH, _, Record() | Enum() | Fixed() as old:
            return _old_type_name(tree, at.parent, facts.reader, old) if at.parent else None
        case Kind.MISSING_ENUM_SYMBOLS, Enum() as new_enum, _ if at.parent is not None:
            return _enum_default(tree, at.parent, new_enum)
        case _:
            return None


def _for_new_field(tree: Tree, at: Node, field: Field, new: Record, old: Record) -> Fix | None:
    """The name that it had, where that is known; else a default."""
    former = _former(field, lost=_unmatched(old, new), gained=_unmatched(new, old))
    if former is not None:
        title = f"read {former} as {field.name}, by an alias"
        is_safe = _letters(former) == _letters(field.name)
        return _fix(tree, title, _with_alias(at, former), is_safe=is_safe)
    type_ = resolve(field.type)
    match type_:
        case Union() if any(branch.kind == "null" for branch in type_.branches):
            return _fix(tree, f"give {field.name} the default null", _default_null(tree, at))
        case Array() | Map():
            empty = "[]" if isinstance(type_, Array) else "{}"
            edits = _with_default(at, empty)
            return _fix(tree, f"give {field.name} the default {empty}", edits, is_safe=False)
        case Union():
            return None
        case _:
            title = f"let {field.name} be null, which is its default"
            return _fix(tree, title, _nullable(tree, at), is_safe=False)


def _unmatched(record: Record, other: Record) -> list[Field]:
    """The fields of `record` that `other` has under none of its names."""
    names = {name for field in other.fields for name in (field.name, *field.aliases)}
    return [f for f in record.fields if not names.intersection((f.name, *f.aliases))]


def _former(field: Field, *, lost: list[Field], gained: list[Field]) -> str | None:
    """The field that became `field`: of its type, and spelled alike or the only one that went
    while only this one came.
    """
    alike = [f for f in lost if _same_type(f, field)]
    spelled = [f.name for f in alike if _letters(f.name) == _letters(field.name)]
    if len(spelled) == 1:
        return spelled[0]
    return alike[0].name if len(alike) == len(lost) == len(gained) == 1 else None


def _same_type(one: Field, other: Field) -> bool:
    shape = resolve(one.type).shape
    return shape is not None and shape == resolve(other.type).shape


def _letters(name: str) -> str:
    return name.replace("_", "").lower()


def _old_type_name(tree: Tree, at: Node, new: Type, old: Record | Enum | Fixed) -> Fix | None:
    if not isinstance(new, Record | Enum | Fixed) or (new.namespace and not old.namespace):
        return None  # how a bare alias reads depends on the version of Avro
    name = old.name if new.namespace == old.namespace else old.fullname
    edits = _with_alias(at, name)
    return _fix(tree, f"add {name} to the aliases of {new.name}", edits)


def _enum_default(tree: Tree, at: Node, enum: Enum) -> Fix | None:
    """The symbol for what readers do not know; nothing where the enum has none."""
    symbol = next((s for s in enum.symbols if s.upper().endswith(_UNKNOWN)), None)
    if symbol is None or enum.default is not None:
        return None
    insert = Insert(at.pointer, json.dumps(symbol), key="default")
    return _fix(tree, f"make {symbol} the default of {enum.name}", [insert])


def _with_alias(at: Node, name: str) -> Iterator[Edit]:
    """`name` among the aliases of the field or type at `at`."""
    text = json.dumps(name, ensure_ascii=False)
    if "aliases" in (at.members or ()):
        yield Insert(child(at.pointer, "aliases"), text)
    else:
        yield Insert(at.pointer, f"[{text}]", key="aliases")


def _with_default(at: Node, text: str) -> Iterator[Edit]:
    members = list(at.members or ())
    yield Insert(at.pointer, text, key="default", index=members.index("type") + 1)


def _default_null(tree: Tree, at: Node) -> Iterator[Edit]:
    """The default null, and null first in the union, as a default is of the first branch."""
    union: Pointer = child(at.pointer, "type")
    branches = at.member("type").children
    written = [tree.text[branch.start : branch.end] for branch in branches]
    first = next((n for n, text in enumerate(written) if text == '"null"'), None)
    if first:
        yield Remove(child(union, first))
        yield Insert(union, '"null"', index=0)
    yield from _with_default(at, "null")


def _nullable(tree: Tree, at: Node) -> Iterator[Edit]:
    written = at.member("type")
    yield Replace(written.pointer, f'["null", {tree.text[written.start : written.end]}]')
    yield from _with_default(at, "null")


def _fix(
    tree: Tree, title: str, edits: Iterator[Edit] | list[Edit], *, is_safe: bool = True
) -> Fix | None:
    """None where the text is not written as the edits expect."""
    try:
        return Fix(title, tuple(tree.text_edits(edits)), is_safe)
    except (LookupError, ValueError):
        return None
