"""What a command answers: the base of every result, with its findings, counts and exit code."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar

from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was `read`, how much of it was `judged`, and how much was `passed_over`.

    `unit` names what is counted, in the singular.
    """

    unit: str
    read: int
    judged: int
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was judged (a file, a subject) and the diagnostics that count against it."""

    name: str
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A frozen value named for its command; every output format renders it."""

    command: ClassVar[str]
    lists_actions: ClassVar[bool] = False
    """Whether it lists what would be done, which every format shows beside the findings."""

    def annotations(self) -> Iterator[Diagnostic]:
        """What counts, as diagnostics at their places in the files."""
        return iter(())

    def suppressed(self) -> Iterator[Diagnostic]:
        """What was reported and does not count, each with the reason in `suppressed`."""
        return iter(())

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """YES, unless a command has something that counts from `fail_on` upwards."""
        return ExitCode.YES

    @abstractmethod
    def counts(self) -> Counts:
        """How much was read, judged and passed over: every format ends with it."""

    def cases(self) -> Iterator[Case]:
        """Everything that was judged, in order; by default the command itself is one case."""
        yield Case(self.command, tuple(self.annotations()))

    def texts(self) -> Mapping[str, bytes]:
        """The files that findings are in, by path, where they are known."""
        return {}

    def compared_with(self) -> str:
        """The state or registry that was used, in words for a person; "" where there is none."""
        return ""
