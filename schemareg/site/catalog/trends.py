"""Numbers over time as line charts, which need no script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from schemareg.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from markupsafe import Markup

_WIDTH, _HEIGHT, _LEFT, _EDGE, _BELOW = 360, 140, 44, 12, 24


@dataclass(frozen=True, slots=True)
class Trend:
    """One number over time, oldest first: days like 2026-11-29, and the value on each."""

    name: str
    points: tuple[tuple[str, int], ...]

    @property
    def last(self) -> int:
        """The newest value."""
        return self.points[-1][1]

    @property
    def difference(self) -> int:
        """How much the newest value is above the first."""
        return self.last - self.points[0][1]


def chart(trend: Trend) -> Markup:
    """The trend as SVG; values are spread evenly from left to right, zero is at the bottom."""
    from markupsafe import Markup, escape

    values = [value for _, value in trend.points]
    top = max(*values, 1)
    wide, high = _WIDTH - _LEFT - _EDGE, _HEIGHT - _EDGE - _BELOW
    step = wide / max(1, len(values) - 1)
    dots = [
        (round(_LEFT + i * step, 1), round(_EDGE + high * (1 - value / top), 1))
        for i, value in enumerate(values)
    ]
    line = " ".join(f"{x:g},{y:g}" for x, y in dots)
    first, last = trend.points[0][0], trend.points[-1][0]
    label = escape(f"{trend.name}: {values[0]} on {first}, {values[-1]} on {last}")
    base = _EDGE + high
    marks = "".join(
        f'<path class="dot" d="M{x:g} {y:g}h0"><title>{escape(day)}: {value}</title></path>'
        for (x, y), (day, value) in zip(dots, trend.points, strict=True)
    )
    return Markup(
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' role="img" aria-label="{label}">'
        f'<path class="axis" d="M{_LEFT} {_EDGE}V{base}H{_WIDTH - _EDGE}"/>'
        f'<text class="end" x="{_LEFT - 6}" y="{_EDGE + 8}">{top}</text>'
        f'<text class="end" x="{_LEFT - 6}" y="{base}">0</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 6}">{escape(first)}</text>'
        f'<text class="end" x="{_WIDTH - _EDGE}" y="{_HEIGHT - 6}">{escape(last)}</text>'
        f'<polyline points="{line}"/>{marks}</svg>'
    )


def shown(trends: Sequence[Trend]) -> list[tuple[Trend, Markup]]:
    """Each trend that ever was above zero, with its chart."""
    return [(trend, chart(trend)) for trend in trends if any(value for _, value in trend.points)]
