"""Example events from a schema alone: seeded and realistic, or on purpose at the edge.

Events hold Python's own types for logical types (datetime with a zone, Decimal, UUID, date,
time), as `schemareg.codec` takes them. A union value is bare where its Python type implies the
branch, else `(branch name, value)`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeAlias, assert_never
from uuid import UUID

from schemareg.avro.logical import LogicalType, logical_type
from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Props,
    Record,
    Schema,
    Union,
    name_of,
    resolve,
)
from schemareg.errors import ContentError
from schemareg.limits import LIMITS
from schemareg.patterns import longest_match
from schemareg.sampling import realistic
from schemareg.sampling.constraints import Constraints, constraints
from schemareg.sampling.minimum_depth import Heights

Event: TypeAlias = Any
"""What a schema describes, as Python has it. Any, since its shape is the schema's."""

_EVERY_DAY_DEPTH = 3
_MOST_DIGITS = 100
_ATTEMPTS = 200
_HALF = 0.5
_PRESENT = 0.8
NO_PROPS: Props = {}


def sample(schema: Schema, *, seed: int, count: int) -> Iterator[Event]:
    """`count` realistic events, the same for the same schema, seed and release of this package.

    Raises: ContentError when the schema has no finite value (a record that requires itself).
    """
    maker = Maker(Random(seed))
    for _ in range(count):
        yield maker.value(schema.root)


def same_event(left: Event, right: Event) -> bool:
    """The two are equal, a NaN to a NaN and a named branch's value to a bare one."""
    left, right = _bare(left), _bare(right)
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(
            same_event(value, right[key]) for key, value in left.items()
        )
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same_event, left, right))
    return bool(left == right)


def _bare(value: Event) -> Event:
    named = isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)
    return value[1] if named else value


