"""What the server counts, and how Prometheus reads it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from schemareg.lazy_dataclass import dataclass
from schemareg.registry.server.metric_aliases import AliasFigures, alias_metrics

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper edges of the latency histogram, in seconds; the last bucket is everything slower."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """What a node over a topic counts; `lag` (records and markers) is None where it is unknown."""

    position: int
    lag: int | None
    leads: bool
    has_alarm: bool
    term: int
    take_overs: int
    lost_leaderships: int
    take_over_ms: int | None
    records: Mapping[str, int]
    foreign_records: int
    forwarded: int


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What is known of the store at one moment; None is what is not."""

    schemas: int | None
    subjects: int | None
    deleted_versions: int | None
    cache_hits: int
    cache_misses: int
    store_errors: int
    store_commits: int
    node: NodeFigures | None = None


class RequestFigures:
    """Counts and latencies by (method, route, status).

    Plain lists and ints, because they are touched in every request: `prometheus_client`'s own
    counters take a lock each and cost several times as much. Only the event loop writes them.
    """

    __slots__ = ("_series", "in_progress")

    def __init__(self) -> None:
        # per series: one count per bucket, one for slower, then the sum of seconds
        self._series: dict[tuple[str, str, int], list[float]] = {}
        self.in_progress = 0

    def observe(self, *, method: str, route: str, status: int, duration_s: float) -> None:
        """Counts one finished request."""
        key = (method, route, status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = [0] * (len(BUCKETS_S) + 2)
        series[bisect_left(BUCKETS_S, duration_s)] += 1
        series[-1] += duration_s

    def answered(self, *, failed: bool) -> int:
        """How many requests failed (status 400 and up), or did not."""
        return sum(
            int(sum(series[:-1]))
            for (_, _, status), series in self._series.items()
            if (status >= 400) == failed
        )

    def collect(self) -> Iterator[Metric]:
        """The families `schemareg_requests` and `schemareg_request_duration_seconds`."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
        )

        requests = CounterMetricFamily(
            "schemareg_requests",
            "Requests answered, by route and status.",
            labels=("method", "route", "status"),
        )
        by_route: dict[tuple[str, str], list[float]] = {}
        for (method, route, status), series in sorted(self._series.items()):
            requests.add_metric((method, route, str(status)), sum(series[:-1]))
            total = by_route.setdefault((method, route), [0.0] * len(series))
            for i, value in enumerate(series):
                total[i] += value
        latency = HistogramMetricFamily(
            "schemareg_request_duration_seconds",
            "Time from the request's first byte to the answer's last, by route.",
            labels=("method", "route"),
        )
        edges = [*map(str, BUCKETS_S), "+Inf"]
        for labels, series in by_route.items():
            running = 0.0
            buckets: list[tuple[str, float]] = []
            for edge, count in zip(edges, series[:-1], strict=True):
                running += count
                buckets.append((edge, running))
            latency.add_metric(labels, buckets, sum_value=series[-1])
        yield requests
        yield latency
        yield GaugeMetricFamily(
            "schemareg_requests_in_progress", "Requests being answered.", value=self.in_progress
        )


def _store_metrics(figures: StoreFigures) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    if figures.schemas is not None:
        yield GaugeMetricFamily("schemareg_schemas", "Schemas stored.", value=figures.schemas)
    if figures.subjects is not None:
        yield GaugeMetricFamily("schemareg_subjects", "Subjects stored.", value=figures.subjects)
    if figures.deleted_versions is not None:
        text = "Versions that are soft-deleted."
        yield GaugeMetricFamily("schemareg_deleted_versions", text, value=figures.deleted_versions)
    yield CounterMetricFamily(
        "schemareg_cache_hits", "Answers found in a cache.", value=figures.cache_hits
    )
    yield CounterMetricFamily(
        "schemareg_cache_misses", "Answers that had to be computed.", value=figures.cache_misses
    )
    yield CounterMetricFamily(
        "schemareg_store_errors", "Times the store failed.", value=figures.store_errors
    )
    yield CounterMetricFamily(
        "schemareg_store_commits", "Commits of the store.", value=figures.store_commits
    )


_GAUGES: tuple[tuple[str, str, Callable[[NodeFigures], int | None]], ...] = (
    ("schemareg_topic_offset", "Offset that the node reads from next.", lambda n: n.position),
    ("schemareg_topic_lag", "Offsets between the node and the topic's end.", lambda n: n.lag),
    ("schemareg_leader", "1 on the node that takes writes.", lambda n: n.leads),
    ("schemareg_term", "Term of the leader that the node knows.", lambda n: n.term),
    (
        "schemareg_take_over_milliseconds",
        "How long the node last took to become the leader.",
        lambda n: n.take_over_ms,
    ),
    ("schemareg_topic_alarm", "1 while the topic is no place to write to.", lambda n: n.has_alarm),
)
_COUNTERS: tuple[tuple[str, str, Callable[[NodeFigures], int]], ...] = (
    ("schemareg_take_overs", "Times the node became the leader.", lambda n: n.take_overs),
    (
        "schemareg_lost_leaderships",
        "Times the node was fenced or replaced.",
        lambda n: n.lost_leaderships,
    ),
    ("schemareg_forwarded_writes", "Writes passed on to the leader.", lambda n: n.forwarded),
    (
        "schemareg_foreign_records",
        "Records that a registry of another kind wrote.",
        lambda n: n.foreign_records,
    ),
)


def _node_metrics(node: NodeFigures) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    for name, text, read in _GAUGES:
        value = read(node)
        if value is not None:
            yield GaugeMetricFamily(name, text, value=int(value))
    for name, text, count in _COUNTERS:
        yield CounterMetricFamily(name, text, value=count(node))
    records = CounterMetricFamily(
        "schemareg_topic_records", "Records read, by what they did.", labels=("effect",)
    )
    for effect, number in sorted(node.records.items()):
        records.add_metric((effect,), number)
    yield records


def _aliased(requests: RequestFigures, store: StoreFigures) -> AliasFigures:
    return AliasFigures(
        leads=None if store.node is None else store.node.leads,
        take_over_ms=None if store.node is None else store.node.take_over_ms,
        schemas=store.schemas,
        deleted_versions=store.deleted_versions,
        succeeded=requests.answered(failed=False),
        failed=requests.answered(failed=True),
    )


@dataclass(frozen=True, slots=True)
class _Collector:
    """Hands families to prometheus_client, which asks by duck type."""

    families: Callable[[], Iterable[Metric]]

    def collect(self) -> Iterable[Metric]:
        return self.families()

    def describe(self) -> Iterable[Metric]:
        return ()


def render_metrics(
    requests: RequestFigures, store: StoreFigures, *, access_log_dropped: int = 0
) -> bytes:
    """Every figure in Prometheus' text format, process and Python's own included.

    Source: Prometheus, "Exposition formats", text format 0.0.4.
    """
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
    from prometheus_client.core import CounterMetricFamily

    def families() -> Iterator[Metric]:
        yield from requests.collect()
        yield from _store_metrics(store)
        if store.node is not None:
            yield from _node_metrics(store.node)
        yield from alias_metrics(_aliased(requests, store))
        yield CounterMetricFamily(
            "schemareg_access_log_dropped",
            "Access log lines lost because their stream stood still.",
            value=access_log_dropped,
        )

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(families))
    ProcessCollector(registry=registry)
    return generate_latest(registry)
