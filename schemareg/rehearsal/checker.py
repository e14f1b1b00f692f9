"""Judging a rehearsal by its history alone: what was lost or unreadable, what was covered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from schemareg.lazy_dataclass import dataclass
from schemareg.rehearsal.platform import Fact


@dataclass(frozen=True, slots=True)
class Judgement:
    """`unreadable` are the facts of records that a live reader could not read, the first first.

    `lost` are records that a consumer never read although they did not expire: run, event,
    partition, offset and consumer. `covered` are the meetings that happened: consumer, event,
    version, and whether its reader was new.
    """

    unreadable: tuple[Fact, ...]
    lost: tuple[tuple[str, str, int, int, str], ...]
    covered: tuple[tuple[str, str, int, bool], ...]
    records: int
    reads: int
    restarts: int


def judge(history: Iterable[Fact], consumers: Mapping[str, Sequence[str]]) -> Judgement:
    """What `history` shows; `consumers` are those of each event."""
    unreadable: list[Fact] = []
    written: dict[tuple[str, str, int, int], None] = {}
    met: dict[tuple[str, str, int, int], set[str]] = {}
    covered: dict[tuple[str, str, int, bool], None] = {}
    reads = restarts = 0
    for fact in history:
        run = fact.step.partition(":")[0]
        key = (run, fact.event, fact.partition, fact.offset)
        match fact.kind:
            case "written":
                written[key] = None
            case "read" | "unreadable":
                met.setdefault(key, set()).add(fact.service)
                covered[fact.service, fact.event, fact.version, fact.is_new] = None
                reads += fact.kind == "read"
                if fact.kind == "unreadable":
                    unreadable.append(fact)
            case "started":
                restarts += 1
            case "expired" | "killed":
                if fact.kind == "expired":
                    met.setdefault(key, set()).update(consumers.get(fact.event, ()))
    lost = tuple(
        (*key, consumer)
        for key in written
        for consumer in consumers.get(key[1], ())
        if consumer not in met.get(key, ())
    )
    return Judgement(tuple(unreadable), lost, tuple(sorted(covered)), len(written), reads, restarts)
