"""Applies through a faulty proxy: `python -m tests.plan.faults [SCHEDULES] [FIRST SEED]`.

Each schedule applies two plans, the second of which grows every schema, as often as it takes.
What a run reports as done has to be so, and at the end the registry holds what an apply without
faults makes: no version twice, none lost.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from schemareg.commands.plan import apply_plan, plan_project
from schemareg.errors import SchemaregError
from schemareg.plan import Plan
from schemareg.plan.audit import Actor, AuditLog
from schemareg.registry import Patience, RegistryClient, Retry, connect
from schemareg.state.registry import read_registry
from tests.plan.many import content, many
from tests.support.faulty_proxy import FaultyProxy, Schedule
from tests.support.listening import Listening

SUBJECTS = 9
RUNS = 40
PATIENCE = Patience(
    timeout_s=5.0,
    deadline_s=10.0,
    retry=Retry(rounds=3, first_pause_s=0.001),
    circuit_threshold=1000,
)


class Account(AuditLog):
    """What an apply reports as done, kept in memory."""

    def __init__(self, plan: Plan) -> None:
        self._common = {"plan": plan.digest, "actor": Actor("", "").name}
        self.lines: list[dict[str, Any]] = []

    def _write(self, line: Any) -> None:
        self.lines.append(dict(line))


def plan_for(registry: RegistryClient, *, grown: bool) -> Plan:
    project = many(SUBJECTS, grown=grown)
    state = read_registry(registry, "registry", [s.subject for s in project.subjects])
    return plan_project(project, state, registry="registry")[1]


def without_faults(listening: Listening) -> dict[str, Any]:
    with listening.empty() as url, connect(url) as registry:
        for grown in (False, True):
            plan = plan_for(registry, grown=grown)
            apply_plan(plan, registry, name="registry", avro_version="1.12")
        return content(registry)


def divergences(
    listening: Listening, seed: int, expected: dict[str, Any], broken: Counter[str]
) -> Iterator[str]:
    """What one schedule made of the registry that it should not be."""
    with listening.empty() as url, connect(url) as registry:
        for grown in (False, True):
            plan = plan_for(registry, grown=grown)
            schedule = Schedule(seed * 2 + grown)
            with FaultyProxy(url, schedule) as proxy:
                yield from _applied(plan, proxy.url, registry)
            broken += schedule.broken
        if content(registry) != expected:
            yield f"seed {seed}: the registry holds something else"


def _applied(plan: Plan, url: str, registry: RegistryClient) -> Iterator[str]:
    for _ in range(RUNS):
        account = Account(plan)
        try:
            with connect(url, patience=PATIENCE) as client:
                apply_plan(plan, client, name="registry", avro_version="1.12", audit=account)
        except SchemaregError:
            yield from _untrue(account, registry)
            continue
        yield from _untrue(account, registry)
        return
    yield f"not done after {RUNS} runs"


def _untrue(account: Account, registry: RegistryClient) -> Iterator[str]:
    """What was reported as done and is not."""
    held = content(registry)
    for line in account.lines:
        if line["event"] not in ("applied", "was-applied"):
            continue
        level, _, versions = held.get(line["subject"], (None, None, []))
        numbers = [number for number, _, _ in versions]
        if line["action"] == "register" and line["version"] not in numbers:
            yield f"{line['subject']} version {line['version']} was reported and is not there"
        if line["action"] == "set-level" and versions and level != line["after"]:
            yield f"the level of {line['subject']} was reported and is {level}"


def main(arguments: list[str]) -> int:
    schedules = int(arguments[0]) if arguments else 100
    first = int(arguments[1]) if len(arguments) > 1 else 1
    broken: Counter[str] = Counter()
    found: list[str] = []
    with Listening() as listening:
        expected = without_faults(listening)
        for seed in range(first, first + schedules):
            found += divergences(listening, seed, expected, broken)
    kinds = ", ".join(f"{count} {name}" for name, count in sorted(broken.items()))
    summary = f"{schedules} schedules, {sum(broken.values())} faults ({kinds}), "
    sys.stdout.write("\n".join([*found, f"{summary}{len(found)} divergences", ""]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
