"""Diagnostics: what lint, check and the other commands report about a place, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location

if TYPE_CHECKING:
    from schemareg.errors import SchemaParseError
    from schemareg.syntax import TextEdit


class Severity(StrEnum):
    """How much a diagnostic weighs; ordered by `rank`, heaviest first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        return ("error", "warning", "info").index(self.value)


class BaselineMode(StrEnum):
    """What lint does with the baseline: apply it, write it anew, or report what it accepts."""

    USE = "use"
    WRITE = "write"
    IGNORE = "ignore"


BASELINE_REASON = "accepted in the baseline"
"""Why a diagnostic is suppressed that the baseline accepts."""
RATCHET_REASON = "as it was before the change"
"""Why a diagnostic is suppressed of a rule that reports only what a change touches."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits of the file of a diagnostic after which the diagnostic is gone.

    `title` is what they do, in the imperative; ranges count characters of the file's text.
    `is_safe` is False where they may change what the schema means, so that a person decides;
    otherwise `schemareg.fix` still verifies that no reader breaks.
    """

    title: str
    edits: tuple[TextEdit, ...]
    is_safe: bool = True


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong, or may be, at one place.

    `rule` is the stable name of what was checked (`money-as-double`), `code` its stable code
    (`SR201`; "" where the check is no lint rule). `element` is the dotted name of what it is
    about (`com.company.events.OrderCreated.total`), `message` describes what is wrong with the
    value, `advice` what to do in one sentence. `suppressed` is the reason for which it was
    accepted (None: it counts). `detail` are further lines, such as a proof. `fix` is what removes
    it, where a machine can. `fingerprint` is what an approval names it by, "" where there are none.
    """

    rule: str
    severity: Severity
    message: str
    location: Location
    element: str = ""
    advice: str | None = None
    suppressed: str | None = None
    code: str = ""
    end_line: int = 0
    end_column: int = 0
    detail: str = ""
    fix: Fix | None = None
    fingerprint: str = ""


INVALID_SCHEMA = ("SR011", "invalid-schema")
PROBLEM_RULES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "not-json": ("SR001", "json-syntax"),
        "not-text": ("SR001", "json-syntax"),
        "trailing-text": ("SR001", "json-syntax"),
        "huge-number": ("SR001", "json-syntax"),
        "too-deep": ("SR001", "json-syntax"),
        "unknown-type": ("SR002", "unresolved-type"),
        "duplicate-definition": ("SR003", "duplicate-type-definition"),
        "circular-reference": ("SR004", "circular-reference-between-files"),
        "invalid-default": ("SR005", "invalid-default"),
        "invalid-name": ("SR006", "invalid-name"),
        "duplicate-field": ("SR007", "duplicate-field-name"),
        "duplicate-symbol": ("SR008", "duplicate-enum-symbol"),
        "nested-union": ("SR009", "nested-or-duplicate-union"),
        "duplicate-branch": ("SR009", "nested-or-duplicate-union"),
        "invalid-size": ("SR010", "fixed-size-invalid"),
    }
)
"""Code and rule of each kind of problem of the parser; the others are `INVALID_SCHEMA`."""


def parse_diagnostics(error: SchemaParseError) -> Iterator[Diagnostic]:
    """Every problem of a refused schema text as a diagnostic of its file.

    A type that is not known is one problem, however often the text uses it.
    """
    path = error.location.path if error.location else None
    uses = Counter(p.message for p in error.problems if p.code == "unknown-type")
    reported: set[str] = set()
    for problem in error.problems:
        message = problem.message
        if message in reported:
            continue
        if uses[message] > 1:
            reported.add(message)
            message += f", used {uses[message]} times in this file"
        code, rule = PROBLEM_RULES.get(problem.code, INVALID_SCHEMA)
        yield Diagnostic(
            rule=rule,
            severity=Severity.ERROR,
            message=message,
            location=Location(path, problem.line, problem.column, problem.pointer),
            advice=problem.advice,
            code=code,
        )
