"""The bounds that a schema's own properties set for its values, beyond Avro's types.

The words are JSON Schema's, on a field or on its type: `minimum`, `maximum`, `minLength`,
`maxLength`, `minItems`, `maxItems`, `pattern`, `examples`. Avro ignores them; sample events heed
them.

Source: JSON Schema 2020-12, "Validation", sections 6.2 to 6.4 and 9.5.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemareg.avro.schema import JsonValue, Props
from schemareg.lazy_dataclass import dataclass
from schemareg.patterns import compile_pattern


@dataclass(frozen=True, slots=True)
class Constraints:
    """The bounds on a value; None where there is none. Lengths count characters or bytes."""

    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    examples: tuple[JsonValue, ...] = ()

    def allow_number(self, value: float) -> bool:
        """`value` is within the bounds; NaN is within none."""
        if self.minimum is not None and not value >= self.minimum:
            return False
        return self.maximum is None or value <= self.maximum

    def allow_text(self, value: str) -> bool:
        """`value` has an allowed length and matches the pattern."""
        return self.allow_length(len(value)) and (
            self.pattern is None or compile_pattern(self.pattern).search(value) is not None
        )

    def allow_length(self, length: int) -> bool:
        return (self.min_length or 0) <= length and (
            self.max_length is None or length <= self.max_length
        )

    def allow_items(self, count: int) -> bool:
        return (self.min_items or 0) <= count and (
            self.max_items is None or count <= self.max_items
        )


def constraints(*props: Props) -> Constraints:
    """The constraints in all of `props`, a field's after its type's: the last one counts."""
    given = {word: value for each in props for word, value in each.items()}
    return Constraints(
        minimum=_number(given.get("minimum")),
        maximum=_number(given.get("maximum")),
        min_length=_count(given.get("minLength")),
        max_length=_count(given.get("maxLength")),
        min_items=_count(given.get("minItems")),
        max_items=_count(given.get("maxItems")),
        pattern=_pattern(given.get("pattern")),
        examples=_several(given.get("examples")),
    )


def _number(value: JsonValue) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _count(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _pattern(value: JsonValue) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        compile_pattern(value)
    except ValueError:
        return None  # ECMA's patterns may hold more than RE2 knows; a constraint is advice
    return value


def _several(value: JsonValue | Sequence[JsonValue]) -> tuple[JsonValue, ...]:
    return tuple(value) if isinstance(value, list) else ()
