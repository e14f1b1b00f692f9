"""The Python types of events: conversions of logical types without loss, branches by type."""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any
from uuid import UUID, SafeUUID

from schemareg.avro.logical import LogicalType, logical_type
from schemareg.avro.schema import Fixed, Primitive, Type, Union, resolve
from schemareg.lazy_dataclass import dataclass

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # a local timestamp has no zone on purpose
_FIRST_DAY = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND = timedelta(milliseconds=1)
_UUID_LENGTH = 36
_LOST_MICROS = "has microseconds, which its millis would lose"
_PYTHON_TYPES = {
    "null": type(None),
    "boolean": bool,
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "bytes": bytes,
    "string": str,
    "fixed": bytes,
    "enum": str,
    "array": list,
    "map": dict,
    "record": dict,
}
# found once: looking them up at every value is a tenth of the row "60 logical fields"
_int_of = int.from_bytes
_bytes_of = unhexlify  # unlike bytes.fromhex it refuses blanks
_date_of = date.fromordinal
_new_uuid = object.__new__
_set_int = vars(UUID)["int"].__set__  # a UUID refuses assignments
_set_safety = vars(UUID)["is_safe"].__set__
# Python turns digits into a Decimal in time that is the square of their number
_MOST_DIGITS = 10_000


@dataclass(frozen=True, slots=True)
class Conversion:
    """How values of one logical type look in Python.

    `python_type` is the exact type of an event's value. `lower` gives the plain value that
    travels, `lift` the event's value for a plain one; both raise ValueError or TypeError with a
    reason that continues "`<value>` …".
    """

    wanted: str
    python_type: type
    lower: Callable[[Any], Any]
    lift: Callable[[Any], Any]


def conversion(type_: Type) -> Conversion | None:
    """The conversion of a node's logical type; None: its values travel as they are.

    Nanosecond timestamps and durations have no Python type that holds them without loss: they
    stay int and bytes.

    Source: Apache Avro 1.12 specification, "Logical Types".
    """
    if not isinstance(type_, Primitive | Fixed):
        return None
    logical = logical_type(type_)
    if logical is None:
        return None
    match logical.name:
        case "decimal":
            return _decimal(logical, type_.size if isinstance(type_, Fixed) else None)
        case "uuid":
            return _UUID_FIXED if isinstance(type_, Fixed) else _UUID_STRING
        case "date":
            return _DATE
        case "time-millis":
            return _TIME_MILLIS
        case "time-micros":
            return _TIME_MICROS
        case "timestamp-millis":
            return _TIMESTAMP_MILLIS
        case "timestamp-micros":
            return _TIMESTAMP_MICROS
        case "local-timestamp-millis":
            return _LOCAL_MILLIS
        case "local-timestamp-micros":
            return _LOCAL_MICROS
        case _:
            return None


def python_type(type_: Type, *, logical: bool = True) -> type:
    """The exact Python type of an event's values of `type_`, which is no union."""
    conversion_ = conversion(type_) if logical else None
    return conversion_.python_type if conversion_ else _PYTHON_TYPES[type_.kind]


def branches_by_type(union: Union, *, logical: bool) -> list[tuple[type, int]]:
    """The Python types that only one branch takes, with that branch's index."""
    by_type: dict[type, list[int]] = {}
    for index, node in enumerate(union.branches):
        by_type.setdefault(python_type(resolve(node), logical=logical), []).append(index)
    return [(t, indices[0]) for t, indices in by_type.items() if len(indices) == 1]


def needs_branch_name(union: Union, index: int, *, logical: bool) -> bool:
    """Another branch of `union` has values of the same Python type as the branch at `index`."""
    return all(i != index for _, i in branches_by_type(union, logical=logical))


def _decimal(logical: LogicalType, size_bytes: int | None) -> Conversion:
    precision, scale = logical.precision, logical.scale
    assert precision is not None
    exact = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
    multiply: Callable[[Decimal | int, Decimal], Decimal] = exact.multiply
    shift = scale or 0
    beyond_digits = precision - shift
    up, down = Decimal((0, (1,), shift)), Decimal((0, (1,), -shift))

    def lower(value: Decimal) -> bytes:
        if not isinstance(value, Decimal):
            raise TypeError
        if not value.is_finite():
            raise ValueError("is no number that a decimal can hold")
        # before the digits are written out: 1E+999999999 has too many for any memory
        if value.adjusted() >= beyond_digits and value:
            raise ValueError(f"has more than the {precision} digits of its precision")
        # as_integer_ratio() is a sixth faster, but takes seconds for a million places
        shifted = multiply(value, up)
        unscaled = int(shifted)
        if unscaled != shifted:
            raise ValueError(f"has more than the {shift} places of its scale")
        size = size_bytes or (unscaled if unscaled >= 0 else ~unscaled).bit_length() // 8 + 1
        return unscaled.to_bytes(size, "big", signed=True)

    most_digits = min(precision, _MOST_DIGITS)
    beyond = 10**most_digits
    too_many = f"has more than the {most_digits} digits of its precision"
    most_bytes = size_bytes or beyond.bit_length() // 8 + 1
    never_too_many = beyond.bit_length() // 8  # bytes

    def lift(value: bytes) -> Decimal:
        size = len(value)
        if size > most_bytes:
            raise ValueError(too_many)
        unscaled = _int_of(value, "big", signed=True)
        if size > never_too_many and not -beyond < unscaled < beyond:
            raise ValueError(too_many)
        return multiply(unscaled, down)

    return Conversion(f"Decimal({precision}, {shift})", Decimal, lower, lift)


