"""The statistical tests by which two groups of a canary are compared.

Source: R. A. Fisher, "Statistical Methods for Research Workers", 1934; H. B. Mann, D. R. Whitney,
1947; R. G. Newcombe, "Interval estimation for the difference between independent proportions",
1998, method 10; H. R. Kuensch, "The jackknife and the bootstrap for general stationary
observations", 1989 (blocks); J. Przyborowski, H. Wilenski, 1940 (two Poisson rates); the "rule of
three" for the bound that no event at all shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from schemareg.lazy_dataclass import dataclass

if TYPE_CHECKING:
    import numpy as np

_MOST_LATENCIES = 5000
"""Latencies of a group, in whole blocks, that are resampled."""
_MOST_RESAMPLES = 10_000
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of both groups: the test, how many of each, what it shows.

    For rates `stable` and `canary` are shares of bad records, for latencies medians or quantiles
    in seconds, for throughput records per second before and now. `effect` with its `interval` is
    the canary's share or quantile less the stable one, the probability that a record of the
    canary is the later one, or the ratio of throughputs. `bound` is the greatest share of bad
    records that none among the canary's leaves possible, at the same error probability.
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
    effect: float | None = None
    interval: tuple[float, float] | None = None


def compare_rates(
    measure: str, bad: tuple[int, int], sizes: tuple[int, int], *, alpha: float, least: float
) -> Comparison:
    """Shares of bad records of the stable and the canary group; worse from `least` more on."""
    from scipy.stats import fisher_exact

    rows = [[bad[1], sizes[1] - bad[1]], [bad[0], sizes[0] - bad[0]]]
    found = fisher_exact(rows, alternative="greater")
    rates = (bad[0] / sizes[0], bad[1] / sizes[1])
    p = float(found.pvalue)
    return Comparison(
        measure, "Fisher's exact test", *rates, *sizes, float(found.statistic), p,
        p < alpha and rates[1] - rates[0] >= least,
        1 - alpha ** (1 / sizes[1]) if bad[1] == 0 else None,
        rates[1] - rates[0], _difference(bad, sizes, alpha),
    )  # fmt: skip


def _difference(bad: tuple[int, int], sizes: tuple[int, int], alpha: float) -> tuple[float, float]:
    from scipy.stats import binomtest

    (low, high), (canary_low, canary_high) = (
        tuple(binomtest(k, n).proportion_ci(1 - alpha, method="wilson"))
        for k, n in zip(bad, sizes, strict=True)
    )
    stable, canary = bad[0] / sizes[0], bad[1] / sizes[1]
    return (
        canary - stable - math.hypot(canary - canary_low, high - stable),
        canary - stable + math.hypot(canary_high - canary, stable - low),
    )


def compare_medians(
    stable: Sequence[float], canary: Sequence[float], *, alpha: float, ratio: float
) -> Comparison:
    """Latencies of both groups; worse where the canary's median is `ratio` times the other."""
    from statistics import median

    from scipy.stats import mannwhitneyu

    found = mannwhitneyu(canary, stable, alternative="greater")
    medians = median(stable), median(canary)
    p = float(found.pvalue)
    statistic = float(found.statistic)
    return Comparison(
        "latency", "Mann-Whitney test", *medians, len(stable), len(canary), statistic, p,
        p < alpha and medians[1] > medians[0] * ratio,
        effect=statistic / len(stable) / len(canary),
    )  # fmt: skip


def compare_quantiles(
    stable: Sequence[float], canary: Sequence[float], share: float, *, alpha: float, ratio: float
) -> Comparison:
    """The quantile `share` of latencies in the order in which they came, by a block bootstrap.

    Neighbours are alike, so whole blocks are drawn again and not single latencies. Worse where
    the interval of the difference is above zero, and the canary's is `ratio` times the other.
    """
    import numpy as np

    draws = min(_MOST_RESAMPLES, math.ceil(10 / alpha))
    random = np.random.default_rng(0)
    held = [np.asarray(values, dtype=float) for values in (stable, canary)]
    both = [float(np.quantile(values, share)) for values in held]
    resampled = [_resampled(values, share, draws, random) for values in held]
    low, high = np.quantile(resampled[1] - resampled[0], (alpha, 1 - alpha))
    return Comparison(
        f"p{share * 100:g} of latency", "block bootstrap", both[0], both[1], len(stable),
        len(canary), None, None, bool(low > 0) and both[1] > both[0] * ratio,
        effect=both[1] - both[0], interval=(float(low), float(high)),
    )  # fmt: skip


def _resampled(
    values: np.ndarray, share: float, draws: int, random: np.random.Generator
) -> np.ndarray:
    """The quantile in each of `draws` samples of whole blocks."""
    import numpy as np

    size = max(1, math.ceil(math.sqrt(min(len(values), _MOST_LATENCIES))))
    blocks = values[: len(values) // size * size].reshape(-1, size)
    if blocks.size > _MOST_LATENCIES:
        chosen = np.linspace(0, len(blocks) - 1, _MOST_LATENCIES // size).astype(int)
        blocks = blocks[chosen]
    found = []
    for at in range(0, draws, _AT_ONCE):
        count = min(_AT_ONCE, draws - at)
        picked = random.integers(0, len(blocks), (count, len(blocks)))
        found.append(np.quantile(blocks[picked].reshape(count, -1), share, axis=1))
    return np.concatenate(found)


def compare_throughput(
    before: int, now: int, seconds: tuple[float, float], *, alpha: float, ratio: float
) -> Comparison:
    """Records in `seconds` before and now; worse where now there are less than `ratio` of them."""
    from scipy.stats import binomtest

    share = seconds[1] / (seconds[0] + seconds[1])
    found = binomtest(now, before + now, share, alternative="less")
    both = binomtest(now, before + now, share).proportion_ci(1 - alpha)
    rates = (before / seconds[0], now / seconds[1])
    p = float(found.pvalue)
    scale = seconds[0] / seconds[1]
    low, high = (x / (1 - x) * scale if x < 1 else math.inf for x in both)
    effect = rates[1] / rates[0]
    return Comparison(
        "throughput", "exact test of two rates", *rates, before, now, float(now), p,
        p < alpha and effect < ratio, effect=effect, interval=(float(low), float(high)),
    )  # fmt: skip
