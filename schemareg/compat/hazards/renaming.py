"""What Avro Java's reader breaks when it renames the writer's fields by the reader's aliases.

It renames every field of every record of the writer before it resolves anything, also in records
that no event reaches, and refuses all events where a record then has two fields of one name, or
where a default of the writer names a field by its old name.

Source: Avro 1.12.1, `org.apache.avro.Schema.applyAliases`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemareg.avro.defaults import Judge, NoAnswerError, is_unfinished
from schemareg.avro.schema import Field, NamedType, Record
from schemareg.compat.hazard import HazardKind, LocalHazard


def renaming_clashes(
    read: Mapping[str, NamedType], written: Mapping[str, NamedType]
) -> Iterator[LocalHazard]:
    """Each record of `written` that the aliases of `read` break."""
    pairs = list(_pairs(read, written))
    for writer, reader in pairs:
        yield from _shared_names(writer, reader)
    renamed = {writer.fullname: _new_names(reader) for writer, reader in pairs}
    if not any(renamed.values()):
        return
    judge = Judge(first_branch=False, is_unfinished=is_unfinished, renamed=renamed)
    for type_ in written.values():
        for field in type_.fields if isinstance(type_, Record) else ():
            if not _still_fits(field, judge):
                yield LocalHazard(
                    HazardKind.UNUSABLE_DEFAULT,
                    f"the default of the writer's {type_.fullname}.{field.name} names a field that "
                    f"the aliases of the reader rename, and Avro Java's reader refuses every event",
                    f"Keep the names of the fields that this default of {field.name!r} needs.",
                )


def _pairs(
    read: Mapping[str, NamedType], written: Mapping[str, NamedType]
) -> Iterator[tuple[Record, Record]]:
    """Each record of the writer with the reader's record whose aliases Java applies to it."""
    renamed = {alias: name for name, type_ in read.items() for alias in type_.aliases}
    for name, writer in written.items():
        reader = read.get(renamed.get(name, name))
        if isinstance(writer, Record) and isinstance(reader, Record):
            yield writer, reader


def _new_names(reader: Record) -> dict[str, str]:
    return {alias: field.name for field in reader.fields for alias in field.aliases}


def _shared_names(writer: Record, reader: Record) -> Iterator[LocalHazard]:
    new_names = _new_names(reader)
    if not new_names:
        return
    sources: dict[str, str] = {}
    for field in writer.fields:
        target = new_names.get(field.name, field.name)
        first = sources.setdefault(target, field.name)
        if first != field.name:
            yield LocalHazard(
                HazardKind.SHARED_SOURCE,
                f"{first!r} and {field.name!r} of the writer's {writer.fullname} both become "
                f"{target!r} by the aliases of {reader.fullname}, and Avro Java's reader refuses "
                f"every event, also where none has a {writer.fullname}",
                f"Remove the alias of {target!r} that the writer has as a field of its own.",
            )


def _still_fits(field: Field, judge: Judge) -> bool:
    if field.default is None:
        return True
    try:
        return judge.fits(field.default.value, field.type)
    except NoAnswerError:
        return False
