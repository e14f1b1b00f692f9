"""Hypothesis strategies for the events of a schema.

Like `schemareg.sampling.sample`, but anything the schema allows, and smaller where a test fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import strategies as st

from schemareg.avro.logical import LogicalType, logical_type
from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    Map,
    NamedType,
    Node,
    Primitive,
    Props,
    Record,
    Schema,
    Union,
    resolve,
)
from schemareg.integers import INT, LONG
from schemareg.sampling.constraints import Constraints, constraints
from schemareg.sampling.minimum_depth import Heights
from schemareg.sampling.sample import NO_PROPS, as_branch, decimal_of, largest_unscaled

Events = st.SearchStrategy[Any]

_MOST_ITEMS = 5


def events(schema: Schema) -> Events:
    """Events of `schema` as `schemareg.codec` takes them, within their constraints.

    Raises: ContentError when the schema has no finite value.
    """
    return _Strategies().of(schema.root)


class _Strategies:
    """One strategy per named type, deferred where a type contains itself."""

    def __init__(self) -> None:
        self._heights = Heights()
        self._named: dict[int, Events] = {}

    def of(self, node: Node, props: Props = NO_PROPS) -> Events:
        type_ = resolve(node)
        self._heights.require_finite(type_)
        if isinstance(type_, Record):
            return self._once(type_, lambda: self._record(type_))
        match type_:
            case Primitive() | Fixed():
                return scalars(type_, constraints(type_.props, props))
            case Enum():
                return st.sampled_from(type_.symbols)
            case Array():
                least, most = _sizes(constraints(type_.props, props))
                return st.lists(self._items(type_.items), min_size=least, max_size=most)
            case Map():
                least, most = _sizes(constraints(type_.props, props))
                return st.dictionaries(
                    _texts(Constraints()), self._items(type_.values), min_size=least, max_size=most
                )
            case Union():
                return st.one_of(
                    [
                        self._branch(type_, index, props)
                        for index, branch in enumerate(type_.branches)
                        if self._heights.is_finite(branch)
                    ]
                )

    def _items(self, node: Node) -> Events:
        return self.of(node) if self._heights.is_finite(node) else st.nothing()

    def _once(self, type_: NamedType, make: Callable[[], Events]) -> Events:
        known = self._named.get(id(type_))
        if known is None:
            made: list[Events] = []
            known = self._named[id(type_)] = st.deferred(lambda: made[0])
            made.append(make())
        return known

    def _record(self, record: Record) -> Events:
        fields: Mapping[str, Events] = {
            field.name: self.of(field.type, field.props) for field in record.fields
        }
        return st.fixed_dictionaries(dict(fields))

    def _branch(self, union: Union, index: int, props: Props) -> Events:
        return self.of(union.branches[index], props).map(
            lambda value: as_branch(union, index, value)
        )


def scalars(type_: Primitive | Fixed, bounds: Constraints) -> Events:
    """Values of one primitive or fixed type, in Python's type for its logical type."""
    logical = logical_type(type_)
    if logical is not None and (values := _logical(logical, bounds)) is not None:
        return values
    if isinstance(type_, Fixed):
        return st.binary(min_size=type_.size, max_size=type_.size)
    match type_.kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "int":
            return _integers(bounds, INT)
        case "long":
            return _integers(bounds, LONG)
        case "float":
            return _floats(bounds, width=32)
        case "double":
            return _floats(bounds, width=64)
        case "bytes":
            return st.binary(min_size=bounds.min_length or 0, max_size=bounds.max_length)
        case _:
            return _texts(bounds)


def _integers(bounds: Constraints, numbers: range) -> Events:
    low, high = numbers[0], numbers[-1]
    if bounds.minimum is not None:
        low = max(low, int(bounds.minimum))
    if bounds.maximum is not None:
        high = min(high, int(bounds.maximum))
    return st.integers(low, high).filter(bounds.allow_number)


def _floats(bounds: Constraints, *, width: Any) -> Events:
    if bounds.minimum is None and bounds.maximum is None:
        return st.floats(width=width)
    return st.floats(bounds.minimum, bounds.maximum, width=width, allow_nan=False)


def _texts(bounds: Constraints) -> Events:
    if bounds.pattern is not None:
        return st.from_regex(bounds.pattern).filter(bounds.allow_text)
    characters = st.characters(codec="utf-8")
    return st.text(characters, min_size=bounds.min_length or 0, max_size=bounds.max_length)


def _sizes(bounds: Constraints) -> tuple[int, int]:
    least = bounds.min_items or 0
    return least, bounds.max_items if bounds.max_items is not None else least + _MOST_ITEMS


def _logical(logical: LogicalType, bounds: Constraints) -> Events | None:
    match logical.name:
        case "decimal":
            return _decimals(logical, bounds)
        case "uuid":
            return st.uuids()
        case "date":
            return st.dates(date.min, date.max)
        case "time-millis":
            return st.times().map(_whole_millis_of_time)
        case "time-micros":
            return st.times()
        case "timestamp-millis":
            return _datetimes().map(_whole_millis).map(lambda at: at.replace(tzinfo=UTC))
        case "timestamp-micros":
            return _datetimes().map(lambda at: at.replace(tzinfo=UTC))
        case "local-timestamp-millis":
            return _datetimes().map(_whole_millis)
        case "local-timestamp-micros":
            return _datetimes()
        case _:
            return None


def _decimals(logical: LogicalType, bounds: Constraints) -> Events:
    scale, largest = logical.scale or 0, largest_unscaled(logical)
    values = st.integers(-largest, largest).map(lambda unscaled: decimal_of(unscaled, scale))
    if bounds.minimum is None and bounds.maximum is None:
        return values
    return values.filter(lambda value: bounds.allow_number(float(value)))


def _datetimes() -> st.SearchStrategy[datetime]:
    return st.datetimes()


def _whole_millis(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _whole_millis_of_time(at: time) -> time:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
