"""Example events of the schemas of a project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from schemareg.avro.sample import edge_cases, sample
from schemareg.avro.schema import Schema
from schemareg.errors import ExitCode, UsageError, did_you_mean
from schemareg.findings import Finding, Severity
from schemareg.project import Project


@dataclass(frozen=True, slots=True)
class Example:
    """An event of the type `of`; `name` is `sample N` or the name of the edge case."""

    of: str
    name: str
    event: object


@dataclass(frozen=True, slots=True)
class SampleOutcome:
    """The example events, in order of the types asked for."""

    command: ClassVar[str] = "sample"

    examples: tuple[Example, ...]

    def annotations(self) -> Iterator[Finding]:
        return iter(())

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES


def sample_project(
    project: Project, types: Sequence[str], *, seed: int, count: int, with_edges: bool
) -> SampleOutcome:
    """`count` events of each type in `types` (full or short names), and its edge cases if asked.

    Raises:
        UsageError: a name that no file defines, or a short name that several do.
    """
    examples = []
    for name in types:
        fullname, schema = _find(project, name)
        events = enumerate(sample(schema, seed=seed, count=count), start=1)
        examples += [Example(fullname, f"sample {number}", event) for number, event in events]
        if with_edges:
            examples += [Example(fullname, e.name, e.event) for e in edge_cases(schema)]
    return SampleOutcome(tuple(examples))


def _find(project: Project, name: str) -> tuple[str, Schema]:
    known = {f.fullname: f.schema for f in project.files if f.fullname}
    if name in known:
        return name, known[name]
    short = [full for full in known if full.rpartition(".")[2] == name]
    if len(short) == 1:
        return short[0], known[short[0]]
    if short:
        raise UsageError(f"{name!r} is the name of several types", advice=" or ".join(short))
    raise UsageError(f"no schema file defines {name!r}", advice=did_you_mean(name, known))
