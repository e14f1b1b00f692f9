"""Judging a canary: the same records read by the old and the new reader of each contract.

A record that the old reader decodes and the new one does not is a fail, whatever the numbers.
Beside it two groups of producers are compared, and the topic's throughput with that before, at a
fixed number of looks that share the error probability.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import field
from enum import StrEnum
from typing import Literal

from schemareg.lazy_dataclass import dataclass
from schemareg.services.canary_tests import (
    Comparison,
    compare_medians,
    compare_quantiles,
    compare_rates,
    compare_throughput,
)

Group = Literal["stable", "canary"]
_MEASURES = 6
_QUANTILES = ((0.95, 100), (0.99, 500))
"""Each with the fewest latencies of a group that show it."""


class CanaryVerdict(StrEnum):
    """The answer of a canary."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Read:
    """What became of one record.

    `failed` are the consumers whose old reader reads it and whose new one does not, `unreadable`
    those whose old reader cannot read it either. `is_registered`: the registry knows its schema.
    """

    group: Group
    partition: int
    offset: int
    is_registered: bool
    failed: tuple[tuple[str, str], ...] = ()
    unreadable: tuple[str, ...] = ()
    latency_s: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict with all that it stands on; `why` is one line for each reason."""

    verdict: CanaryVerdict
    why: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    records: int
    failed: int


@dataclass(frozen=True, slots=True)
class Limits:
    """When a canary is judged: the samples it takes, and what difference matters."""

    least: int = 100
    """Records of each group below which rates are not compared, and of all for a pass."""
    alpha: float = 0.05
    """The probability of a wrong alarm over all looks and measures."""
    looks: int = 5
    difference: float = 0.001
    """A rate has to be greater by so much, so that a tiny difference is no fail."""
    latency_ratio: float = 1.25
    """The canary's median, p95 or p99 latency has to be greater by so much."""
    throughput_ratio: float = 0.5
    """The topic's throughput has to fall below so much of that before."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many records the topic got in so many seconds before the canary was judged."""

    records: int
    seconds: float


@dataclass(slots=True)
class Tally:
    """The records so far; `seconds` are those in which they arrived, 0 where that is not known."""

    records: Counter[Group] = field(default_factory=Counter)
    unreadable: Counter[Group] = field(default_factory=Counter)
    unregistered: Counter[Group] = field(default_factory=Counter)
    latencies: dict[Group, list[float]] = field(default_factory=dict)
    failed: list[Read] = field(default_factory=list)
    broken: int = 0
    baseline: Baseline | None = None
    seconds: float = 0.0
    passed_over: int = 0

    def add(self, reads: Iterable[Read]) -> None:
        for read in reads:
            self.records[read.group] += 1
            self.unreadable[read.group] += bool(read.unreadable or read.failed)
            self.unregistered[read.group] += not read.is_registered
            if read.failed:
                self.broken += 1
                if len(self.failed) < 20:
                    self.failed.append(read)
            if read.latency_s is not None:
                self.latencies.setdefault(read.group, []).append(read.latency_s)


def judge(tally: Tally, limits: Limits, *, is_last: bool) -> Judgement:
    """The verdict at one look; INCONCLUSIVE before the last means: go on.

    Without canary producers only the shadow readers are judged, on at least `limits.least`
    records. Nothing read is never a pass.
    """
    alpha = limits.alpha / limits.looks / _MEASURES  # Bonferroni
    comparisons = tuple(_comparisons(tally, limits, alpha))
    total = sum(tally.records.values())
    why = [
        f"{consumer} cannot read partition {read.partition} offset {read.offset}: {reason}"
        for read in tally.failed[:5]
        for consumer, reason in read.failed
    ]
    why += [f"{c.measure} of the canary is worse: {_numbers(c)}" for c in comparisons if c.is_worse]
    if why:
        verdict = CanaryVerdict.FAIL
    elif total < limits.least:
        verdict = CanaryVerdict.INCONCLUSIVE
        why = [f"{total} records are fewer than {limits.least}"]
    elif 0 < tally.records["canary"] < limits.least:
        verdict = CanaryVerdict.INCONCLUSIVE
        why = [f"{tally.records['canary']} records of the canary are fewer than {limits.least}"]
    else:
        verdict = CanaryVerdict.PASS if is_last else CanaryVerdict.INCONCLUSIVE
    return Judgement(verdict, tuple(why), comparisons, total, tally.broken)


def _comparisons(tally: Tally, limits: Limits, alpha: float) -> Iterator[Comparison]:
    baseline = tally.baseline
    if baseline and tally.seconds and baseline.records >= limits.least:
        yield compare_throughput(
            baseline.records, sum(tally.records.values()) + tally.passed_over,
            (baseline.seconds, tally.seconds), alpha=alpha, ratio=limits.throughput_ratio,
        )  # fmt: skip
    sizes = tally.records["stable"], tally.records["canary"]
    if min(sizes) < limits.least:
        return
    for measure, bad in (
        ("undecodable records", tally.unreadable),
        ("records with an unregistered schema", tally.unregistered),
    ):
        both = bad["stable"], bad["canary"]
        yield compare_rates(measure, both, sizes, alpha=alpha, least=limits.difference)
    stable, canary = (tally.latencies.get(group, []) for group in ("stable", "canary"))
    ratio = limits.latency_ratio
    if min(len(stable), len(canary)) >= limits.least:
        yield compare_medians(stable, canary, alpha=alpha, ratio=ratio)
    for share, least in _QUANTILES:
        if min(len(stable), len(canary)) >= max(limits.least, least):
            yield compare_quantiles(stable, canary, share, alpha=alpha, ratio=ratio)


def _numbers(comparison: Comparison) -> str:
    p = "" if comparison.p is None else f", p = {comparison.p:.2g}"
    return (
        f"{comparison.canary:.3g} of {comparison.canary_n} beside {comparison.stable:.3g} of"
        f" {comparison.stable_n}{p}"
    )
