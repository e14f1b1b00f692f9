"""The order in which services are deployed when schemas change, with its way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.results import Counts, Result
from schemareg.services.changes import Direction, EventChange, changes_of, history_findings
from schemareg.services.expand import PlanStep, plan_of
from schemareg.services.findings import manifest_findings
from schemareg.services.manifest_file import ReadManifest
from schemareg.services.order import Order, order_of
from schemareg.services.platform import Platform


@dataclass(frozen=True, slots=True)
class EventPlan:
    """The steps for one event that is not deployable in one step."""

    event: str
    topic: str
    steps: tuple[PlanStep, ...]


@dataclass(frozen=True, slots=True)
class OrderResult(Result):
    """The waves, the plans for what no order makes safe, and what is wrong with the manifest.

    `base` is what is deployed, `unchanged` the number of events that stay as they are.
    """

    command: ClassVar[str] = "order"

    base: str
    order: Order
    plans: tuple[EventPlan, ...]
    unchanged: int
    findings: tuple[Diagnostic, ...]

    def annotations(self) -> Iterator[Diagnostic]:
        yield from self.findings
        for change in self.order.register:
            if change.is_refused:
                yield _refused(change)
        for change, reader in self.order.blocked:
            yield Diagnostic(
                "not-deployable-in-one-step",
                Severity.ERROR,
                f"{reader.consumer} and its producers cannot change in any order",
                change.location,
                change.event,
                "follow the plan of `schemareg order`",
            )

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO where a change is not deployable in one step, or is refused by its level."""
        heavy = any(f.severity.rank <= fail_on.rank for f in self.annotations())
        return ExitCode.NO if heavy or self.order.blocked else ExitCode.YES

    def counts(self) -> Counts:
        changed = len(self.order.register)
        return Counts("event", changed + self.unchanged, changed, self.unchanged)

    def compared_with(self) -> str:
        return self.base


def _refused(change: EventChange) -> Diagnostic:
    return Diagnostic(
        "refused-by-level",
        Severity.ERROR,
        f"a registry refuses the new schema of {change.subject} under {change.level}",
        change.location,
        change.event,
        "change the level first, or the schema; `schemareg check` shows why",
    )


def order_result(read: ReadManifest, platform: Platform) -> OrderResult:
    """The order for everything that the project of `platform` changes."""
    changes = tuple(changes_of(platform))
    order = order_of(changes)
    blocked = {(change.event, change.topic): change for change, _ in order.blocked}
    plans = tuple(_plan(platform, change, order) for change in blocked.values())
    total = sum(1 for _ in platform.events())
    findings = (*read.problems, *manifest_findings(platform), *history_findings(platform))
    events = sum(1 for change in changes if not change.is_key)
    return OrderResult(
        platform.schemas.state.origin.description, order, plans, total - events, findings
    )


def _plan(platform: Platform, change: EventChange, order: Order) -> EventPlan:
    pinned = tuple(
        reader.consumer
        for reader in change.readers
        if reader.is_pinned and reader.direction is Direction.NONE
    )
    steps: tuple[PlanStep, ...] = ()
    if pinned:
        steps = (PlanStep("reader", change.event, services=pinned),)
    blocked = [r for c, r in order.blocked if c is change and not r.is_pinned]
    if blocked:
        schemas = (
            platform.key(change.topic)
            if change.is_key
            else platform.event(change.event, change.topic)
        )
        assert schemas.proposed is not None
        retained = [(v.version, v.schema) for v in schemas.history if v.version in change.retained]
        names = dict.fromkeys((*change.producers, *(r.consumer for r in change.readers)))
        steps += plan_of(
            change.event,
            retained,
            schemas.proposed,
            for_ever=change.retention.for_ever,
            level=change.level,
            services=tuple(names),
        )
    return EventPlan(change.event, change.topic, steps)
