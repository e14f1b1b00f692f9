"""Properties that change what Avro Java's reader does with a value, and no other reader's."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.schema import Primitive
from schemareg.compat.hazard import HazardKind, LocalHazard

_CLASSES = ("java-class", "java-key-class", "java-element-class")
_STRING_CLASS = "avro.java.string"


def java_only(writer: Primitive, reader: Primitive) -> Iterator[LocalHazard]:
    """What comes with a property that the reader's type has and the writer's lacks.

    Source: Avro 1.12.1, `GenericDatumReader.findStringClass` (a text read with `java-class` stays
    a Utf8 and fails where it is cast), `LogicalTypes.fromSchemaIgnoreInvalid`.
    """
    added = [name for name in _CLASSES if name in reader.props and name not in writer.props]
    if reader.kind == "string" and "java-class" in added:
        yield LocalHazard(
            HazardKind.JAVA_CLASS,
            f"a string with java-class {reader.props['java-class']!r}: Avro Java's generic reader "
            "fails on every value (ClassCastException)",
            "Leave java-class out, and convert in the consumer.",
        )
    name = reader.props.get("logicalType")
    beside = [*added]
    if _STRING_CLASS in reader.props and _STRING_CLASS not in writer.props:
        beside.append(_STRING_CLASS)
    if isinstance(name, str) and beside:
        yield LocalHazard(
            HazardKind.DROPPED_LOGICAL_TYPE,
            f"Avro Java ignores the logical type {name!r} beside {beside[0]!r}; other readers go "
            "by it",
            f"Remove {beside[0]!r} or the logical type.",
        )