class Maker:
    """Values node by node, from one source of randomness."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._values = 0
        self.heights = Heights()

    def value(self, node: Node, name: str = "", props: Props = NO_PROPS, depth: int = 0) -> Event:
        """A value for `node`, which a field called `name` with `props` holds.

        Beyond a depth of some records only what ends soonest is made.
        """
        type_ = resolve(node)
        self._values = self._values + 1 if depth else 1
        if self._values > LIMITS.event_values:
            raise ContentError(
                f"an example event has more than {LIMITS.event_values:,} values",
                advice="types that hold each other many times multiply: use arrays or fewer fields",
            )
        self.heights.require_finite(type_)
        if isinstance(type_, Primitive | Fixed):
            return self._scalar(type_, name, constraints(type_.props, props))
        match type_:
            case Enum():
                return self.rng.choice(type_.symbols)
            case Array():
                count = self._count(type_.items, type_.props, props, depth)
                return [self.value(type_.items, name, NO_PROPS, depth + 1) for _ in range(count)]
            case Map():
                count = self._count(type_.values, type_.props, props, depth)
                return {
                    f"{realistic.text('', self.rng)} {i + 1}": self.value(
                        type_.values, name, NO_PROPS, depth + 1
                    )
                    for i in range(count)
                }
            case Record():
                return {
                    field.name: self.value(
                        field.type,
                        field.name if field.name != "value" else name or field.name,
                        field.props,
                        depth + 1,
                    )
                    for field in type_.fields
                }
            case Union():
                index = self._branch(type_, depth)
                return self.in_branch(type_, index, name, props, depth)
            case _:
                assert_never(type_)

    def in_branch(
        self, union: Union, index: int, name: str = "", props: Props = NO_PROPS, depth: int = 0
    ) -> Event:
        """A value of the branch at `index`, named where a bare one would be ambiguous."""
        return as_branch(union, index, self.value(union.branches[index], name, props, depth))

    def _branch(self, union: Union, depth: int) -> int:
        heights = [self.heights.of(branch) for branch in union.branches]
        if depth > _EVERY_DAY_DEPTH:
            return heights.index(min(heights))
        possible = [i for i, height in enumerate(heights) if not math.isinf(height)]
        present = [i for i in possible if resolve(union.branches[i]).kind != "null"]
        if len(present) == len(possible) or (present and self.rng.random() < _PRESENT):
            return self.rng.choice(present)
        return next(i for i in possible if i not in present)

    def _count(self, item: Node, type_props: Props, props: Props, depth: int) -> int:
        bounds = constraints(type_props, props)
        least = _within_limit("minItems", bounds.min_items or 0, LIMITS.event_values)
        if depth > _EVERY_DAY_DEPTH or not self.heights.is_finite(item):
            return least
        most = bounds.max_items if bounds.max_items is not None else max(least, 1) + 2
        return self.rng.randint(min(max(least, 1), most), most)

    def _scalar(self, type_: Primitive | Fixed, name: str, bounds: Constraints) -> Event:
        logical = logical_type(type_)
        if logical is not None:
            value = self._logical(type_, logical, name, bounds)
            if value is not None:
                return value
        if isinstance(type_, Fixed):
            return self.rng.randbytes(
                _within_limit("the size of a fixed", type_.size, LIMITS.event_text_characters)
            )
        if bounds.examples:
            example = self.rng.choice(bounds.examples)
            if _is_of(example, type_.kind):
                return float(example) if type_.kind in ("float", "double") else example  # type: ignore[arg-type]  # _is_of settled it
        match type_.kind:
            case "null":
                return None
            case "boolean":
                return self.rng.random() < _HALF
            case "int" | "long":
                number = realistic.whole_number(name, self.rng, wide=type_.kind == "long")
                return _bounded_int(number, bounds, self.rng)
            case "float":
                return single(
                    _bounded_float(realistic.real_number(name, self.rng), bounds, self.rng)
                )
            case "double":
                return _bounded_float(realistic.real_number(name, self.rng), bounds, self.rng)
            case "bytes":
                return self.rng.randbytes(_length_within(bounds, self.rng.randint(4, 16)))
            case _:
                return self._text(name, bounds)

    def _text(self, name: str, bounds: Constraints) -> str:
        text = realistic.text(name, self.rng)
        if bounds.allow_text(text):
            return text
        if bounds.pattern is not None:
            return self._matching(bounds.pattern, bounds)
        length = _length_within(bounds, len(text))
        return (text * (length // len(text) + 1))[:length]

    def _matching(self, pattern: str, bounds: Constraints) -> str:
        from rstr import Rstr  # only patterns need it

        try:
            longest = longest_match(pattern)
        except ValueError as problem:
            raise ContentError(
                f"the pattern {pattern[:80]!r} {problem}", advice="give `examples` beside it"
            ) from problem
        if longest > LIMITS.pattern_expansion:
            raise ContentError(
                f"texts that match {pattern[:80]!r} may have more than"
                f" {LIMITS.pattern_expansion:,} characters",
                advice="give `examples`, or a simpler pattern",
            )
        maker = Rstr(self.rng)
        for _ in range(_ATTEMPTS):
            text = maker.xeger(pattern)
            if bounds.allow_text(text):
                return text
        raise ContentError(
            f"no text was found that matches {pattern!r} and the lengths beside it",
            advice="give `examples`, or correct the pattern",
        )

    def _logical(
        self, type_: Primitive | Fixed, logical: LogicalType, name: str, bounds: Constraints
    ) -> Event:
        """The value of a logical type that Python has a type for, else None."""
        rng = self.rng
        match logical.name:
            case "decimal":
                return self._decimal(logical, name, bounds)
            case "uuid":
                return UUID(realistic.uuid_text(rng))
            case "date":
                return date(2026, 1, 1) + timedelta(days=rng.randrange(365))
            case "time-millis":
                return time(rng.randrange(24), rng.randrange(60), rng.randrange(60))
            case "time-micros":
                return time(rng.randrange(24), rng.randrange(60), rng.randrange(60), 250_000)
            case "timestamp-millis" | "timestamp-micros":
                return self._instant(logical.name).replace(tzinfo=UTC)
            case "local-timestamp-millis" | "local-timestamp-micros":
                return self._instant(logical.name)
            case "timestamp-nanos" | "local-timestamp-nanos":
                return realistic.instant_s(rng) * 10**9 + rng.randrange(10**9)
            case "duration":
                return struct.pack(
                    "<III", rng.randrange(12), rng.randrange(28), rng.randrange(86_400_000)
                )
            case _:
                return None

    def _instant(self, logical_name: str) -> datetime:
        micros = self.rng.randrange(1_000_000)
        if logical_name.endswith("millis"):
            micros -= micros % 1000
        since = timedelta(seconds=realistic.instant_s(self.rng), microseconds=micros)
        return datetime(1970, 1, 1) + since  # noqa: DTZ001  # the caller gives it its zone

    def _decimal(self, logical: LogicalType, name: str, bounds: Constraints) -> Decimal:
        scale = logical.scale or 0
        largest = largest_unscaled(logical)
        unscaled = round(realistic.real_number(name, self.rng) * 10**scale)
        lowest = -largest if bounds.minimum is None else round(bounds.minimum * 10**scale)
        highest = largest if bounds.maximum is None else round(bounds.maximum * 10**scale)
        if not lowest <= unscaled <= highest:
            unscaled = self.rng.randint(max(lowest, -largest), min(highest, largest))
        return decimal_of(unscaled, scale)


def decimal_of(unscaled: int, scale: int) -> Decimal:
    """`unscaled` / 10^`scale`, exactly, whatever the context's precision."""
    sign = 1 if unscaled < 0 else 0
    return Decimal((sign, tuple(map(int, str(abs(unscaled)))), -scale))


