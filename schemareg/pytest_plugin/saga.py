"""Sagas: events expected over several topics, and compensations where a step fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemareg.errors import UsageError
from schemareg.pytest_plugin.events import get
from schemareg.pytest_plugin.published import Published, PublishedEvent
from schemareg.suggestions import did_you_mean

_WITHIN_S = 15.0


class Saga:
    """Checks the events of one business process, over all of the test's topics."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def expect(
        self,
        types: Sequence[str],
        *,
        by: Mapping[str, object],
        compensations: Mapping[str, str] | None = None,
        failed: str | None = None,
        within_s: float = _WITHIN_S,
    ) -> list[PublishedEvent]:
        """The events that have the values `by` (dotted paths): of `types`, in this order.

        Order is that of each partition and, between partitions, of the broker's timestamps;
        events of the same millisecond may come in either order. `compensations` maps a type to
        the one that undoes it: after an event of type `failed`, every event before it that can be
        undone must have been, latest first.

        Raises: AssertionError that lists what arrived instead; UsageError for an event or a path
            that does not exist.
        """
        undo = compensations or {}
        self._published.check_names([*types, *([failed] if failed else [])], by)
        self._published.check_names([*undo, *undo.values()])
        short = [type.rpartition(".")[2] for type in types]
        if failed is not None and failed.rpartition(".")[2] not in short:
            raise UsageError(
                f"failed={failed!r} is none of the expected events",
                advice=did_you_mean(failed, types),
            )
        self._published.until(lambda: len(self._events(by)) >= len(types), within_s)
        self._published.drain()
        events = self._events(by)
        ordered = in_order(events, types)
        if ordered is None:
            came = ", ".join(event.type.rpartition(".")[2] or "?" for event in by_time(events))
            raise AssertionError(
                f"with {dict(by)!r} wanted: {', '.join(types)}\n"
                f"came: {came or 'nothing'}\n{self._published.render()}"
            )
        if failed is not None:
            _require_undone(ordered, failed, undo)
        return ordered

    def _events(self, by: Mapping[str, object]) -> list[PublishedEvent]:
        return [
            event
            for event in self._published.seen
            if event.event is not None
            and all(get(event.event, path) == value for path, value in by.items())
        ]


def by_time(events: Sequence[PublishedEvent]) -> list[PublishedEvent]:
    """`events` by timestamp; within a partition, by offset."""
    return sorted(events, key=lambda e: (e.timestamp_ms, e.topic, e.partition, e.offset))


def in_order(events: Sequence[PublishedEvent], types: Sequence[str]) -> list[PublishedEvent] | None:
    """`events` in an order that is possible and has exactly `types`; None: there is none.

    Possible: each partition in the order of its offsets, and never an event before another that
    is older by a millisecond.
    """
    if len(events) != len(types):
        return None
    left = by_time(events)
    ordered: list[PublishedEvent] = []
    for type in types:
        oldest = left[0].timestamp_ms
        heads = [
            event
            for event in left
            if event.timestamp_ms == oldest
            and not any(
                other.offset < event.offset
                for other in left
                if (other.topic, other.partition) == (event.topic, event.partition)
            )
        ]
        chosen = next((event for event in heads if event.is_a(type)), None)
        if chosen is None:
            return None
        left.remove(chosen)
        ordered.append(chosen)
    return ordered


def _require_undone(
    events: Sequence[PublishedEvent], failed: str, compensations: Mapping[str, str]
) -> None:
    at = next((i for i, event in enumerate(events) if event.is_a(failed)), None)
    if at is None:
        raise AssertionError(f"{failed} never came, so nothing had to be undone")
    wanted = [
        undo
        for event in reversed(events[:at])
        for done, undo in compensations.items()
        if event.is_a(done)
    ]
    undone = [
        undo for event in events[at + 1 :] for undo in compensations.values() if event.is_a(undo)
    ]
    if undone != wanted:
        raise AssertionError(
            f"after {failed} wanted: {', '.join(wanted) or 'nothing'}; "
            f"undone: {', '.join(undone) or 'nothing'}"
        )
