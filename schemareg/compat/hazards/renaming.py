"""Fields of the writer that Avro Java's reader renames by aliases until two have one name.

It renames every field of every record of the writer before it resolves anything, also in records
that no event reaches, and refuses all events where a record then has two fields of one name.

Source: Avro 1.12.1, `org.apache.avro.Schema.applyAliases`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemareg.avro.schema import NamedType, Record
from schemareg.compat.hazard import LocalHazard, Unsafe


def renaming_clashes(
    read: Mapping[str, NamedType], written: Mapping[str, NamedType]
) -> Iterator[LocalHazard]:
    """Each record of `written` that has two fields of one name after the aliases of `read`."""
    renamed = {alias: name for name, type_ in read.items() for alias in type_.aliases}
    for name, writer in written.items():
        reader = read.get(renamed.get(name, name))
        if not isinstance(writer, Record) or not isinstance(reader, Record):
            continue
        new_names = {alias: field.name for field in reader.fields for alias in field.aliases}
        sources: dict[str, str] = {}
        for field in writer.fields:
            target = new_names.get(field.name, field.name)
            first = sources.setdefault(target, field.name)
            if first != field.name:
                yield LocalHazard(
                    Unsafe.SHARED_SOURCE,
                    f"{first!r} and {field.name!r} of the writer's {name} both become {target!r} "
                    f"by the aliases of {reader.fullname}, and Avro Java's reader refuses every "
                    f"event, also where none has a {name}",
                    f"Remove the alias of {target!r} that the writer has as a field of its own.",
                )
