"""Example events of the schemas of a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from schemareg.errors import ExitCode
from schemareg.findings import Severity
from schemareg.results import Result
from schemareg.sampling.edges import edge_cases
from schemareg.sampling.sample import sample
from schemareg.schema_catalog import catalog_of
from schemareg.workspace import Project


@dataclass(frozen=True, slots=True)
class Example:
    """An event of the type `of`; `name` is `sample N` or the name of the edge case."""

    of: str
    name: str
    event: object


@dataclass(frozen=True, slots=True)
class SampleResult(Result):
    """The example events, in the order of the requested types."""

    command: ClassVar[str] = "sample"

    examples: tuple[Example, ...]

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES


def sample_project(
    project: Project, types: Sequence[str], *, seed: int, count: int, with_edges: bool
) -> SampleResult:
    """`count` events of each type in `types` (full or short names); with `with_edges`, edge cases.

    Raises:
        UsageError: a name that no file defines, or a short name that several do.
    """
    catalog = catalog_of(project.files)
    examples = []
    for name in types:
        entry = catalog.find(name)
        events = enumerate(sample(entry.schema, seed=seed, count=count), start=1)
        examples += [Example(entry.fullname, f"sample {number}", event) for number, event in events]
        if with_edges:
            examples += [Example(entry.fullname, e.name, e.event) for e in edge_cases(entry.schema)]
    return SampleResult(tuple(examples))
