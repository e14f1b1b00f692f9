"""Rules about suppressions themselves; they run after all others."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.findings import Severity
from schemareg.lint.rule import Issue, rule
from schemareg.lint.sites import SuppressionSite


@rule("SR901", SuppressionSite, severity=Severity.WARNING)
def unused_suppression(site: SuppressionSite) -> Iterator[Issue]:
    """A suppression that matches nothing.

    What it was for is gone, or it never matched; it would hide the next diagnostic.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "total", "type": "long",
          "schemareg.ignore": {"money-as-double": "kept for the old readers"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "total", "type": "double",
          "schemareg.ignore": {"money-as-double": "kept for the old readers"}}]}
    """
    if site.known and site.ran and not site.used:
        yield Issue(f"nothing here breaks {site.rule!r}", "remove the suppression")


@rule("SR902", SuppressionSite, severity=Severity.ERROR)
def unknown_suppression(site: SuppressionSite) -> Iterator[Issue]:
    """A suppression of a rule that does not exist.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "total", "type": "double",
          "schemareg.ignore": {"money-as-dubble": "kept for the old readers"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "total", "type": "double",
          "schemareg.ignore": {"money-as-double": "kept for the old readers"}}]}
    """
    if not site.known:
        yield Issue(f"there is no rule {site.rule!r}", site.nearest)


@rule("SR903", SuppressionSite, severity=Severity.WARNING)
def suppression_without_reason(site: SuppressionSite) -> Iterator[Issue]:
    """A suppression without a reason.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "total", "type": "double",
          "schemareg.ignore": {"money-as-double": ""}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "total", "type": "double",
          "schemareg.ignore": {"money-as-double": "kept for the old readers"}}]}
    """
    if not site.reason.strip():
        yield Issue(f"{site.rule!r} is ignored without a reason", "add the reason")