def _lower_uuid(value: UUID) -> str:
    if not isinstance(value, UUID):
        raise TypeError
    # a hyphen behind every four digits, of which three stand in no UUID
    fours = value.int.to_bytes(16, "big").hex("-", 2)
    return f"{fours[:4]}{fours[5:29]}{fours[30:34]}{fours[35:]}"


def _lift_uuid(value: str) -> UUID:
    if len(value) != _UUID_LENGTH:
        raise ValueError("is not a UUID of 36 characters")
    try:
        # the hyphens of 8-4-4-4-12; what else stands there, another hyphen too, is no digit
        data = _bytes_of(value.replace("-", "") if value[8:24:5] == "----" else "")
        if len(data) != 16:
            raise ValueError
    except ValueError:
        raise ValueError(
            "is not a UUID in its canonical form (8-4-4-4-12 hexadecimal digits)"
        ) from None
    # UUID() would check all of it again, in twice the time (bench row "60 logical fields")
    uuid = _new_uuid(UUID)
    _set_int(uuid, _int_of(data, "big"))
    _set_safety(uuid, SafeUUID.unknown)
    return uuid


def _lower_uuid_bytes(value: UUID) -> bytes:
    if not isinstance(value, UUID):
        raise TypeError
    return value.bytes


def _lower_date(value: date) -> int:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError
    return value.toordinal() - _FIRST_DAY


def _lift_date(value: int) -> date:
    try:
        return _date_of(value + _FIRST_DAY)
    except (ValueError, OverflowError):
        raise ValueError("days from 1970 are beyond Python's dates (years 1 to 9999)") from None


def _seconds_of(value: time) -> int:
    if not isinstance(value, time):
        raise TypeError
    if value.tzinfo is not None:
        raise ValueError("has a zone; a time of day has none")
    return (value.hour * 60 + value.minute) * 60 + value.second


def _lower_time_millis(value: time) -> int:
    seconds, microsecond = _seconds_of(value), value.microsecond
    if microsecond % 1000:
        raise ValueError(_LOST_MICROS)
    return seconds * 1000 + microsecond // 1000


def _lower_time_micros(value: time) -> int:
    return _seconds_of(value) * 1_000_000 + value.microsecond


def _lift_time_millis(value: int) -> time:
    if not 0 <= value < 86_400_000:
        raise ValueError("is outside of a day")
    seconds = value // 1000
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, value % 1000 * 1000)


def _lift_time_micros(value: int) -> time:
    if not 0 <= value < 86_400_000_000:
        raise ValueError("is outside of a day")
    seconds = value // 1_000_000
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, value % 1_000_000)


def _lower_instant(epoch: datetime, *, millis: bool) -> Callable[[datetime], int]:
    zoned = epoch.tzinfo is not None
    wrong_zone = (
        "has no zone; a timestamp needs one (tzinfo=UTC)"
        if zoned
        else "has a zone; a local timestamp has none"
    )

    # the checks are written twice, since a call in between costs a quarter of the whole
    def lower_millis(value: datetime) -> int:
        if not isinstance(value, datetime):
            raise TypeError
        if (value.tzinfo is not None) is not zoned:
            raise ValueError(wrong_zone)
        since = value - epoch
        microseconds = since.microseconds
        if microseconds % 1000:
            raise ValueError(_LOST_MICROS)
        return (since.days * 86400 + since.seconds) * 1000 + microseconds // 1000

    def lower_micros(value: datetime) -> int:
        if not isinstance(value, datetime):
            raise TypeError
        if (value.tzinfo is not None) is not zoned:
            raise ValueError(wrong_zone)
        since = value - epoch
        return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds

    return lower_millis if millis else lower_micros


def _lift_instant(epoch: datetime, unit: timedelta) -> Callable[[int], datetime]:
    def lift(value: int) -> datetime:
        try:
            return epoch + unit * value
        except OverflowError:
            raise ValueError("is beyond Python's datetimes (years 1 to 9999)") from None

    return lift


def _instant(wanted: str, epoch: datetime, *, millis: bool) -> Conversion:
    unit = _MILLISECOND if millis else _MICROSECOND
    lower = _lower_instant(epoch, millis=millis)
    return Conversion(wanted, datetime, lower, _lift_instant(epoch, unit))


_UUID_STRING = Conversion("UUID", UUID, _lower_uuid, _lift_uuid)
_UUID_FIXED = Conversion("UUID", UUID, _lower_uuid_bytes, lambda value: UUID(bytes=value))
_DATE = Conversion("date", date, _lower_date, _lift_date)
_TIME_MILLIS = Conversion("time", time, _lower_time_millis, _lift_time_millis)
_TIME_MICROS = Conversion("time", time, _lower_time_micros, _lift_time_micros)
_TIMESTAMP_MILLIS = _instant("datetime with a zone", EPOCH, millis=True)
_TIMESTAMP_MICROS = _instant("datetime with a zone", EPOCH, millis=False)
_LOCAL_MILLIS = _instant("datetime without a zone", _LOCAL_EPOCH, millis=True)
_LOCAL_MICROS = _instant("datetime without a zone", _LOCAL_EPOCH, millis=False)
