"""Judging a canary: the same records read by the old and the new reader of each contract.

A record that the old reader decodes and the new one does not is a fail, whatever the numbers.
Beside it the rates of two groups of producers are compared: Fisher's exact test, at a fixed
number of looks that share the error probability.
Source: R. A. Fisher, "Statistical Methods for Research Workers", 1934; the "rule of three" for
the bound that no event at all shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Group = Literal["stable", "canary"]


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
class Comparison:
    """One measure of both groups: the test, how many of each, what it shows.

    For rates `stable` and `canary` are shares of bad records, for latencies medians in seconds.
    `bound` is the greatest share of bad records that none among the canary's leaves possible, at
    the same error probability.
    """

    measure: str
    test: str
    stable: float
    canary: float
    stable_n: int
    canary_n: int
    statistic: float | None
    p: float | None
    is_worse: bool
    bound: float | None = None


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
    """The canary's median latency has to be greater by so much."""


@dataclass(slots=True)
class Tally:
    """The records so far."""

    records: Counter[Group] = field(default_factory=Counter)
    unreadable: Counter[Group] = field(default_factory=Counter)
    unregistered: Counter[Group] = field(default_factory=Counter)
    latencies: dict[Group, list[float]] = field(default_factory=dict)
    failed: list[Read] = field(default_factory=list)
    broken: int = 0

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
    alpha = limits.alpha / limits.looks / 3  # Bonferroni over the looks and the three measures
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
    stable_n, canary_n = tally.records["stable"], tally.records["canary"]
    if min(stable_n, canary_n) < limits.least:
        return
    for measure, bad in (
        ("undecodable records", tally.unreadable),
        ("records with an unregistered schema", tally.unregistered),
    ):
        yield _rates(measure, bad, (stable_n, canary_n), limits, alpha)
    stable, canary = (tally.latencies.get(group, []) for group in ("stable", "canary"))
    if min(len(stable), len(canary)) >= limits.least:
        yield _latency(stable, canary, limits, alpha)


def _rates(
    measure: str, bad: Counter[Group], sizes: tuple[int, int], limits: Limits, alpha: float
) -> Comparison:
    from scipy.stats import fisher_exact

    rows = [[bad["stable"], sizes[0] - bad["stable"]], [bad["canary"], sizes[1] - bad["canary"]]]
    found = fisher_exact([rows[1], rows[0]], alternative="greater")
    rates = [bad["stable"] / sizes[0], bad["canary"] / sizes[1]]
    p = float(found.pvalue)
    bound = 1 - alpha ** (1 / sizes[1]) if bad["canary"] == 0 else None
    return Comparison(
        measure, "Fisher's exact test", rates[0], rates[1], *sizes, float(found.statistic), p,
        p < alpha and rates[1] - rates[0] >= limits.difference, bound,
    )  # fmt: skip


def _latency(
    stable: Sequence[float], canary: Sequence[float], limits: Limits, alpha: float
) -> Comparison:
    from statistics import median

    from scipy.stats import mannwhitneyu

    found = mannwhitneyu(canary, stable, alternative="greater")
    medians = median(stable), median(canary)
    p = float(found.pvalue)
    worse = p < alpha and medians[1] > medians[0] * limits.latency_ratio
    return Comparison(
        "latency", "Mann-Whitney test", *medians, len(stable), len(canary),
        float(found.statistic), p, worse,
    )  # fmt: skip


def _numbers(comparison: Comparison) -> str:
    p = "" if comparison.p is None else f", p = {comparison.p:.2g}"
    return (
        f"{comparison.canary:.3g} of {comparison.canary_n} beside {comparison.stable:.3g} of"
        f" {comparison.stable_n}{p}"
    )
