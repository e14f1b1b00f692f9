"""What a compatibility check says about one pair of schemas."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemareg.places import Pointer


class Kind(StrEnum):
    """Avro Java's six kinds of incompatibility, and the pair on which it gives no verdict.

    Source: `org.apache.avro.SchemaCompatibility.SchemaIncompatibilityType`.
    """

    NAME_MISMATCH = "NAME_MISMATCH"
    FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
    MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
    READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"
    AMBIGUOUS_FIELD = "AMBIGUOUS_FIELD"


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """One reason why `reader` cannot read what `writer` wrote.

    `message` is Avro Java's text. `reader_pointer` and `writer_pointer` lead into the two texts;
    what stands in a referenced schema is pointed at by the use that leads there.
    `java_location` is the location Avro Java reports (`/` is its root), `path` the dotted way a
    person would name the place: record, then fields, `[]` for items, `{}` for map values.
    """

    kind: Kind
    message: str
    reader_pointer: Pointer
    writer_pointer: Pointer
    java_location: str
    path: str
