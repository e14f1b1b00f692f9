"""The walk over two schemas that yields their changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemareg.avro.depth import with_room
from schemareg.avro.logical import LogicalType, logical_type
from schemareg.avro.resolution import is_settled
from schemareg.avro.schema import (
    Array,
    Default,
    Enum,
    Field,
    Fixed,
    JsonValue,
    Map,
    NamedType,
    Node,
    Primitive,
    Props,
    Record,
    Schema,
    Type,
    Union,
    resolve,
)
from schemareg.compat import Direction
from schemareg.compat.resolution_walk import reads
from schemareg.diff.change import Change, ChangeKind, Impact, Place
from schemareg.diff.pairing import (
    BACKWARD,
    FORWARD,
    branch_pairs,
    field_pairs,
    met_in,
    name_breaks,
    rename_breaks,
    same_branch,
    second_names,
    type_breaks,
)
from schemareg.diff.words import logical_word, type_word

_LOGICAL_PROPS = frozenset(("logicalType", "precision", "scale"))


def diff(old: Schema, new: Schema) -> Iterator[Change]:
    """Every change from `old` to `new`, in the new schema's order.

    A type that is used in several places is compared where it is met first.
    """
    yield from with_room(lambda: tuple(_changes(old, new)))


def _changes(old: Schema, new: Schema) -> Iterator[Change]:
    places = Place(old, old.root), Place(new, new.root)
    return _Walk().nodes(_Pair(old.root, new.root, _root_name(new.root), *places))


def _root_name(node: Node) -> str:
    """What the path to a type begins with; "" where it has no name."""
    type_ = resolve(node)
    return type_.name if isinstance(type_, Record | Enum | Fixed) else ""


class _Pair(NamedTuple):
    """A pair of nodes as used, the path to them, and their places or those of their uses.

    `met` are the directions in which a reader of one meets the other: of a renamed field that
    only one side knows as such, a type is read in one direction alone.
    """

    old: Node
    new: Node
    path: str
    old_at: Place
    new_at: Place
    met: tuple[Direction, ...] = (Direction.BACKWARD, Direction.FORWARD)


class _Walk:
    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen: set[tuple[int, int, tuple[Direction, ...]]] = set()

    def nodes(self, place: _Pair) -> Iterator[Change]:
        old, new = resolve(place.old), resolve(place.new)
        if is_settled(old, new):
            return
        key = (id(old), id(new), place.met)
        if key in self.seen:
            return
        self.seen.add(key)
        here = _Pair(
            old,
            new,
            place.path,
            place.old_at.inside(place.old),
            place.new_at.inside(place.new),
            place.met,
        )
        match old, new:
            case Record(), Record():
                yield from self.named(here, old, new)
                if old.is_error != new.is_error:
                    before, after = (
                        "error" if type_.is_error else "record" for type_ in (old, new)
                    )
                    yield _change(here, ChangeKind.PROPERTY_CHANGED, before, after, subject="type")
                yield from self.fields(here, old, new)
            case Enum(), Enum():
                yield from self.named(here, old, new)
                yield from self.symbols(here, old, new)
            case Fixed(), Fixed():
                yield from self.named(here, old, new)
                if old.size != new.size:
                    yield _change(here, ChangeKind.SIZE_CHANGED, old.size, new.size, _BOTH)
            case Array(), Array():
                yield from _properties(here, old.props, new.props)
                yield from self.nodes(_inside(here, old.items, new.items, "[]"))
            case Map(), Map():
                yield from _properties(here, old.props, new.props)
                yield from self.nodes(_inside(here, old.values, new.values, "{}"))
            case Union(), Union():
                yield from self.branches(here, old, new)
            case Primitive(), Primitive() if old.kind == new.kind:
                yield from _logical_types(here, old, new)
            case _:
                yield from self.types(here, old, new)

    def types(self, here: _Pair, old: Type, new: Type) -> Iterator[Change]:
        """One type in the place of another; what stays of it inside a union is compared too."""
        breaks = type_breaks(old, new)
        kind = ChangeKind.TYPE_CHANGED
        if breaks == (FORWARD,):
            kind = ChangeKind.TYPE_WIDENED
        elif breaks == (BACKWARD,):
            kind = ChangeKind.TYPE_NARROWED
        yield _change(here, kind, type_word(old), type_word(new), breaks, Impact.MINOR)
        if isinstance(new, Union):
            for branch in new.branches:
                if same_branch(old, resolve(branch)):
                    yield from self.nodes(_inside(here, old, branch))
        elif isinstance(old, Union):
            for branch in old.branches:
                if same_branch(resolve(branch), new):
                    yield from self.nodes(_inside(here, branch, new))

    def branches(self, here: _Pair, old: Union, new: Union) -> Iterator[Change]:
        pairs = branch_pairs(old, new)
        continued = set(pairs.values())
        for old_index, branch in enumerate(old.branches):
            if old_index not in continued:
                breaks = () if reads(reader=new, writer=branch) else (BACKWARD,)
                word = type_word(resolve(branch))
                yield _change(here, ChangeKind.BRANCH_REMOVED, word, None, breaks, Impact.MINOR)
        for index, branch in enumerate(new.branches):
            if index not in pairs:
                breaks = () if reads(reader=old, writer=branch) else (FORWARD,)
                word = type_word(resolve(branch))
                yield _change(here, ChangeKind.BRANCH_ADDED, None, word, breaks, Impact.MINOR)
            else:
                # the root has no name of its own where it is a union: its branches have
                word = "" if here.path else _root_name(branch)
                yield from self.nodes(_inside(here, old.branches[pairs[index]], branch, word))
        if list(pairs.values()) != sorted(pairs.values()):
            before, after = type_word(old), type_word(new)
            yield _change(here, ChangeKind.BRANCHES_REORDERED, before, after)

    def named(self, here: _Pair, old: NamedType, new: NamedType) -> Iterator[Change]:
        if old.fullname != new.fullname:
            breaks = name_breaks(old, new)
            yield _change(
                here, ChangeKind.NAME_CHANGED, old.fullname, new.fullname, breaks, Impact.MAJOR
            )
        yield from _docs(here, old.doc, new.doc)
        yield from _aliases(here, old.aliases, new.aliases)
        if isinstance(old, Fixed) and isinstance(new, Fixed):
            yield from _logical_types(here, old, new)
        else:
            yield from _properties(here, old.props, new.props)

    def symbols(self, here: _Pair, old: Enum, new: Enum) -> Iterator[Change]:
        before_symbols, after_symbols = set(old.symbols), set(new.symbols)
        for symbol in old.symbols:
            if symbol not in after_symbols:
                breaks = () if new.default is not None else (BACKWARD,)
                yield _change(here, ChangeKind.SYMBOL_REMOVED, symbol, None, breaks, Impact.MINOR)
        for symbol in new.symbols:
            if symbol not in before_symbols:
                breaks = () if old.default is not None else (FORWARD,)
                yield _change(here, ChangeKind.SYMBOL_ADDED, None, symbol, breaks, Impact.MINOR)
        if _reordered(old.symbols, new.symbols):
            before, after = ", ".join(old.symbols), ", ".join(new.symbols)
            yield _change(here, ChangeKind.SYMBOLS_REORDERED, before, after)
        before_default: Sequence[JsonValue] = () if old.default is None else (old.default,)
        after_default: Sequence[JsonValue] = () if new.default is None else (new.default,)
        yield from _defaults(here, before_default, after_default)

    def fields(self, here: _Pair, old: Record, new: Record) -> Iterator[Change]:
        pairs = field_pairs(old, new)
        taken, confusing = second_names(new, old), second_names(old, new)
        continued = set(pairs.values())
        for index, field in enumerate(old.fields):
            if index not in continued:
                breaks = () if field.default is not None else (FORWARD,)
                at = self.field_place(here, field.name, old_index=index)
                word = type_word(resolve(field.type))
                yield _change(at, ChangeKind.FIELD_REMOVED, word, None, breaks, Impact.MINOR)
        for index, field in enumerate(new.fields):
            if index in pairs and _says_the_same(old.fields[pairs[index]], field):
                continue
            at = self.field_place(
                here, old_index=pairs.get(index), new_index=index, name=field.name
            )
            if index in pairs:
                yield from self.field(at, old.fields[pairs[index]], field, taken)
            else:
                lacks = () if field.default is not None else (BACKWARD,)
                confuses = (FORWARD,) if field.name in confusing else ()
                word = type_word(resolve(field.type))
                breaks = (*lacks, *confuses)
                yield _change(at, ChangeKind.FIELD_ADDED, None, word, breaks, Impact.MINOR)
        names = [old.fields[old_index].name for old_index in pairs.values()]
        if list(pairs.values()) != sorted(pairs.values()):
            before = ", ".join(sorted(names, key=[f.name for f in old.fields].index))
            yield _change(here, ChangeKind.FIELDS_REORDERED, before, ", ".join(names))

    def field_place(
        self, here: _Pair, name: str, *, old_index: int | None = None, new_index: int | None = None
    ) -> _Pair:
        path = f"{here.path}.{name}" if here.path else name
        old_at, new_at = here.old_at.at_field(old_index), here.new_at.at_field(new_index)
        return _Pair(here.old, here.new, path, old_at, new_at, here.met)

    def field(self, at: _Pair, old: Field, new: Field, taken: frozenset[str]) -> Iterator[Change]:
        if old.name != new.name:
            breaks = rename_breaks(old, new)
            yield _change(at, ChangeKind.FIELD_RENAMED, old.name, new.name, breaks, Impact.MINOR)
        met = met_in(old, new, at.met)
        yield from self.nodes(_Pair(old.type, new.type, at.path, at.old_at, at.new_at, met))
        yield from _defaults(
            at,
            () if old.default is None else (old.default.value,),
            () if new.default is None else (new.default.value,),
        )
        yield from _docs(at, old.doc, new.doc)
        if old.aliases or new.aliases:
            yield from _aliases(at, old.aliases, new.aliases, known_as=old.name, taken=taken)
        if old.order != new.order:
            yield _change(at, ChangeKind.SORT_ORDER_CHANGED, old.order, new.order)
        if old.props or new.props:
            yield from _properties(at, old.props, new.props)


_BOTH = (BACKWARD, FORWARD)


def _says_the_same(old: Field, new: Field) -> bool:
    """Both fields are equal, and so plain that a short look shows it: most of a schema's are."""
    return old is new or (
        old.name == new.name
        and old.doc == new.doc
        and old.order == new.order
        and old.aliases == new.aliases
        and not old.props
        and not new.props
        and is_settled(old.type, new.type)
        and _is_same_default(old.default, new.default)
    )


