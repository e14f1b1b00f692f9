"""Results as SARIF 2.1.0, which code scanning of GitHub and of other hosts reads.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from schemareg import __version__
from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.lint.rule import RuleText
from schemareg.report.as_json import plain
from schemareg.report.escape import LONGEST_MESSAGE, Safe, json_document
from schemareg.report.identity import full_message, repository_path, with_fingerprints
from schemareg.report.page import Page
from schemareg.results import Result

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_FINGERPRINT = "schemareg/v1"


def as_sarif(result: Result, page: Page, fail_on: Severity = Severity.ERROR) -> Safe:
    """One run with the rules that it reports; suppressed findings are there, with their reason."""
    found = [*result.annotations(), *result.suppressed()]
    rules = list(dict.fromkeys(_rule_id(finding) for finding in found))
    code = result.exit_code(fail_on)
    run: dict[str, object] = {
        "tool": {
            "driver": {
                "name": "schemareg",
                "semanticVersion": __version__,
                "rules": _descriptors(rules, found),
            }
        },
        "automationDetails": {"id": f"schemareg/{result.command}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                # the check ran to its end, whatever its answer is
                "executionSuccessful": code
                in (ExitCode.YES, ExitCode.NO, ExitCode.CHANGES_PENDING),
                "exitCode": int(code),
            }
        ],
        "properties": {"counts": plain(result.counts())},
        "results": [
            _result(finding, fingerprint, rules, page.root)
            for finding, fingerprint in with_fingerprints(found, page.root)
        ],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_document(document, ascii=page.ascii, longest=LONGEST_MESSAGE)


def _rule_id(finding: Diagnostic) -> str:
    return finding.code or finding.rule


def _descriptors(rules: Sequence[str], found: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """What each of `rules` is: from the catalogue of lint's rules, else from a finding of it."""
    from schemareg.lint import RULES

    catalogue = {rule.code: rule for rule in RULES}
    first: dict[str, Diagnostic] = {}
    for finding in found:
        first.setdefault(_rule_id(finding), finding)
    descriptors: list[dict[str, object]] = []
    for rule_id in rules:
        finding, rule = first[rule_id], catalogue.get(rule_id)
        descriptor: dict[str, object] = {
            "id": rule_id,
            "name": finding.rule,
            "defaultConfiguration": {"level": _LEVEL[rule.severity if rule else finding.severity]},
        }
        if rule:
            text = rule.text
            descriptor |= {
                "shortDescription": {"text": text.summary},
                "fullDescription": {"text": f"{text.summary} {text.reason}".strip()},
                "help": {"text": _help(text)},
                "properties": {"tags": [rule.family]},
            }
        descriptors.append(descriptor)
    return descriptors


def _help(text: RuleText) -> str:
    return f"{text.reason or text.summary}\n\nBad:\n{text.bad}\n\nGood:\n{text.good}"


def _result(
    finding: Diagnostic, fingerprint: str, rules: Sequence[str], root: str
) -> dict[str, object]:
    rule_id = _rule_id(finding)
    detail = f"\n{finding.detail}" if finding.detail else ""
    result: dict[str, object] = {
        "ruleId": rule_id,
        "ruleIndex": rules.index(rule_id),
        "level": _LEVEL[finding.severity],
        "message": {"text": full_message(finding) + detail},
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    if location := _location(finding, root):
        result["locations"] = [location]
    if finding.suppressed is not None:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": finding.suppressed}
        ]
    return result


def _location(finding: Diagnostic, root: str) -> dict[str, object] | None:
    place = finding.location
    location: dict[str, object] = {}
    if place.path:
        uri = quote(repository_path(place.path, root), errors="surrogatepass")
        uri = f"file://{uri}" if uri.startswith("/") else uri
        base = {} if uri.startswith("file:") else {"uriBaseId": "%SRCROOT%"}
        physical: dict[str, object] = {"artifactLocation": {"uri": uri, **base}}
        if place.line:
            region = {"startLine": place.line, "startColumn": max(place.column, 1)}
            if finding.end_line:
                region |= {"endLine": finding.end_line, "endColumn": max(finding.end_column, 1)}
            physical["region"] = region
        location["physicalLocation"] = physical
    if finding.element:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.element}]
    return location or None
