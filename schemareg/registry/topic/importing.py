"""A dump of a registry's topic into an empty store: the move from Confluent's registry to ours."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from schemareg.errors import ContentError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.registry.store import Store, Tables
from schemareg.registry.topic.applying import TAKEN, Effect, apply
from schemareg.registry.topic.exporting import records_of

_SHOWN = 20
_SHOWN_KEYS = 5
_LATEST_MS = 253_402_300_799_999
"""The end of the year 9999."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What the records did, and by number of line why some did nothing."""

    effects: Mapping[Effect, int]
    passed_over: Mapping[int, str]


RawRecord = tuple[bytes | None, bytes | None, int]
"""Key, value, and the time in milliseconds since 1970."""


def import_lines(
    store: Store, lines: Iterable[str], *, pass_over: bool, path: str | None = None
) -> Imported | None:
    """The records in `lines` (JSON objects with `key`, `value` and `timestamp`), all or none.

    Raises:
        ContentError: a line that is no record; and as `import_records`.
    """
    records = (_record(json.loads(line)) for line in lines)
    return import_records(store, records, pass_over=pass_over, path=path)


def import_records(
    store: Store, records: Iterable[RawRecord], *, pass_over: bool, path: str | None = None
) -> Imported | None:
    """The records of a topic in their order, all or none; None where the store holds them.

    Raises:
        ContentError: without `pass_over`, a record that does nothing although it should; or the
            store holds something else.
    """

    def take(tables: Tables) -> Imported | None:
        if tables.is_empty():
            return take_records(tables, records, path, pass_over=pass_over)
        with Store() as fresh:
            wanted = fresh.write(lambda own: _taken(own, records, path, pass_over=pass_over))
        check_same(tables, wanted, shown_as=path or "the records")
        return None

    return store.write(take)


def take_records(
    tables: Tables, records: Iterable[RawRecord], path: str | None, *, pass_over: bool
) -> Imported:
    """The records into an empty store, inside a transaction of it."""
    effects: Counter[Effect] = Counter()
    passed_over: dict[int, str] = {}
    number = 0
    try:
        for number, (key, value, written_ms) in enumerate(records, start=1):
            effect, why = apply(tables, key, value, written_ms=written_ms)
            effects[effect] += 1
            if effect not in TAKEN:
                passed_over[number] = why or str(effect)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        at = number + 1  # the records before it were taken
        message = f"not a record of a topic: {error}"
        raise ContentError(message, location=Location(path, at, 1)) from error
    if not number:
        raise ContentError("there is no record", location=Location(path))
    if passed_over and not pass_over:
        first, why = next(iter(passed_over.items()))
        raise ContentError(
            f"{len(passed_over)} of {number} records cannot be taken, the first because {why}",
            location=Location(path, first, 1),
            advice="import the others with --pass-over, or correct the dump",
        )
    return Imported(effects, dict(list(passed_over.items())[:_SHOWN]))


def _taken(
    tables: Tables, records: Iterable[RawRecord], path: str | None, *, pass_over: bool
) -> dict[bytes, object]:
    """What the records leave in an empty store."""
    take_records(tables, records, path, pass_over=pass_over)
    return _held(tables)


def _held(tables: Tables) -> dict[bytes, object]:
    """The values in the store by the keys that they have in a topic."""
    return {
        record.key: json.loads(record.value)
        for record, _ in records_of(tables, names_avro=True)
        if record.value is not None
    }


def check_same(
    tables: Tables,
    wanted: Mapping[bytes, object],
    *,
    shown_as: str,
    advice: str = "the file holds something else: give a new --db",
) -> None:
    """Every value of `wanted` and no other is in the store.

    Raises:
        ContentError: with the first keys whose values differ or are on one side only.
    """
    held = _held(tables)
    keys = sorted(wanted.keys() | held.keys())
    different = [key.decode() for key in keys if wanted.get(key) != held.get(key)]
    if different:
        shown = ", ".join(different[:_SHOWN_KEYS])
        more = len(different) - _SHOWN_KEYS
        raise ContentError(
            f"not as in {shown_as}: {shown}" + (f" and {more} more" if more > 0 else ""),
            advice=advice,
        )


def _record(value: Mapping[str, Any]) -> RawRecord:
    texts = value["key"], value["value"]
    if not all(text is None or isinstance(text, str) for text in texts):
        raise ValueError("`key` and `value` are texts or null")
    written_ms = value.get("timestamp", 0)
    if type(written_ms) is not int or not 0 <= written_ms <= _LATEST_MS:
        raise ValueError(f"`timestamp` is {written_ms!r}, which is no time in milliseconds")
    key, content = (None if text is None else text.encode() for text in texts)
    return key, content, written_ms
