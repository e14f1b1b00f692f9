"""The numbers of a canary as a chart: two bars for each measure, SVG without any library."""

from __future__ import annotations

import html

from schemareg.commands.canary import CanaryResult
from schemareg.report.escape import plain_line
from schemareg.services.canary import CanaryVerdict
from schemareg.services.canary_tests import Comparison

_WIDTH, _LEFT, _BARS, _ROW, _TOP = 760, 230, 330, 52, 60
_TITLE = 76
"""Characters of the heading that fit the width."""
_STABLE, _CANARY, _WORSE = "#757575", "#1565c0", "#c62828"
_COLOURS = {
    CanaryVerdict.PASS: "#2e7d32",
    CanaryVerdict.FAIL: _WORSE,
    CanaryVerdict.INCONCLUSIVE: "#8a6d00",
}


def canary_chart(result: CanaryResult) -> str:
    """An SVG of `result`: its verdict, and stable beside canary; worse measures are red."""
    height = _TOP + _ROW * max(1, len(result.comparisons)) + 10
    words = f"canary: {result.verdict}, {result.records} records of {result.topic}"
    title = _escaped(words)
    shown = _escaped(words if len(words) <= _TITLE else f"{words[: _TITLE - 1]}…")
    rows = [_row(each, _TOP + _ROW * n) for n, each in enumerate(result.comparisons)]
    if not rows:
        rows = [_text(20, _TOP + 20, "no two groups were large enough to be compared")]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        f' viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}"'
        ' font-family="Verdana,DejaVu Sans,sans-serif" font-size="12">'
        f'<title>{title}</title><rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
        f'<text x="20" y="30" font-size="16" fill="{_COLOURS[result.verdict]}">{shown}</text>'
        + "".join(rows)
        + "</svg>\n"
    )


def _row(each: Comparison, y: int) -> str:
    most = max(each.stable, each.canary) or 1.0
    before, now = ("before", "now") if each.measure == "throughput" else ("stable", "canary")
    colour = _WORSE if each.is_worse else _CANARY
    return (
        _text(20, y + 22, each.measure)
        + _bar(
            y, each.stable / most, _STABLE, f"{before} {_value(each, each.stable, each.stable_n)}"
        )
        + _bar(
            y + 20, each.canary / most, colour, f"{now} {_value(each, each.canary, each.canary_n)}"
        )
    )


def _value(each: Comparison, value: float, count: int) -> str:
    """`value` in the unit of its measure, and how many records it is of."""
    if each.measure == "throughput":
        return f"{value:,.1f} a second"
    if each.measure.endswith("latency"):
        return f"{value:.3g} s, {count:,} records"
    return f"{value:.2%} of {count:,}"


def _bar(y: int, share: float, colour: str, label: str) -> str:
    width = max(1.0, _BARS * share)
    return f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="16" fill="{colour}"/>' + _text(
        _LEFT + round(width) + 8, y + 13, label
    )


def _text(x: int, y: int, text: str) -> str:
    return f'<text x="{x}" y="{y}" fill="#212121">{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    return html.escape(plain_line(text))
