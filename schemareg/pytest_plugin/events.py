"""Events for tests: sampled from the schema, with a test's own values in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from schemareg.avro.schema import Schema
from schemareg.codec import Encoder, compile_encoder
from schemareg.errors import EncodeError, UsageError
from schemareg.sampling.edges import EdgeCase, edge_cases
from schemareg.sampling.sample import sample
from schemareg.schema_catalog import Catalog
from schemareg.suggestions import did_you_mean

_ATTEMPTS = 50
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PATH = re.compile(r"(?:[^.\[\]]+|\[\d+\])(?:\.[^.\[\]]+|\[\d+\])*")


class AbsentError(EncodeError):
    """A path goes into a value that is null."""


class EventMaker:
    """`event("OrderCreated", total=12.0)`: a dict that fits the schema.

    The values are the same in every run of the same test, and others in each call.
    """

    def __init__(self, catalog: Catalog, seed: int) -> None:
        self._catalog = catalog
        self._seed = seed
        self._count = 0
        self._encoders: dict[str, Encoder] = {}

    def __call__(
        self, name: str, paths: Mapping[str, object] | None = None, /, **fields: object
    ) -> dict[str, Any]:
        """An event of the type called `name`, fields of `fields` as given.

        `paths` reach further in: `{"customer.address.city": "Lyon", "lines[0].quantity": 2}`.
        An index one beyond the end appends.

        Raises:
            UsageError: no such event, or what is no path.
            EncodeError: no such path, or a value that is not of the type there.
        """
        entry = self._catalog.find(name)
        overrides = {**fields, **(paths or {})}
        for _ in range(_ATTEMPTS):
            event: dict[str, Any] = next(
                sample(entry.schema, seed=self._seed + self._count, count=1)
            )
            self._count += 1
            try:
                for path, value in overrides.items():
                    put(event, path, value)
            except AbsentError as error:
                # an optional record is present in most samples, not in all
                absent = error
            else:
                self._encoder(entry.fullname, entry.schema)(event)
                return event
        raise absent

    def cases(self, name: str) -> Sequence[EdgeCase]:
        """Every edge case of the event called `name`."""
        return tuple(edge_cases(self._catalog.find(name).schema))

    def _encoder(self, fullname: str, schema: Schema) -> Encoder:
        encoder = self._encoders.get(fullname)
        if encoder is None:
            encoder = self._encoders[fullname] = compile_encoder(schema)
        return encoder


def put(event: dict[str, Any], path: str, value: object) -> None:
    """Put `value` at `path` in `event`.

    Raises: EncodeError when there is no such path.
    """
    *outer, last = steps(path)
    place: Any = event
    walked = ""
    for step in outer:
        place = _inside(place, step, path, walked)
        walked += f"[{step}]" if isinstance(step, int) else f".{step}"
    if isinstance(last, int) and isinstance(place, list) and last == len(place):
        place.append(value)
        return
    _inside(place, last, path, walked)
    place[last] = value


def get(event: object, path: str) -> Any:
    """The value at `path` in `event`; None where there is none."""
    place = event
    for step in steps(path):
        there = (isinstance(place, list) and isinstance(step, int) and step < len(place)) or (
            isinstance(place, Mapping) and step in place
        )
        if not there:
            return None
        place = place[step]  # type: ignore[index]  # settled in the line above
    return place


def steps(path: str) -> list[str | int]:
    """The field names and indices of a dotted path: `a.b[0]` gives a, b, 0.

    Raises: UsageError when `path` is no such path.
    """
    if not _PATH.fullmatch(path):
        raise UsageError(f"{path!r} is no path", advice="write one like customer.lines[0].quantity")
    return [int(index) if index else name for name, index in _STEP.findall(path)]


def _inside(place: Any, step: str | int, path: str, walked: str) -> Any:
    here = walked.lstrip(".") or "the event"
    if isinstance(step, str) and isinstance(place, dict):
        if step in place:
            return place[step]
        raise EncodeError(f"{path}: {here} has no field {step!r}", advice=did_you_mean(step, place))
    if isinstance(step, int) and isinstance(place, list):
        if step < len(place):
            return place[step]
        raise EncodeError(f"{path}: {here} has {len(place)} items, none at {step}")
    if place is None:
        raise AbsentError(
            f"{path}: {here} is null", advice="give it a whole value of its own first"
        )
    wanted = "an array" if isinstance(step, int) else "a record"
    raise EncodeError(f"{path}: {here} is {place!r}, not {wanted}")
