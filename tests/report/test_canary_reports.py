"""The numbers of a canary for Prometheus, as a chart, and as weights of a mesh."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from schemareg.commands.canary import CanaryResult
from schemareg.report.canary_chart import canary_chart
from schemareg.report.canary_metrics import canary_metrics
from schemareg.report.mesh_patch import istio_patch
from schemareg.services.canary import CanaryVerdict, Judgement
from schemareg.services.canary_tests import Comparison

SLOWER = Comparison("latency", "Mann-Whitney test", 0.1, 0.4, 200, 100, 9.0, 0.001, True)
THROUGHPUT = Comparison("throughput", "exact test of two rates", 10, 9, 600, 540, 540, 0.2, False)
NS = "{http://www.w3.org/2000/svg}"


def route(number: int, subset: str, weight: int) -> list[dict[str, object]]:
    path = f"/spec/http/0/route/{number}"
    return [
        {"op": "test", "path": f"{path}/destination/subset", "value": subset},
        {"op": "add", "path": f"{path}/weight", "value": weight},
    ]


@pytest.mark.parametrize(
    ("verdict", "patch"),
    [
        (CanaryVerdict.PASS, [*route(0, "stable", 75), *route(1, "canary", 25)]),
        (CanaryVerdict.FAIL, [*route(0, "stable", 100), *route(1, "canary", 0)]),
        (CanaryVerdict.INCONCLUSIVE, []),
    ],
)
def test_weights_of_a_mesh(verdict: CanaryVerdict, patch: list[object]) -> None:
    assert json.loads(istio_patch(verdict, weight=25)) == patch


def test_metrics() -> None:
    judgement = Judgement(CanaryVerdict.FAIL, ("slow",), (SLOWER,), 300, 2)
    text = canary_metrics('a"b', judgement, at=1700000000)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines == [
        'schemareg_canary_verdict{topic="a\\"b",verdict="pass"} 0.0',
        'schemareg_canary_verdict{topic="a\\"b",verdict="fail"} 1.0',
        'schemareg_canary_verdict{topic="a\\"b",verdict="inconclusive"} 0.0',
        'schemareg_canary_records{topic="a\\"b"} 300.0',
        'schemareg_canary_failed_records{topic="a\\"b"} 2.0',
        'schemareg_canary_measure{group="stable",measure="latency",topic="a\\"b"} 0.1',
        'schemareg_canary_measure{group="canary",measure="latency",topic="a\\"b"} 0.4',
        'schemareg_canary_worse{measure="latency",topic="a\\"b"} 1.0',
        'schemareg_canary_time_seconds{topic="a\\"b"} 1.7e+09',
    ]


def result_of(topic: str, *comparisons: Comparison) -> CanaryResult:
    return CanaryResult(topic, CanaryVerdict.FAIL, ("slow",), (), 300, 0, 0, comparisons, 1)


def test_chart() -> None:
    root = ElementTree.fromstring(canary_chart(result_of("<orders>&\x1b", SLOWER, THROUGHPUT)))
    bars = [(r.get("width"), r.get("fill")) for r in root.findall(f"{NS}rect")][1:]
    assert bars == [
        ("82.5", "#757575"), ("330.0", "#c62828"), ("330.0", "#757575"), ("297.0", "#1565c0")
    ]  # fmt: skip
    texts = [text.text for text in root.findall(f"{NS}text")]
    assert texts[1:4] == ["latency", "stable 0.1 s, 200 records", "canary 0.4 s, 100 records"]
    assert texts[4:] == ["throughput", "before 10.0 a second", "now 9.0 a second"]
    assert "<orders>&" in (texts[0] or "")


def test_chart_of_a_long_topic_keeps_its_verdict() -> None:
    root = ElementTree.fromstring(canary_chart(result_of("a" * 249, SLOWER)))
    heading = root.findall(f"{NS}text")[0].text or ""
    assert heading.startswith("canary: fail, 300 records of aaa")
    assert (len(heading), heading[-1]) == (76, "…")
    assert (root.findtext(f"{NS}title") or "").endswith("a" * 249)


def test_chart_without_numbers() -> None:
    assert "no two groups were large enough" in canary_chart(result_of("orders"))
