"""The numbers of a canary in Prometheus' text format, for the node exporter's folder."""

from __future__ import annotations

from schemareg.services.canary import CanaryVerdict, Judgement


def canary_metrics(topic: str, judgement: Judgement, *, at: float) -> str:
    """What the judgement at one look rests on, at the Unix time `at`."""
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    held = CollectorRegistry()

    def gauge(name: str, help: str, *labels: str) -> Gauge:
        return Gauge(f"schemareg_canary_{name}", help, ("topic", *labels), registry=held)

    verdicts = gauge("verdict", "1 for the verdict at the last look.", "verdict")
    for verdict in CanaryVerdict:
        verdicts.labels(topic, verdict.value).set(verdict is judgement.verdict)
    gauge("records", "Records that were read with both readers.").labels(topic).set(
        judgement.records
    )
    gauge("failed_records", "Records that only the deployed reader reads.").labels(topic).set(
        judgement.failed
    )
    measured = gauge("measure", "A measure of each group.", "measure", "group")
    worse = gauge("worse", "1 where the canary's measure is worse.", "measure")
    for each in judgement.comparisons:
        measured.labels(topic, each.measure, "stable").set(each.stable)
        measured.labels(topic, each.measure, "canary").set(each.canary)
        worse.labels(topic, each.measure).set(each.is_worse)
    gauge("time_seconds", "When it was judged, in Unix time.").labels(topic).set(at)
    return generate_latest(held).decode("utf-8")
