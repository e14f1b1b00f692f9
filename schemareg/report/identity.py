"""What identifies a finding from run to run, and where its file is in the repository."""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator

from schemareg.findings import Diagnostic
from schemareg.report.escape import LONGEST_MESSAGE, bounded


def repository_path(path: str, root: str) -> str:
    """`path` from the top of the repository, with `root` as the path down to where it begins.

    A place in a registry is a URL, which stays as it is, without user and password.
    """
    path = bounded(path)  # first: a URL whose slashes are joined or quoted is none any more
    is_whole = path.startswith("/") or "://" in path
    return path if is_whole else posixpath.normpath(root + path)


def with_fingerprints(
    findings: Iterable[Diagnostic], root: str
) -> Iterator[tuple[Diagnostic, str]]:
    """Each finding with a hexadecimal fingerprint, different from all others.

    It is made of rule, file, element and message, and so survives that lines move. Equal findings
    are numbered in their order.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in findings:
        path = repository_path(finding.location.path or "", root) if finding.location.path else ""
        key = (finding.code or finding.rule, path, finding.element, finding.message)
        seen[key] += 1
        text = "\0".join((*key, str(seen[key])))
        yield finding, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def full_message(finding: Diagnostic) -> str:
    """What is wrong with which element, and on a line of its own what to do."""
    about = f"{finding.element}: " if finding.element else ""
    advice = f"\n{finding.advice}" if finding.advice else ""
    return bounded(f"{about}{finding.message}{advice}", LONGEST_MESSAGE)
