"""Which part of a reader's schema reads which part of a writer's: the choices, not the bytes.

Where the specification leaves a choice open (several branches of a reader's union could take a
value), the choice is Avro Java's, since its readers are the ones in the field.

Source: Apache Avro 1.12 specification, "Schema Resolution" and "Aliases".
"""

from __future__ import annotations

from schemareg.avro.schema import (
    Enum,
    Field,
    Fixed,
    NamedType,
    Node,
    Primitive,
    Record,
    Type,
    Union,
    resolve,
)

PROMOTIONS = frozenset(
    {
        ("int", "long"),
        ("int", "float"),
        ("int", "double"),
        ("long", "float"),
        ("long", "double"),
        ("float", "double"),
        ("string", "bytes"),
        ("bytes", "string"),
    }
)
"""(writer's kind, reader's kind) of primitives that are read although they differ."""


def is_settled(one: Node, other: Node) -> bool:
    """The same primitive type without properties, or the same optional of one.

    Most pairs of fields are that: nothing differs, and every decoder reads either with the other.
    """
    if isinstance(one, Primitive):
        return (
            isinstance(other, Primitive)
            and one.kind == other.kind
            and not one.props
            and not other.props
        )
    if not isinstance(one, Union) or not isinstance(other, Union):
        return False
    ours, theirs = one.branches, other.branches
    return (
        len(ours) == len(theirs) == 2
        and "null" in (ours[0].kind, ours[1].kind)
        and isinstance(ours[0], Primitive)
        and isinstance(ours[1], Primitive)
        and is_settled(ours[0], theirs[0])
        and is_settled(ours[1], theirs[1])
    )


def names_match(writer: NamedType, reader: NamedType) -> bool:
    """The short names are equal, or an alias of the reader is the writer's full name."""
    return writer.name == reader.name or is_known_by(writer, reader)


def is_known_by(writer: NamedType, reader: NamedType) -> bool:
    """The writer's full name is the reader's own or one of its aliases."""
    return writer.fullname == reader.fullname or writer.fullname in reader.aliases


def sources_by_name(writer: Record, reader: Record) -> dict[str, list[int]]:
    """Indices of the writer's fields by the name that they have for this reader.

    A reader's alias renames the writer's field, also where the reader has a field of the old
    name too. A name with two indices is ambiguous to the reader.
    """
    renamed = {alias: field.name for field in reader.fields for alias in field.aliases}
    if not renamed and len(writer.positions) == len(writer.fields):
        return {name: [index] for name, index in writer.positions.items()}
    sources: dict[str, list[int]] = {}
    for index, field in enumerate(writer.fields):
        sources.setdefault(renamed.get(field.name, field.name), []).append(index)
    return sources


def source_of(reader_field: Field, writer: Record, reader: Record) -> int | None:
    """Index of the writer's field that fills `reader_field`; None: its default must."""
    found = sources_by_name(writer, reader).get(reader_field.name)
    return found[0] if found else None


def choose_branch(writer: Type, reader: Union, *, any_record_name: bool = False) -> int | None:
    """Index of the reader's branch that takes values of `writer` (no union); None: no branch.

    In this order: a branch of the same kind that is known by the writer's full name or has no
    name; a branch of the same short name whose parts fit; a branch of the same short name at
    all; with `any_record_name` a record of another name whose parts fit; a promotion.
    """
    chosen = _choose(writer, reader, set())
    if any_record_name and isinstance(writer, Record):
        named = chosen is not None and _parts_fit(writer, _record(reader.branches[chosen]), set())
        exact = chosen is not None and is_known_by(writer, _record(reader.branches[chosen]))
        if not named and not exact:
            return next(
                (
                    index
                    for index, node in enumerate(reader.branches)
                    if isinstance(branch := resolve(node), Record)
                    and _parts_fit(writer, branch, set())
                ),
                chosen,
            )
    return chosen


def _record(node: Node) -> Record:
    type_ = resolve(node)
    assert isinstance(type_, Record)
    return type_


def _choose(writer: Type, reader: Union, open_pairs: set[tuple[int, int]]) -> int | None:
    fitting: int | None = None
    namesake: int | None = None
    for index, node in enumerate(reader.branches):
        branch = resolve(node)
        if branch.kind != writer.kind:
            continue
        if not isinstance(writer, Record | Enum | Fixed):
            return index
        assert isinstance(branch, Record | Enum | Fixed)
        if is_known_by(writer, branch):
            return index
        if writer.name != branch.name:
            continue
        if namesake is None:
            namesake = index
        if fitting is None and _parts_fit(writer, branch, open_pairs):
            fitting = index
    if fitting is not None:
        return fitting
    if namesake is not None:
        return namesake
    for index, node in enumerate(reader.branches):
        if (writer.kind, resolve(node).kind) in PROMOTIONS:
            return index
    return None


def _parts_fit(writer: NamedType, reader: NamedType, open_pairs: set[tuple[int, int]]) -> bool:
    """One level of looking inside, as Java does before it settles on a namesake."""
    match writer, reader:
        case Fixed(), Fixed():
            return writer.size == reader.size
        case Enum(), Enum():
            return reader.default is not None or set(writer.symbols) <= set(reader.symbols)
        case Record(), Record():
            pair = (id(writer), id(reader))
            if pair in open_pairs:
                return True
            open_pairs.add(pair)
            sources = sources_by_name(writer, reader)
            return all(
                _may_read(writer.fields[found[0]].type, field.type, open_pairs)
                if (found := sources.get(field.name))
                else field.default is not None
                for field in reader.fields
            )
        case _:
            return False


def _may_read(writer_node: Node, reader_node: Node, open_pairs: set[tuple[int, int]]) -> bool:
    writer, reader = resolve(writer_node), resolve(reader_node)
    if isinstance(writer, Union):
        return True
    if isinstance(reader, Union):
        return _choose(writer, reader, open_pairs) is not None
    if isinstance(writer, Enum | Fixed) and isinstance(reader, Enum | Fixed):
        fits = writer.kind == reader.kind and names_match(writer, reader)
        return fits and not (
            isinstance(writer, Fixed) and isinstance(reader, Fixed) and writer.size != reader.size
        )
    return writer.kind == reader.kind or (writer.kind, reader.kind) in PROMOTIONS