def _is_same_default(old: Default | None, new: Default | None) -> bool:
    if old is None or new is None:
        return old is new
    return _same_json(old.value, new.value)


def _inside(here: _Pair, old: Node, new: Node, word: str = "") -> _Pair:
    """A pair one level down."""
    return _Pair(old, new, here.path + word, here.old_at, here.new_at, here.met)


def _change(
    here: _Pair,
    kind: ChangeKind,
    before: JsonValue,
    after: JsonValue,
    breaks: tuple[Direction, ...] = (),
    impact: Impact = Impact.PATCH,
    subject: str = "",
) -> Change:
    met = tuple(direction for direction in breaks if direction in here.met)
    weight = Impact.MAJOR if met else impact
    return Change(
        kind,
        here.path,
        before,
        after,
        here.old_at,
        here.new_at,
        weight,
        met,
        subject,
    )


def _reordered(old: Sequence[str], new: Sequence[str]) -> bool:
    common = set(old).intersection(new)
    return [name for name in old if name in common] != [name for name in new if name in common]


def _defaults(here: _Pair, old: Sequence[JsonValue], new: Sequence[JsonValue]) -> Iterator[Change]:
    """`old` and `new` hold one default, or none."""
    if not old and new:
        yield _change(here, ChangeKind.DEFAULT_ADDED, None, new[0], (), Impact.MINOR)
    elif old and not new:
        yield _change(here, ChangeKind.DEFAULT_REMOVED, old[0], None, (), Impact.MINOR)
    elif old and new and not _same_json(old[0], new[0]):
        yield _change(here, ChangeKind.DEFAULT_CHANGED, old[0], new[0], (), Impact.MINOR)


