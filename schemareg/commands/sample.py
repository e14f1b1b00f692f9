"""Example events of the schemas of a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import ClassVar

from schemareg.avro.schema import Schema
from schemareg.codec.json_encoding import json_encoding
from schemareg.errors import ExitCode, UsageError
from schemareg.findings import Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.results import Counts, Result
from schemareg.sampling import Encoding
from schemareg.sampling.edges import edge_cases
from schemareg.sampling.sample import sample
from schemareg.schema_catalog import Catalog, Entry, catalog_of
from schemareg.workspace import Project


@dataclass(frozen=True, slots=True)
class Example:
    """An event of the type `of`; `name` is `sample N` or the name of the edge case."""

    of: str
    name: str
    event: object = field(metadata={"whole": True})


@dataclass(frozen=True, slots=True)
class SampleResult(Result):
    """The example events, in the order of the requested types."""

    command: ClassVar[str] = "sample"

    examples: tuple[Example, ...]

    def counts(self) -> Counts:
        return Counts("event", len(self.examples), len(self.examples))

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES


def sample_project(
    project: Project,
    types: Sequence[str],
    *,
    seed: int,
    count: int,
    with_edges: bool,
    encoding: Encoding = Encoding.PLAIN,
) -> SampleResult:
    """`count` events of each type in `types` (full or short names); with `with_edges`, edge cases.

    With `AVRO_JSON` an example's `event` is its JSON encoding, else Python's own types.

    Raises:
        UsageError: a name that no file defines, or a short name that several do, or one of a file
            that is refused or uses a refused one.
    """
    catalog = catalog_of(project.files)
    examples: list[Example] = []
    for name in types:
        entry = _entry(name, catalog, project)
        events = enumerate(sample(entry.schema, seed=seed, count=count), start=1)
        named = [(f"sample {number}", event) for number, event in events]
        if with_edges:
            named += [(edge.name, edge.event) for edge in edge_cases(entry.schema)]
        examples += [
            Example(entry.fullname, name, _encoded(event, entry.schema, encoding))
            for name, event in named
        ]
    return SampleResult(tuple(examples))


def _entry(name: str, catalog: Catalog, project: Project) -> Entry:
    try:
        return catalog.find(name)
    except UsageError:
        blocked = project.blocked_by(name)
        if blocked is None:
            raise
    path, by = blocked
    why = "is refused" if by == path else f"uses types of the refused {by}"
    raise UsageError(
        f"{name!r} has no schema: {path} {why}",
        advice=f"correct what `schemareg lint {by}` reports",
    )


def _encoded(event: object, schema: Schema, encoding: Encoding) -> object:
    return json_encoding(event, schema) if encoding is Encoding.AVRO_JSON else event
