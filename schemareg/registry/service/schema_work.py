"""How large a schema may be so that one request cannot hold the server up."""

from __future__ import annotations

from schemareg.avro.schema import Schema, Union, walk
from schemareg.errors import Problem, SchemaParseError
from schemareg.limits import LIMITS

REFERENCES_MAX = LIMITS.schema_references
UNION_PAIRS_MAX = LIMITS.schema_union_pairs
_SMALL_TEXT = 2_000
"""No text shorter than this has unions of that many pairs."""


def check_references(reached: int) -> None:
    """Nothing, if a schema that reaches so many references may be read.

    Raises: `SchemaParseError`.
    """
    if reached > REFERENCES_MAX:
        raise SchemaParseError(
            [
                Problem(
                    f"the schema refers to more than {REFERENCES_MAX} others, directly or not",
                    code="too-many-references",
                    advice="keep types that are used together in one schema",
                )
            ]
        )


def check_unions(schema: Schema) -> None:
    """Nothing, if the unions of `schema` together hold no more than `UNION_PAIRS_MAX` pairs.

    One union of 400 branches does, or 16 unions of 100.

    Raises: `SchemaParseError`.
    """
    if len(schema.text) < _SMALL_TEXT:
        return
    pairs = sum(len(node.branches) ** 2 for node in walk(schema) if isinstance(node, Union))
    if pairs > UNION_PAIRS_MAX:
        raise SchemaParseError(
            [
                Problem(
                    "the unions have too many branches to be compared",
                    code="union-too-large",
                    advice="wrap alternatives in records, or split the schema",
                )
            ]
        )
