"""Records of a union that Avro Java's reader tries, and that make it fail where it takes another.

It looks for the writer's record among the branches in order, and until one has its full name it
resolves each as if it were the one. For that it makes every default that the branch would need,
and one that it cannot make ends the reader before the first byte.

Source: Avro 1.12.1, `org.apache.avro.Resolver.ReaderUnion.firstMatchingBranch`.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.binary.default_values import default_value
from schemareg.avro.resolution import choose_branch, is_known_by
from schemareg.avro.schema import Default, Enum, Field, NamedType, Record, Union, resolve
from schemareg.compat.hazard import HazardKind, LocalHazard
from schemareg.compat.hazards.default_use import javas_branch, takes
from schemareg.compat.resolution_walk import stages, start_of
from schemareg.errors import DecodeError


def can_fail(type_: NamedType) -> bool:
    """Whether it is a record with a default that cannot be made."""
    return isinstance(type_, Record) and any(
        field.default is not None and _cannot_be_made(field, field.default)
        for field in type_.fields
    )


def failed_trials(writer: Record, reader: Union) -> Iterator[LocalHazard]:
    """Each branch but the one for `writer` on which Java's reader fails before it has chosen."""
    chosen = choose_branch(writer, reader)
    for index, branch in enumerate(map(resolve, reader.branches)):
        if not isinstance(branch, Record):
            continue
        if is_known_by(writer, branch):
            return
        field = None if index == chosen else _failing(writer, branch, set())
        if field is not None:
            yield LocalHazard(
                HazardKind.UNUSABLE_DEFAULT,
                f"Avro Java's reader tries {branch.fullname} for {writer.fullname}, and fails on "
                f"the default of its {field.name!r}, whatever the event",
                f"Put the branch that the default of {field.name!r} is of first in its union, or "
                f"{writer.fullname} before {branch.fullname}.",
            )


def _failing(writer: Record, reader: Record, seen: set[tuple[int, int]]) -> Field | None:
    """The field whose default cannot be made where `reader` is tried for `writer`."""
    for stage in stages(start_of(writer, reader)):
        written, read = resolve(stage.writer), resolve(stage.reader)
        if not isinstance(written, Record) or (id(written), id(read)) in seen:
            continue
        seen.add((id(written), id(read)))
        field = None
        if isinstance(read, Record):
            field = _failing_default(written, read)
        elif isinstance(read, Union):
            for branch in map(resolve, read.branches):
                if isinstance(branch, Record) and field is None:
                    field = _failing(written, branch, seen)
                    if is_known_by(written, branch):
                        break
        if field is not None:
            return field
    return None


def _failing_default(writer: Record, reader: Record) -> Field | None:
    own = {field.name for field in writer.fields}
    for field in reader.fields:
        if field.name in own:
            continue
        if field.default is None:
            return None  # it stops looking here
        if _cannot_be_made(field, field.default):
            return field
    return None


def _starts_with_null(union: Union) -> bool:
    return bool(union.branches) and union.branches[0].kind == "null"


def _cannot_be_made(field: Field, default: Default) -> bool:
    type_ = resolve(field.type)
    if default.value is None and isinstance(type_, Union) and _starts_with_null(type_):
        return False
    try:
        default_value(field.type, default.value)
    except DecodeError:
        return True
    if not isinstance(type_, Union):
        return False
    index = javas_branch(type_, default)
    if index is None or takes(type_.branches[index], default):
        return False
    branch = resolve(type_.branches[index])
    # what does not fit an array or a map is an empty one to it
    if not isinstance(branch, Record):
        return isinstance(branch, Enum)
    given = default.value if isinstance(default.value, dict) else {}
    return bool(given) or any(
        part.default is None and part.name not in given for part in branch.fields
    )
