"""What clients ask with: the bodies of requests, as far as the registry reads them."""

from __future__ import annotations

from collections.abc import Mapping

from schemareg.avro.schema import JsonValue
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.types import Metadata

NEXT = 0
LATEST = -1
_JAVA_BLANKS = "".join(map(chr, range(0x21)))


@dataclass(frozen=True, slots=True)
class ReferenceRequest:
    """A reference as sent; any member may be missing. Version -1 means the latest."""

    name: str | None
    subject: str | None
    version: int | None

    def __str__(self) -> str:
        name, subject = ("null" if part is None else part for part in (self.name, self.subject))
        version = "null" if self.version is None else self.version
        return f"{{name='{name}', subject='{subject}', version={version}}}"


@dataclass(frozen=True, slots=True)
class TagChange:
    """Tags to add to or take from one record or field of a schema."""

    path: str
    kind: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemaRequest:
    """A schema as sent to register, look up or check.

    `version` is `NEXT`, `LATEST` (the latest one if it is the same, else the next) or a number;
    `id` below 0 means none.
    """

    text: str = ""
    schema_type: str | None = None
    references: tuple[ReferenceRequest, ...] = ()
    metadata: Metadata | None = None
    rule_set: Mapping[str, JsonValue] | None = None
    version: int = 0
    id: int = -1
    tags_to_add: tuple[TagChange, ...] = ()
    tags_to_remove: tuple[TagChange, ...] = ()
    rules_to_merge: Mapping[str, JsonValue] | None = None
    rules_to_remove: tuple[str, ...] = ()
    propagate_tags: bool = False
    """The tags of the latest version go on where their record or field does."""

    @property
    def changes_tags(self) -> bool:
        return bool(self.tags_to_add or self.tags_to_remove or self.propagate_tags)

    @property
    def is_empty(self) -> bool:
        return not self.text.strip(_JAVA_BLANKS)
