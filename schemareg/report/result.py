"""What every result offers to a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from schemareg.errors import ExitCode
from schemareg.findings import Finding, Severity


class Result(Protocol):
    """A job's answer: a frozen dataclass named for its command, with findings and an exit code."""

    @property
    def command(self) -> str: ...

    def annotations(self) -> Iterator[Finding]:
        """What counts, as findings at their places in the files."""

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode: ...
