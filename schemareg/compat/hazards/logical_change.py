"""What a change of logical type does to values: Avro's verdict never looks at it.

Source: Apache Avro 1.12 specification, "Logical Types".
"""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.logical import LogicalType, logical_type
from schemareg.avro.schema import Fixed, Primitive
from schemareg.compat.hazard import HazardKind, LocalHazard

_UNITS = ("millis", "micros", "nanos")
_DIGITS_SHOWN = 18


def logical_change(writer: Primitive | Fixed, reader: Primitive | Fixed) -> Iterator[LocalHazard]:
    """What can go wrong when `reader`'s logical type reads values of `writer`'s."""
    written, read = logical_type(writer), logical_type(reader)
    if written == read:
        return
    if written is None or read is None:
        yield _gained_or_lost(written, read, writer, reader)
    elif written.name == read.name == "decimal":
        yield from _decimals(written, read)
    elif _base(written) == _base(read):
        yield LocalHazard(
            HazardKind.TIME_UNIT,
            f"{written.name} read as {read.name}: the same number means another time, off by a "
            f"factor of {_factor(written, read):,}",
            f"Keep {written.name}, and put the finer or coarser time into a new field.",
        )
    else:
        yield LocalHazard(
            HazardKind.LOGICAL_TYPE,
            f"{written.name} read as {read.name}: the bytes stay, their meaning does not",
            f"Keep {written.name}, and put the {read.name} into a new field.",
        )


def _gained_or_lost(
    written: LogicalType | None,
    read: LogicalType | None,
    writer: Primitive | Fixed,
    reader: Primitive | Fixed,
) -> LocalHazard:
    if written is None and read is not None:
        return LocalHazard(
            HazardKind.LOGICAL_TYPE,
            f"plain {writer.kind} read as {read.name}: right only if producers always meant that",
            f"Make sure that every value written so far is a {read.name}, or use a new field.",
        )
    assert written is not None
    bare = {"string": "text", "bytes": "bytes", "fixed": "bytes"}.get(reader.kind, "number")
    return LocalHazard(
        HazardKind.LOGICAL_TYPE,
        f"{written.name} read as plain {reader.kind}: consumers get the bare {bare}",
        f"Keep {written.name}.",
    )


def _decimals(written: LogicalType, read: LogicalType) -> Iterator[LocalHazard]:
    scales = (written.scale or 0, read.scale or 0)
    if scales[0] != scales[1]:
        yield LocalHazard(
            HazardKind.DECIMAL_SCALE,
            f"decimal of scale {scales[0]} read with scale {scales[1]}: the bytes carry no scale, "
            f"so amounts are off by a factor of {_power(abs(scales[0] - scales[1]))} for "
            f"readers that go by their own",
            f"Keep scale {scales[0]}, and put amounts of scale {scales[1]} into a new field.",
        )
    if (written.precision or 0) > (read.precision or 0):
        yield LocalHazard(
            HazardKind.DECIMAL_PRECISION,
            f"decimal of precision {written.precision} read with precision {read.precision}: "
            f"longer amounts are refused, or come through against the reader's word",
            f"Keep precision {written.precision}, or a larger one.",
        )


def _power(digits: int) -> str:
    """10 to the power of `digits`; scales of strangers may differ by two thousand million."""
    return f"{10**digits:,}" if digits <= _DIGITS_SHOWN else f"10^{digits}"


def _base(type_: LogicalType) -> str:
    """`timestamp` of `timestamp-millis`: what stays when only the unit changes."""
    base, _, unit = type_.name.rpartition("-")
    return base if unit in _UNITS else type_.name


def _factor(written: LogicalType, read: LogicalType) -> int:
    steps = [_UNITS.index(type_.name.rpartition("-")[2]) for type_ in (written, read)]
    return int(1000 ** abs(steps[0] - steps[1]))
