"""Which roots of a directory have names of their own, so that each has to be a module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from schemareg.avro.parse.parser import Outline, outline
from schemareg.errors import SchemaParseError
from schemareg.lazy_dataclass import dataclass
from schemareg.workspace.schema_files import resolve_files
from schemareg.workspace.source_languages import read_source


@dataclass(frozen=True, slots=True)
class RecognizedModule:
    """A root that is a module; `shares_names`: others define a type of a name that it has."""

    name: str
    root: str
    uses: tuple[str, ...]
    shares_names: bool


def recognized_modules(
    texts: Sequence[tuple[str, bytes]], roots: Sequence[str], avro_version: str
) -> tuple[RecognizedModule, ...]:
    """A module for each of `roots` (as the paths of `texts` begin), where two of them need that:
    they define one name differently, and would not if each had names of its own.

    What a root uses and does not define is of the only other root that defines it.
    """
    if len(roots) < 2 or not _clash(texts, avro_version):
        return ()
    own = {root: [(p, raw) for p, raw in texts if p.startswith(f"{root}/")] for root in roots}
    if any(_clash(part, avro_version) for part in own.values()):
        return ()
    names = _names_of(roots)
    outlines = {root: list(_outlines(part, avro_version)) for root, part in own.items()}
    defined = {root: {n for o in part for n in o.definitions} for root, part in outlines.items()}
    uses = {root: sorted(_uses(outlines[root], root, defined)) for root in roots}
    try:
        order = [*TopologicalSorter(uses).static_order()]
    except CycleError:
        return ()
    return tuple(
        RecognizedModule(
            names[root],
            root,
            tuple(names[used] for used in uses[root]),
            any(defined[root] & defined[other] for other in roots if other != root),
        )
        for root in order
    )


def _clash(texts: Sequence[tuple[str, bytes]], avro_version: str) -> bool:
    """Whether files of `texts` define one name differently."""
    failures = resolve_files(texts, avro_version=avro_version).failures
    return any(p.code == "duplicate-definition" for failure in failures for p in failure.problems)


def _outlines(texts: Sequence[tuple[str, bytes]], avro_version: str) -> Iterator[Outline]:
    for path, raw in texts:
        try:
            yield outline(read_source(path, raw), avro_version=avro_version)
        except SchemaParseError:
            continue  # reported by the lint that follows


def _uses(outlines: Sequence[Outline], root: str, defined: Mapping[str, set[str]]) -> Iterator[str]:
    """The roots that define what `outlines`, which are of `root`, use and do not define."""
    found: set[str] = set()
    for use in (use for own in outlines for use in own.unknown):
        for name in use.candidates:
            homes = [other for other, names in defined.items() if name in names]
            if root in homes:
                break
            if homes:
                found |= set(homes if len(homes) == 1 else ())
                break
    yield from found


def _names_of(roots: Sequence[str]) -> Mapping[str, str]:
    """A name for each root: its folders, without those that every build has."""
    names: dict[str, str] = {}
    for root in roots:
        folders = [f for f in root.split("/") if f not in ("src", "main", "resources", "avro")]
        name = "-".join(folders) or "main"
        names[root] = name if name not in names.values() else root.replace("/", "-")
    return names
