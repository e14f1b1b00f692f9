"""Rules about suppressions and the baseline; they run after all others."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.findings import Severity
from schemareg.lint.name_words import counted
from schemareg.lint.rule import Issue, Proposal, rule
from schemareg.lint.sites import BaselineSite, SuppressionSite
from schemareg.syntax import Remove


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
        remove = Proposal("remove the suppression", (Remove(site.pointer),))
        yield Issue(
            f"nothing here breaks {site.rule!r}",
            "remove the suppression",
            fix=remove if site.pointer else None,
        )


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


@rule("SR904", BaselineSite, severity=Severity.INFO)
def outdated_baseline(site: BaselineSite) -> Iterator[Issue]:
    """The baseline accepts diagnostics that are gone.

    It would accept them again: written anew, it only ever gets shorter.

    Bad:
        baseline: {"SR151": {"n.R.price": 1}}
        {"type": "record", "name": "R", "namespace": "n", "fields": []}
    Good:
        baseline: {"SR151": {"n.R.price": 1}}
        {"type": "record", "name": "R", "namespace": "n", "fields": [
          {"name": "price", "type": "double"}]}
    """
    if site.gone:
        yield Issue(
            f"{counted(site.gone, 'accepted diagnostic')} of the baseline"
            f" {'is' if site.gone == 1 else 'are'} gone",
            "write it again with `schemareg lint --baseline write`",
        )
