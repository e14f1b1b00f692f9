"""An apply that is killed at any request, and run again, converges: nothing twice, nothing lost."""

from __future__ import annotations

import threading

import httpx
import pytest

from schemareg.commands.plan import apply_plan, plan_project
from schemareg.plan import Plan
from schemareg.registry import connect
from schemareg.registry.client.connect import Patience
from schemareg.registry.client.resilience import NO_RETRY
from schemareg.state.registry import read_registry
from tests.plan.many import content, many
from tests.support.listening import Listening

# The plan of 50 subjects is killed at every request once; the other ways take a smaller one.
WAYS = pytest.mark.parametrize(
    ("subjects", "happened", "writes"),
    [
        pytest.param(50, False, False, id="50-before-each-request"),
        pytest.param(12, True, False, id="12-after-each-request"),
        pytest.param(12, False, True, id="12-before-each-write"),
        pytest.param(25, True, True, id="25-after-each-write"),
    ],
)
PATIENCE = Patience(retry=NO_RETRY)


class KilledError(BaseException):
    """The process ends here."""


class Killing(httpx.BaseTransport):
    """Ends the process at request (or write) number `at`; `happened`: the registry got it.

    Requests that other threads have under way then still arrive, as they do in a real process;
    none is sent afterwards.
    """

    def __init__(self, at: int, *, happened: bool, writes: bool) -> None:
        self._inner = httpx.HTTPTransport(limits=httpx.Limits(max_connections=20))
        self._left = at
        self._happened = happened
        self._writes = writes
        self._lock = threading.Lock()
        self.is_dead = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            if self.is_dead:
                raise KilledError
            if request.method != "GET" or not self._writes:
                self._left -= 1
            self.is_dead = dies = self._left < 0
        if dies and self._happened:
            self._inner.handle_request(request).close()
        if dies:
            raise KilledError
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def plan_for(url: str, subjects: int, *, grown: bool) -> Plan:
    project = many(subjects, grown=grown)
    with connect(url) as client:
        state = read_registry(client, "registry", [s.subject for s in project.subjects])
        return plan_project(project, state, registry="registry")[1]


def run(url: str, plan: Plan, transport: httpx.BaseTransport | None = None) -> int:
    """How many actions were done by this run; killed ones raise."""
    with connect(url, transport=transport, patience=PATIENCE) as client:
        result = apply_plan(plan, client, name="registry", avro_version="1.12")
    return sum(applied.is_new for applied in result.applied)


def killed(url: str, plan: Plan, at: int, *, happened: bool, writes: bool) -> bool:
    """Whether a run was killed at `at`, and did not end before."""
    transport = Killing(at, happened=happened, writes=writes)
    try:
        run(url, plan, transport)
    except KilledError:
        return True
    return False


def uninterrupted(listening: Listening, subjects: int) -> dict[str, object]:
    with listening.empty() as url, connect(url) as client:
        assert run(url, plan_for(url, subjects, grown=False)) == 2 * subjects
        assert run(url, plan_for(url, subjects, grown=True)) == subjects
        return content(client)


@WAYS
def test_killed_runs_converge(
    listening: Listening, subjects: int, happened: bool, writes: bool
) -> None:
    """Run n is killed at its request n, first in the reading, then ever later in the writing.

    Of writes it is the first or second of each run: every run but the last is one step.
    """
    expected = uninterrupted(listening, subjects)
    with listening.empty() as url, connect(url) as client:
        for grown in (False, True):
            plan = plan_for(url, subjects, grown=grown)
            first = 0 if happened else 1
            at = first if writes else 0
            while killed(url, plan, at, happened=happened, writes=writes):
                at += 0 if writes else 1
            assert run(url, plan) == 0
            assert plan_for(url, subjects, grown=grown).actions == ()
        assert content(client) == expected
