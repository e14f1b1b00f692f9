"""Results as a Code Quality report, which GitLab shows in a merge request.

Source: GitLab, "Code Quality", section "Code Quality report format".
"""

from __future__ import annotations

from schemareg.findings import Diagnostic, Severity
from schemareg.report.escape import LONGEST_MESSAGE, Safe, json_document
from schemareg.report.identity import full_message, repository_path, with_fingerprints
from schemareg.report.page import Page
from schemareg.results import Result

_SEVERITY = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}
# GitLab drops an entry without a file; a finding about no file is shown at this one.
_NO_FILE = "schemareg.toml"


def as_gitlab(result: Result, page: Page) -> Safe:
    """A JSON array with one entry a finding; `[]` when there are none, which GitLab needs, too."""
    found = with_fingerprints(result.annotations(), page.root)
    entries = [_entry(finding, fingerprint, page.root) for finding, fingerprint in found]
    return json_document(entries, ascii=page.ascii, longest=LONGEST_MESSAGE)


def _entry(finding: Diagnostic, fingerprint: str, root: str) -> dict[str, object]:
    return {
        "description": full_message(finding),
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITY[finding.severity],
        "location": {
            "path": repository_path(finding.location.path or _NO_FILE, root),
            "lines": {"begin": max(finding.location.line, 1)},
        },
    }
