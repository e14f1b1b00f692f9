"""A badge of two words, as README files show them: SVG, without any library or font file."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from schemareg.findings import Severity
from schemareg.report.escape import plain_line

if TYPE_CHECKING:
    from schemareg.site.catalog.model import Catalog

_GOOD = 80
"""Percent from which on a badge is green."""
_WIDTH = 6.6
"""Average width of a character of Verdana at 11 pixels."""


def badge(name: str, value: str, *, good: bool) -> str:
    """An SVG with `name` on grey and `value` on green, or on red where it is not `good`."""
    left, right = (round(_WIDTH * len(text)) + 12 for text in (name, value))
    colour = "#2e7d32" if good else "#c62828"
    title = _escaped(f"{name}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20"'
        f' role="img" aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left}" height="20" fill="#555"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif"'
        ' font-size="11">'
        f'<text x="{left / 2:g}" y="14">{_escaped(name)}</text>'
        f'<text x="{left + right / 2:g}" y="14">{_escaped(value)}</text></g></svg>\n'
    )


def catalog_badges(catalog: Catalog) -> dict[str, bytes]:
    """The badges of a catalog by their path in it."""
    findings = [finding for own in catalog.findings.values() for finding in own]
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    lint = f"{errors} errors" if errors != 1 else "1 error"
    drawn = {
        "subjects": badge("event subjects", str(len(catalog.source.names)), good=True),
        "lint": badge("schema lint", lint, good=not errors),
    }
    for share in catalog.shares:
        name = share.name.lower().replace(" ", "-")
        drawn[name] = badge(share.name.lower(), f"{share.percent} %", good=share.percent >= _GOOD)
    return {f"badges/{name}.svg": text.encode() for name, text in drawn.items()}


def _escaped(text: str) -> str:
    return html.escape(plain_line(text))
