"""Doing actions: independent ones at once, each after those that it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from heapq import heappop, heappush
from typing import TypeVar, assert_never

from schemareg.plan.actions import (
    Action,
    ClearLevel,
    ImportVersion,
    PermanentDelete,
    RegisterVersion,
    SetLevel,
    SetMode,
    SoftDelete,
    UpdateConfig,
)
from schemareg.subjects import Subject

T = TypeVar("T")
AT_ONCE = 8


def dependencies(actions: Sequence[Action]) -> list[frozenset[int]]:
    """For each action the indexes of the earlier ones that have to be done before it.

    Those are the earlier ones of its subject, of the subjects that its schema refers to, and for
    a deletion whatever may still refer to what is deleted. A permanent one also waits for the
    permanent one before it: what was soft-deleted still refers, and a plan does not name to what.
    """
    last: dict[Subject, int] = {}
    last_permanent: int | None = None
    users: dict[Subject, set[int]] = {}
    found = []
    for index, action in enumerate(actions):
        before = {last[action.subject]} if action.subject in last else set()
        match action:
            case RegisterVersion() | ImportVersion():
                before |= {last[r.subject] for r in action.references if r.subject in last}
            case SoftDelete():
                before |= users.get(action.subject, set())
                for version in action.versions:
                    for reference in version.references:
                        users.setdefault(reference.subject, set()).add(index)
            case PermanentDelete():
                before |= users.get(action.subject, set())
                if last_permanent is not None:
                    before.add(last_permanent)
                last_permanent = index
            case SetLevel() | ClearLevel() | SetMode() | UpdateConfig():
                pass
            case _:
                assert_never(action)
        last[action.subject] = index
        found.append(frozenset(before))
    return found


def in_parallel(
    actions: Sequence[Action], do: Callable[[Action], T], *, at_once: int = AT_ONCE
) -> Iterator[T]:
    """What `do` returns for each action, in their order, as early as that is known.

    Of those that are ready the earliest is started first. After a failure nothing more is
    started; what was done is returned before it is raised.
    """
    missing = [set(earlier) for earlier in dependencies(actions)]
    followers: dict[int, list[int]] = {}
    for index, earlier in enumerate(missing):
        for other in earlier:
            followers.setdefault(other, []).append(index)
    ready = [index for index, earlier in enumerate(missing) if not earlier]  # a heap
    results: dict[int, T] = {}
    failures: dict[int, BaseException] = {}
    running: dict[Future[T], int] = {}
    given = 0
    with ThreadPoolExecutor(at_once) as pool:
        while running or (ready and not failures):
            while ready and not failures and len(running) < at_once:
                index = heappop(ready)
                running[pool.submit(do, actions[index])] = index
            for finished in wait(running, return_when=FIRST_COMPLETED).done:
                index = running.pop(finished)
                error = finished.exception()
                if error is not None:
                    failures[index] = error
                    continue
                results[index] = finished.result()
                for follower in followers.get(index, ()):
                    missing[follower].discard(index)
                    if not missing[follower]:
                        heappush(ready, follower)
            while given in results:
                yield results[given]
                given += 1
    yield from (results[index] for index in sorted(results) if index > given)
    if failures:
        raise failures[min(failures)]