def _docs(here: _Pair, old: str | None, new: str | None) -> Iterator[Change]:
    if old != new:
        yield _change(here, ChangeKind.DOC_CHANGED, old, new)


def _aliases(
    here: _Pair,
    old: Sequence[str],
    new: Sequence[str],
    *,
    known_as: str = "",
    taken: frozenset[str] = frozenset(),
) -> Iterator[Change]:
    """The alias of a rename is part of the rename; one that is `taken` would confuse."""
    before, after = dict.fromkeys(old), dict.fromkeys(new)
    for alias in before:
        if alias not in after:
            yield _change(here, ChangeKind.ALIAS_REMOVED, alias, None, (), Impact.MINOR)
    for alias in after:
        if alias not in before and alias != known_as:
            breaks = (BACKWARD,) if alias in taken else ()
            yield _change(here, ChangeKind.ALIAS_ADDED, None, alias, breaks)


def _properties(
    here: _Pair, old: Props, new: Props, *, reported: frozenset[str] = frozenset()
) -> Iterator[Change]:
    """Properties that differ, but for those already `reported` by another change."""
    for name in dict.fromkeys((*old, *new)):
        if name in reported:
            continue
        if (name in old) != (name in new) or not _same_json(old.get(name), new.get(name)):
            before, after = old.get(name), new.get(name)
            yield _change(here, ChangeKind.PROPERTY_CHANGED, before, after, (), Impact.PATCH, name)


def _logical_types(here: _Pair, old: Primitive | Fixed, new: Primitive | Fixed) -> Iterator[Change]:
    """The logical type, and the other properties; an invalid logical type is but a property."""
    before, after = logical_type(old), logical_type(new)
    reported = _LOGICAL_PROPS if before != after else frozenset[str]()
    yield from _properties(here, old.props, new.props, reported=reported)
    if before != after:
        impact = Impact.MAJOR if _means_another(before, after) else Impact.MINOR
        yield _change(
            here,
            ChangeKind.LOGICAL_TYPE_CHANGED,
            logical_word(before),
            logical_word(after),
            (),
            impact,
        )


def _means_another(old: LogicalType | None, new: LogicalType | None) -> bool:
    """The same bytes represent another value; a decimal that only gets longer does not."""
    if old is None or new is None:
        return False
    if old.name == new.name == "decimal" and old.scale == new.scale:
        return (old.precision or 0) > (new.precision or 0)
    return True


def _same_json(old: JsonValue, new: JsonValue) -> bool:
    """Equal as JSON: true is not 1, and 1 is not 1.0."""
    return repr(old) == repr(new)