def largest_unscaled(logical: LogicalType) -> int:
    """The largest unscaled number worth a sample: all nines, but no more than a hundred."""
    assert logical.precision is not None
    return int(10 ** min(logical.precision, _MOST_DIGITS)) - 1


def single(value: float) -> float:
    """The 32-bit float nearest to `value`."""
    narrowed: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return narrowed


def as_branch(union: Union, index: int, value: Event) -> Event:
    """`value` bare where its Python type decides the branch, else with the branch's name."""
    family = _family(union.branches[index])
    rivals = [node for i, node in enumerate(union.branches) if i != index]
    if any(_family(node) == family for node in rivals):
        return (name_of(union.branches[index]), value)
    return value


def _family(node: Node) -> str:
    """Types that share a family may take the same Python value."""
    type_ = resolve(node)
    if isinstance(type_, Primitive | Fixed) and (logical := logical_type(type_)) is not None:
        name = logical.name
        if "nanos" not in name and name != "duration":
            return name.removesuffix("-millis").removesuffix("-micros")
    match type_.kind:
        case "int" | "long" | "float" | "double":
            return "number"
        case "string" | "enum":
            return "text"
        case "bytes" | "fixed":
            return "bytes"
        case "record" | "map":
            return "mapping"
        case kind:
            return kind


def _is_of(example: object, kind: str) -> bool:
    wanted: Mapping[str, type | tuple[type, ...]] = {
        "string": str,
        "boolean": bool,
        "int": int,
        "long": int,
        "float": (int, float),
        "double": (int, float),
    }
    accepted = wanted.get(kind)
    return (
        accepted is not None
        and isinstance(example, accepted)
        and (kind == "boolean" or not isinstance(example, bool))
    )


def _bounded_int(number: int, bounds: Constraints, rng: Random) -> int:
    if bounds.allow_number(number):
        return number
    low, high = _interval(bounds, number)
    return rng.randint(math.ceil(low), math.floor(high))


def _bounded_float(number: float, bounds: Constraints, rng: Random) -> float:
    if bounds.allow_number(number):
        return number
    return rng.uniform(*_interval(bounds, number))


def _interval(bounds: Constraints, number: float) -> tuple[float, float]:
    low = bounds.minimum if bounds.minimum is not None else min(number, bounds.maximum or 0) - 100
    high = bounds.maximum if bounds.maximum is not None else low + 100
    return low, max(low, high)


def _within_limit(word: str, least: int, most: int) -> int:
    """`least`, which a schema demands.

    Raises: ContentError when it is more than an example may have.
    """
    if least > most:
        raise ContentError(
            f"{word} is {least:,}, and an example has at most {most:,}",
            advice="lower it, or give `examples`",
        )
    return least


def _length_within(bounds: Constraints, length: int) -> int:
    least = _within_limit("minLength", bounds.min_length or 0, LIMITS.event_text_characters)
    length = max(length, least)
    return length if bounds.max_length is None else min(length, bounds.max_length)
