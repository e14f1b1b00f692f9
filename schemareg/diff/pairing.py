"""What of a new schema continues what of an old one, and in which direction it is still read."""

from __future__ import annotations

from schemareg.avro.schema import Enum, Field, Fixed, NamedType, Node, Record, Type, Union, resolve
from schemareg.compat import Direction
from schemareg.compat.resolution_walk import reads

BACKWARD, FORWARD = Direction.BACKWARD, Direction.FORWARD


def field_pairs(old: Record, new: Record) -> dict[int, int]:
    """New field index -> index of the old field that it continues, by name, then by alias."""
    places = {field.name: index for index, field in enumerate(old.fields)}
    pairs = {i: places[f.name] for i, f in enumerate(new.fields) if f.name in places}
    paired = set(pairs.values())
    free = {name: index for name, index in places.items() if index not in paired}
    for index, field in enumerate(new.fields):
        if index in pairs:
            continue
        by_alias = [alias for alias in field.aliases if alias in free]
        known = [name for name, i in free.items() if field.name in old.fields[i].aliases]
        for name in (by_alias or known)[:1]:
            pairs[index] = free.pop(name)
    return dict(sorted(pairs.items()))


def branch_pairs(old: Union, new: Union) -> dict[int, int]:
    """New branch index -> index of the old branch that it continues, by full name first."""
    olds = [resolve(branch) for branch in old.branches]
    news = [resolve(branch) for branch in new.branches]
    places = {_exactly(branch): index for index, branch in enumerate(olds)}
    pairs = {
        index: places[_exactly(branch)]
        for index, branch in enumerate(news)
        if _exactly(branch) in places
    }
    taken = set(pairs.values())
    free = [index for index in range(len(olds)) if index not in taken]
    for index, branch in enumerate(news):
        if index in pairs:
            continue
        found = next((i for i in free if same_branch(olds[i], branch)), None)
        if found is not None:
            pairs[index] = found
            free.remove(found)
    return dict(sorted(pairs.items()))


def _exactly(branch: Type) -> tuple[str, str]:
    """What no two branches of a union share."""
    if isinstance(branch, Record | Enum | Fixed):
        return branch.kind, branch.fullname
    return branch.kind, ""


def same_branch(old: Type, new: Type) -> bool:
    """The one may be what the other became: of one kind, and of one name if they have names."""
    if old.kind != new.kind:
        return False
    if not isinstance(old, Record | Enum | Fixed) or not isinstance(new, Record | Enum | Fixed):
        return True
    return old.name == new.name or old.fullname in new.aliases or new.fullname in old.aliases


def second_names(reader: Record, writer: Record) -> frozenset[str]:
    """Names of the writer's fields that one field of the reader matches alike."""
    if not any(field.aliases for field in reader.fields):
        return frozenset()
    written = {field.name for field in writer.fields}
    found: set[str] = set()
    for field in reader.fields:
        matching = written.intersection((field.name, *field.aliases))
        if len(matching) > 1:
            found |= matching
    return frozenset(found)


def met_in(old: Field, new: Field, met: tuple[Direction, ...]) -> tuple[Direction, ...]:
    """The directions in which the reader's field finds the writer's at all."""
    if old.name == new.name:
        return met
    found = {
        BACKWARD: old.name in (new.name, *new.aliases),
        FORWARD: new.name in (old.name, *old.aliases),
    }
    return tuple(direction for direction in met if found[direction])


def type_breaks(old: Node, new: Node) -> tuple[Direction, ...]:
    """The directions in which one node cannot read the other."""
    found: list[Direction] = []
    if not reads(reader=new, writer=old):
        found.append(BACKWARD)
    if not reads(reader=old, writer=new):
        found.append(FORWARD)
    return tuple(found)


def rename_breaks(old: Field, new: Field) -> tuple[Direction, ...]:
    """A renamed field is found by the reader's alias, or else by nothing but its default."""
    found: list[Direction] = []
    if old.name not in new.aliases and new.default is None:
        found.append(BACKWARD)
    if new.name not in old.aliases and old.default is None:
        found.append(FORWARD)
    return tuple(found)


def name_breaks(old: NamedType, new: NamedType) -> tuple[Direction, ...]:
    if old.name == new.name:
        return ()
    found: list[Direction] = []
    if old.fullname not in new.aliases:
        found.append(BACKWARD)
    if new.fullname not in old.aliases:
        found.append(FORWARD)
    return tuple(found)
