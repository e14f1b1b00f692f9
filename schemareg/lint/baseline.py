"""The baseline: what a project had when it began to lint, accepted so that only new is reported.

It is a JSON file for people to read and review, which counts the accepted diagnostics of each rule
by element (`com.company.events.OrderCreated.total`). So it survives moves of lines and of files;
a further diagnostic of the same rule at the same element is new.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from schemareg.errors import UsageError
from schemareg.findings import BASELINE_REASON, Diagnostic
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.workspace.files import Bounds, FileError, read_bytes

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many diagnostics of each rule (by code) are accepted at each element.

    `path` is the file as it is shown. An element without a name is known by its file.
    """

    path: str
    accepted: Mapping[tuple[str, str], int]

    def accept(
        self, diagnostics: Iterable[Diagnostic], used: Counter[tuple[str, str]]
    ) -> Iterator[Diagnostic]:
        """`diagnostics`, the accepted ones suppressed; `used` counts these."""
        for diagnostic in diagnostics:
            key = _key(diagnostic)
            if diagnostic.suppressed is None and used[key] < self.accepted.get(key, 0):
                used[key] += 1
                yield replace(diagnostic, suppressed=BASELINE_REASON)
            else:
                yield diagnostic


def read_baseline(path: Path, shown: str, *, within: Bounds = ()) -> Baseline:
    """The baseline in the file at `path`, shown as `shown`.

    Raises:
        UsageError: the file cannot be read, or is no baseline.
    """
    try:
        raw = read_bytes(path, shown, within=within)
    except FileError as error:
        raise UsageError(
            f"the baseline cannot be read: {error.reason}",
            location=Location(shown),
            advice="write it with `schemareg lint --baseline write`, or correct lint.baseline",
        ) from error
    return baseline_in(raw, shown)


def baseline_in(raw: bytes, shown: str) -> Baseline:
    """The baseline in `raw`, the content of the file shown as `shown` now or at another time.

    Raises:
        UsageError: it is no baseline.
    """
    place = Location(shown)
    try:
        given = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"the baseline is not JSON: {error}", location=place, advice=_WRITE_AGAIN
        ) from error
    if not isinstance(given, dict) or given.get("format_version") != FORMAT_VERSION:
        raise UsageError(
            f"the baseline has another format than {FORMAT_VERSION}",
            location=place,
            advice=_WRITE_AGAIN,
        )
    accepted: dict[tuple[str, str], int] = {}
    rules = given.get("accepted")
    for code, elements in rules.items() if isinstance(rules, dict) else ():
        for element, count in elements.items() if isinstance(elements, dict) else ():
            if type(count) is not int or count < 1:
                raise UsageError(
                    f"the baseline accepts {count!r} of {code} at {element}, which is no number",
                    location=place,
                    advice=_WRITE_AGAIN,
                )
            accepted[code, element] = count
    return Baseline(shown, accepted)


_WRITE_AGAIN = "write it again with `schemareg lint --baseline write`"


def baseline_text(diagnostics: Iterable[Diagnostic]) -> str:
    """The baseline that accepts every one of `diagnostics` that nothing else suppresses."""
    counts = Counter(_key(d) for d in diagnostics if d.suppressed is None)
    accepted: dict[str, dict[str, int]] = {}
    for (code, element), count in sorted(counts.items()):
        accepted.setdefault(code, {})[element] = count
    content = {"format_version": FORMAT_VERSION, "accepted": accepted}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _key(diagnostic: Diagnostic) -> tuple[str, str]:
    return diagnostic.code, diagnostic.element or diagnostic.location.path or ""
