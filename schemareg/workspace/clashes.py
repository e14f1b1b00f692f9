"""Names that mean two types in one schema, because it takes types of several modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from schemareg.avro import Schema
from schemareg.avro.parse.redefinition import is_copy
from schemareg.avro.schema import NamedType
from schemareg.lazy_dataclass import dataclass


class UsingFile(Protocol):
    """A file that defines types and uses those of others."""

    @property
    def path(self) -> str: ...
    @property
    def schema(self) -> Schema: ...
    @property
    def uses(self) -> Sequence[UsingFile]: ...


@dataclass(frozen=True, slots=True)
class Clash:
    """The types `name` of the files at `path` and at `other` differ; `via` reaches the other."""

    name: str
    path: str
    other: str
    via: str


def clashes(files: Iterable[UsingFile], own: UsingFile | None = None) -> Iterator[Clash]:
    """Each name that `own` and `files`, with all that they use, define in several ways."""
    types: dict[str, tuple[str, NamedType]] = {}
    if own is not None:
        types = {name: (own.path, type_) for name, type_ in own.schema.names.items()}
    clashing: set[str] = set()
    for first in files:
        seen, waiting = {first.path}, [first]
        while waiting:
            used = waiting.pop()
            waiting += [further for further in used.uses if further.path not in seen]
            seen |= {further.path for further in used.uses}
            for name, type_ in used.schema.names.items():
                path, known = types.setdefault(name, (used.path, type_))
                if name not in clashing and known is not type_ and not is_copy(known, type_):
                    clashing.add(name)
                    yield Clash(name, path, used.path, first.path)
