"""The order of deployments: registration, waves with their reasons, the way back, plans."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.commands.order import EventPlan, OrderResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import counts, finding, many
from schemareg.services.changes import Direction, EventChange, ReaderChange
from schemareg.services.expand import PlanStep
from schemareg.services.order import Before, Release, Wave
from schemareg.subjects import Version

_WHO = {
    Direction.TOGETHER: "any order",
    Direction.CONSUMERS_FIRST: "consumers, then producers",
    Direction.PRODUCERS_FIRST: "producers, then consumers",
    Direction.NONE: "no order",
}

_DEPLOYABLE = "deployable"
_NOTHING = "nothing to deploy"


def order(result: OrderResult, page: Page) -> str:
    """What is registered, each wave with a reason, the way back, and the plans."""
    lines: list[str] = []
    for change in result.order.register:
        lines += _change(change, page)
    if not result.order.blocked:
        lines += _waves(result, page)
    for plan in result.plans:
        lines += _plan(plan, page)
    lines += [finding(f, page) for f in result.annotations()]
    changed = many(len(result.order.register), "changed event")
    summary = f"{changed}, {result.unchanged} unchanged, compared with {line(result.base)}"
    verdict = _verdict(result)
    found = counts(result.findings)
    good = verdict in (_DEPLOYABLE, _NOTHING)
    shown = page.paint(verdict, "green" if good else "red")
    lines.append(page.wrap(f"{shown}: {summary}{f'; {found}' if found else ''}", "  ", first=""))
    return "\n".join(lines) + "\n"


def _verdict(result: OrderResult) -> str:
    if not result.order.register:
        return _NOTHING
    if result.order.blocked:
        return "not deployable in one step"
    refused = sum(1 for change in result.order.register if change.is_refused)
    return (
        f"not deployable before a registry takes {many(refused, 'schema')}"
        if refused
        else _DEPLOYABLE
    )


def _change(change: EventChange, page: Page) -> Iterator[str]:
    new = " (new)" if change.is_new else ""
    yield page.paint(f"{_short(change.event)} on {change.topic}{new}", "bold")
    yield page.wrap(_retained(change), "    ", first="  ")
    for reader in change.readers:
        yield page.wrap(_reader(reader), "      ", first="  - ")
        for reason in reader.reasons[:3]:
            of = f" of v{reason.version}" if reason.version else " of the new schema"
            yield page.wrap(
                f"{reason.path}: {reason.kind}{of}: {reason.message}", "        ", first="      "
            )
        if len(reader.reasons) > 3:
            yield f"      and {many(len(reader.reasons) - 3, 'more reason')}"
        if reader.unreadable_before:
            text = f"{_versions(reader.unreadable_before)}: not readable today either"
            yield page.wrap(text, "      ", first="      ")


def _retained(change: EventChange) -> str:
    if change.is_new:
        return "no version is registered, so any order is safe"
    kept = change.retention
    if kept.wiped:
        how = "the topic is emptied before a deployment"
    elif kept.for_ever:
        how = "which never expire" if kept.compacted else "which never expire, as declared"
        how = how if kept.compacted or kept.seconds else "kept for ever: no retention is declared"
    else:
        how = f"which expire {_duration(kept.seconds)} after they were written"
    return f"can deliver records of {_versions(change.retained)}, {how}"


def _reader(reader: ReaderChange) -> str:
    if reader.is_pinned:
        can = "reads" if reader.old_reads_new else "cannot read"
        return f"{reader.consumer}: its own reader schema {can} new events"
    old = "yes" if reader.old_reads_new else "no"
    new = "yes" if reader.new_reads_old else f"no ({_versions(reader.unreadable)})"
    facts = f"old reader reads new events: {old}; new reader reads old events: {new}"
    return f"{reader.consumer}: {facts}; {_WHO[reader.direction]}"


def _waves(result: OrderResult, page: Page) -> Iterator[str]:
    if not result.order.waves:
        return
    yield page.paint("deploy", "bold")
    subjects = [c.subject for c in result.order.register]
    yield page.wrap(f"register {', '.join(subjects)}", "       ", first="  0. ")
    for number, wave in enumerate(result.order.waves, 1):
        yield page.wrap(", ".join(map(_release, wave.releases)), "     ", first=f"  {number}. ")
        yield from _reasons(wave, page)
        for consumer, event in wave.no_return:
            text = f"no way back for {consumer} after the first new {_short(event)},"
            yield page.wrap(f"{text} until new ones have expired", "     ")
    if result.order.split:
        text = f"in parts, because their changes form a cycle: {', '.join(result.order.split)}"
        yield page.wrap(text, "  ")
    yield page.paint("roll back", "bold")
    for number, wave in enumerate(result.order.rollback(), 1):
        yield page.wrap(", ".join(map(_release, wave.releases)), "     ", first=f"  {number}. ")


def _reasons(wave: Wave, page: Page) -> Iterator[str]:
    for before in wave.because:
        yield page.wrap(f"after {_release(before.first)}: {_because(before)}", "     ")


def _because(before: Before) -> str:
    event = _short(before.event)
    if before.direction is Direction.CONSUMERS_FIRST:
        return f"the old reader of {before.consumer} cannot read the new {event}"
    wait = _duration(before.retention_s) if before.retention_s else "its retention"
    return (
        f"the new reader of {before.consumer} cannot read {_versions(before.wait_for)} of {event};"
        f" wait until they have expired, {wait} after the last old producer ended"
    )


def _plan(plan: EventPlan, page: Page) -> Iterator[str]:
    yield page.paint(f"plan for {_short(plan.event)} on {plan.topic}", "bold")
    for number, step in enumerate(plan.steps, 1):
        yield page.wrap(_step(step), "     ", first=f"  {number}. ")
        if step.kind in ("register", "contract") and step.schema:
            yield page.wrap(step.schema, "       ", first="     ")
        if step.refused_under:
            text = f"a registry refuses it under {step.refused_under}: set the level for this step"
            yield page.wrap(f"{text}, or keep what it removes", "     ")
    if plan.steps[-1].kind == "migrate":
        yield page.wrap("that schema stays: no other reads everything that can still arrive", "  ")


def _step(step: PlanStep) -> str:
    who = _WHO[step.direction] if step.direction else ""
    services = ", ".join(step.services)
    match step.kind:
        case "reader":
            return f"give {services} a reader schema that reads old and new events, and deploy it"
        case "register":
            return "expand: register a schema with what the old and the new one have:"
        case "expand":
            return f"deploy {services} with it: {who}"
        case "migrate":
            fields = f" {', '.join(step.fields)}" if step.fields else ""
            return f"migrate: producers fill old and new{fields}, consumers use the new only"
        case "wait":
            return f"wait until records of {_versions(step.wait_for)} have expired"
        case "contract":
            gone = f" without {', '.join(step.fields)}" if step.fields else ""
            text = (
                f"contract: register and deploy the final schema{gone}{f': {who}' if who else ''}"
            )
            return f"{text}:" if step.schema else text
        case "topic":
            return "expand: publish the new events to a topic of their own, beside the old ones"


def _release(release: Release) -> str:
    if release.part is None:
        return release.service
    parts = "readers" if release.part == "reader" else "writers"
    events = ", ".join(_short(event) for event in release.events)
    return f"{release.service} ({parts} of {events} only)"


def _short(event: str) -> str:
    name = event.partition("@")[0]
    return name if name.startswith("key of ") else name.rpartition(".")[2]


def _versions(versions: tuple[Version, ...]) -> str:
    if len(versions) > 3:
        return f"v{versions[0]} to v{versions[-1]}"
    return ", ".join(f"v{version}" for version in versions)


def _duration(seconds: int | None) -> str:
    units = ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
    for size, unit in units:
        if seconds and seconds % size == 0:
            return many(seconds // size, unit)
    return "never"
