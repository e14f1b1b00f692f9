"""The extremes of every part of a schema, each in an otherwise ordinary event."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from random import Random
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
    Type,
    Union,
    name_of,
    resolve,
)
from schemareg.integers import INT, LONG
from schemareg.lazy_dataclass import dataclass
from schemareg.sampling.constraints import Constraints, constraints
from schemareg.sampling.sample import (
    NO_PROPS,
    Event,
    Maker,
    as_branch,
    decimal_of,
    largest_unscaled,
    single,
)

_LONG_COLLECTION = 200
_LONG_TEXT = 10_000
_DEEPEST = 16

Edge = tuple[str, Event]


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """An event that is ordinary but for one value; `name` is where and what (`items:empty`)."""

    name: str
    event: Event


def edge_cases(schema: Schema) -> Iterator[EdgeCase]:
    """An ordinary event, called `ordinary`, then one for each extreme of each part.

    Every name is different; the order is the schema's.

    Raises: ContentError when the schema has no finite value.
    """
    maker = Maker(Random(0))
    yield EdgeCase("ordinary", maker.value(schema.root))
    seen: set[str] = set()
    for path, event in _of_node(maker, schema.root, "", NO_PROPS, ()):
        name = path.lstrip(".:")
        if name not in seen:
            seen.add(name)
            yield EdgeCase(name, event)


def _of_node(
    maker: Maker, node: Node, name: str, props: Props, inside: tuple[int, ...]
) -> Iterator[Edge]:
    """Edges as (path and what, value); `inside` are the records that the path has entered."""
    type_ = resolve(node)
    match type_:
        case Record():
            if id(type_) in inside:
                yield from _deepest(maker, type_)
            else:
                yield from _of_record(maker, type_, name, (*inside, id(type_)))
        case Array():
            yield from _of_collection(maker, type_, type_.items, name, props, inside)
        case Map():
            yield from _of_collection(maker, type_, type_.values, name, props, inside)
        case Union():
            yield from _of_union(maker, type_, name, props, inside)
        case Enum():
            yield from ((f":{symbol}", symbol) for symbol in type_.symbols)
        case Primitive() | Fixed():
            bounds = constraints(type_.props, props)
            yield from ((f":{what}", value) for what, value in _of_scalar(type_, bounds))


def _of_record(maker: Maker, record: Record, name: str, inside: tuple[int, ...]) -> Iterator[Edge]:
    for field in record.fields:
        for path, value in _of_node(maker, field.type, field.name, field.props, inside):
            event = maker.value(record, name)
            event[field.name] = value
            yield f".{field.name}{path}", event


def _of_collection(
    maker: Maker,
    collection: Array | Map,
    item: Node,
    name: str,
    props: Props,
    inside: tuple[int, ...],
) -> Iterator[Edge]:
    bounds = constraints(collection.props, props)
    is_array = isinstance(collection, Array)
    brackets = "[]" if is_array else "{}"
    if bounds.allow_items(0):
        yield ":empty", [] if is_array else {}
    if not maker.heights.is_finite(item):
        return
    if bounds.allow_items(1):
        yield ":one", _collection(maker, item, name, 1, is_array)
    most = _LONG_COLLECTION if bounds.max_items is None else bounds.max_items
    if bounds.allow_items(most) and most > 1 and not _enters(item, inside):
        yield ":many", _collection(maker, item, name, most, is_array)
    if not is_array and bounds.allow_items(1):
        yield ":empty key", {"": maker.value(item, name)}
        yield ":non-ASCII key", {"Schlüssel 鍵": maker.value(item, name)}
    if bounds.allow_items(1):
        for path, value in _of_node(maker, item, name, NO_PROPS, inside):
            yield f"{brackets}{path}", [value] if is_array else {"key": value}


def _enters(node: Node, inside: tuple[int, ...]) -> bool:
    """A collection of what the path is already inside of would grow with every level."""
    return id(resolve(node)) in inside


def _collection(maker: Maker, item: Node, name: str, count: int, is_array: bool) -> Event:
    values = [maker.value(item, name) for _ in range(count)]
    return values if is_array else {f"key {i + 1}": value for i, value in enumerate(values)}


def _of_union(
    maker: Maker, union: Union, name: str, props: Props, inside: tuple[int, ...]
) -> Iterator[Edge]:
    for index, branch in enumerate(union.branches):
        if not maker.heights.is_finite(branch):
            continue
        kind = name_of(branch).rpartition(".")[2]
        yield f":{kind}", maker.in_branch(union, index, name, props)
        if resolve(branch).kind == "null":
            continue
        for path, value in _of_node(maker, branch, name, props, inside):
            if path[:1] == ":" and len(union.branches) > 2:
                path = f":{kind} {path[1:]}"
            yield path, as_branch(union, index, value)


def _deepest(maker: Maker, record: Record) -> Iterator[Edge]:
    """A value that holds itself as often as is sensible, through the first field that may."""
    for field in record.fields:
        if _leads_to(field.type, record):
            value = maker.value(record, depth=_DEEPEST)
            for _ in range(_DEEPEST):
                outer = maker.value(record, depth=_DEEPEST)
                outer[field.name] = _wrapped(field.type, record, value)
                value = outer
            yield ":deepest", value
            return


def _leads_to(node: Node, record: Record) -> bool:
    type_ = resolve(node)
    match type_:
        case Record():
            return type_ is record
        case Array():
            return resolve(type_.items) is record
        case Map():
            return resolve(type_.values) is record
        case Union():
            return any(_leads_to(branch, record) for branch in type_.branches)
        case _:
            return False


def _wrapped(node: Node, record: Record, value: Event) -> Event:
    type_ = resolve(node)
    match type_:
        case Array():
            return [value]
        case Map():
            return {"key": value}
        case Union():
            index = next(i for i, b in enumerate(type_.branches) if _leads_to(b, record))
            return as_branch(type_, index, _wrapped(type_.branches[index], record, value))
        case _:
            return value


def _of_scalar(type_: Primitive | Fixed, bounds: Constraints) -> Iterator[Edge]:
    logical = logical_type(type_)
    if logical is not None and (known := list(_of_logical(type_, logical, bounds))):
        yield from known
        return
    if isinstance(type_, Fixed):
        yield "all zeros", bytes(type_.size)
        yield "all ones", b"\xff" * type_.size
        return
    yield from _of_kind(type_.kind, bounds)


def _of_kind(kind: str, bounds: Constraints) -> Iterator[Edge]:
    match kind:
        case "boolean":
            yield "true", True
            yield "false", False
        case "int":
            yield from _numbers(bounds, INT)
        case "long":
            yield from _numbers(bounds, LONG)
        case "float":
            yield from _floats(bounds, single(3.4028234663852886e38), single(1e-45))
        case "double":
            yield from _floats(bounds, 1.7976931348623157e308, 5e-324)
        case "bytes":
            for what, data in (("empty", b""), ("every byte", bytes(range(256)))):
                if bounds.allow_length(len(data)):
                    yield what, data
        case "string":
            yield from _texts(bounds)
        case _:
            return


def _numbers(bounds: Constraints, numbers: range) -> Iterator[Edge]:
    cases = [
        ("zero", 0),
        ("minus one", -1),
        ("smallest", numbers[0]),
        ("largest", numbers[-1]),
    ]
    if bounds.minimum is not None:
        cases.append(("minimum", math.ceil(bounds.minimum)))
    if bounds.maximum is not None:
        cases.append(("maximum", math.floor(bounds.maximum)))
    yield from ((what, value) for what, value in cases if bounds.allow_number(value))


def _floats(bounds: Constraints, largest: float, tiniest: float) -> Iterator[Edge]:
    cases = [
        ("zero", 0.0),
        ("minus zero", -0.0),
        ("largest", largest),
        ("smallest", -largest),
        ("tiniest", tiniest),
        ("infinity", math.inf),
        ("minus infinity", -math.inf),
    ]
    if bounds.minimum is None and bounds.maximum is None:
        cases.append(("NaN", math.nan))
    yield from (
        (what, value) for what, value in cases if math.isnan(value) or bounds.allow_number(value)
    )


def _texts(bounds: Constraints) -> Iterator[Edge]:
    cases = (
        ("empty", ""),
        ("non-ASCII", "Größe 大きさ"),
        ("emoji", "🛒✨"),
        ("blank", " \t\n"),
        ("NUL", "a\0b"),
        ("quotes", "\"'\\</script>"),
        ("long", "x" * _LONG_TEXT),
    )
    yield from ((what, value) for what, value in cases if bounds.allow_text(value))


def _of_logical(type_: Type, logical: LogicalType, bounds: Constraints) -> Iterator[Edge]:
    match logical.name:
        case "decimal":
            yield from _decimals(logical, bounds)
        case "uuid":
            yield "nil", UUID(int=0)
            yield "max", UUID(int=2**128 - 1)
        case "date":
            yield "oldest", date.min
            yield "newest", date.max
            yield "epoch", date(1970, 1, 1)
        case "time-millis":
            yield "midnight", time(0)
            yield "last", time(23, 59, 59, 999_000)
        case "time-micros":
            yield "midnight", time(0)
            yield "last", time(23, 59, 59, 999_999)
        case "timestamp-millis" | "timestamp-micros":
            for what, instant in _instants(logical.name):
                yield what, instant.replace(tzinfo=UTC)
        case "local-timestamp-millis" | "local-timestamp-micros":
            yield from _instants(logical.name)
        case "duration":
            yield "none", bytes(12)
            yield "longest", struct.pack("<III", 2**32 - 1, 2**32 - 1, 2**32 - 1)
        case _:
            return


def _instants(logical_name: str) -> Iterator[tuple[str, datetime]]:
    last_micros = 999_000 if "millis" in logical_name else 999_999
    yield "oldest", datetime(1, 1, 1)  # noqa: DTZ001  # the caller gives it its zone
    yield "newest", datetime(9999, 12, 31, 23, 59, 59, last_micros)  # noqa: DTZ001  # the same
    yield "epoch", datetime(1970, 1, 1)  # noqa: DTZ001  # the caller gives it its zone
    yield "before 1970", datetime(1969, 12, 31, 23, 59, 59, 999_000)  # noqa: DTZ001  # the same


def _decimals(logical: LogicalType, bounds: Constraints) -> Iterator[Edge]:
    scale = logical.scale or 0
    largest = largest_unscaled(logical)
    cases = (
        ("zero", 0),
        ("minus one", -1),
        ("smallest step", 1),
        ("largest", largest),
        ("smallest", -largest),
    )
    for what, unscaled in cases:
        value = decimal_of(unscaled, scale)
        if bounds.allow_number(float(value)):
            yield what, value
