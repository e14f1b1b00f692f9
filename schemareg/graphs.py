"""Strongly connected components: things that use each other in cycles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


def components(things: Iterable[T], uses: Callable[[T], Iterable[T]]) -> Iterator[tuple[T, ...]]:
    """The strongly connected components of what `things` reach, the used before their users.

    Things are told apart by identity.

    Source: Tarjan, "Depth-first search and linear graph algorithms", 1972.
    """
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    done: set[int] = set()
    trail: list[T] = []
    for start in things:
        if id(start) in order:
            continue
        stack = [(start, iter(uses(start)))]
        order[id(start)] = lowest[id(start)] = len(order)
        trail.append(start)
        while stack:
            thing, rest = stack[-1]
            used = next(rest, None)
            if used is None:
                stack.pop()
                if stack:
                    user = id(stack[-1][0])
                    lowest[user] = min(lowest[user], lowest[id(thing)])
                if lowest[id(thing)] == order[id(thing)]:
                    at = next(i for i in range(len(trail) - 1, -1, -1) if trail[i] is thing)
                    members = tuple(trail[at:])
                    del trail[at:]
                    done.update(map(id, members))
                    yield members
            elif id(used) not in order:
                order[id(used)] = lowest[id(used)] = len(order)
                trail.append(used)
                stack.append((used, iter(uses(used))))
            elif id(used) not in done:
                lowest[id(thing)] = min(lowest[id(thing)], order[id(used)])


def order_of_uses(uses: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Paths, each after those it uses, and the cycles that had to be cut open for that."""
    left = {path: list(used) for path, used in uses.items()}
    cycles: list[list[str]] = []
    while True:
        try:
            return list(TopologicalSorter(left).static_order()), cycles
        except CycleError as error:
            cycle = list(reversed(error.args[1]))  # graphlib names what is used before its user
            cycles.append(cycle)
            for path, following in pairwise(cycle):
                left[path].remove(following)
