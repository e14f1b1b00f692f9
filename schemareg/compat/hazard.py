"""Hazards as data: what can be unsafe about a pair of compatible schemas."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from schemareg.avro.schema import Node, Schema
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Pointer


class HazardKind(StrEnum):
    """What can go wrong although the schemas are compatible."""

    DECIMAL_SCALE = "decimal-scale"
    DECIMAL_PRECISION = "decimal-precision"
    TIME_UNIT = "time-unit"
    LOGICAL_TYPE = "logical-type"
    LOSSY_PROMOTION = "lossy-promotion"
    BYTES_AS_TEXT = "bytes-as-text"
    TEXT_AS_BYTES = "text-as-bytes"
    SHARED_SOURCE = "shared-source"
    ALIAS_ACROSS_NAMES = "alias-across-names"
    ALIAS_SHADOWS_TYPE = "alias-shadows-type"
    NAMESPACE = "namespace"
    NAMESAKES = "namesakes"
    EARLIER_PROMOTION = "earlier-promotion"
    UNUSABLE_DEFAULT = "unusable-default"
    RAW_DEFAULT = "raw-default"
    DECODER_REFUSES = "decoder-refuses"
    UNKNOWN_SYMBOL = "unknown-symbol"
    JAVA_CLASS = "java-class"
    DROPPED_LOGICAL_TYPE = "dropped-logical-type"


AGREED = frozenset((HazardKind.UNKNOWN_SYMBOL,))
"""What every reader does alike, as specified: only the meaning is in doubt."""


class NodeIn(NamedTuple):
    """A node, and the schema in whose text it is."""

    schema: Schema
    node: Node


@dataclass(frozen=True, slots=True)
class Hazard:
    """One way in which reading can fail or mislead, at a place in both texts.

    `reader_uses` and `writer_uses` are the full names by which types were used on the way to it,
    outermost first. `is_new` is False for what was so before, in a union that did not change.
    """

    kind: HazardKind
    message: str
    advice: str
    path: str
    reader: NodeIn
    writer: NodeIn
    reader_uses: tuple[str, ...] = ()
    writer_uses: tuple[str, ...] = ()
    is_new: bool = True

    @property
    def reader_pointer(self) -> Pointer:
        """Where it is in the reader's text."""
        return self.reader.schema.pointer(self.reader.node)

    @property
    def writer_pointer(self) -> Pointer:
        """Where it is in the writer's text."""
        return self.writer.schema.pointer(self.writer.node)


@dataclass(frozen=True, slots=True)
class LocalHazard:
    """A hazard whose place is still a pair of nodes."""

    kind: HazardKind
    message: str
    advice: str
    is_new: bool = True
