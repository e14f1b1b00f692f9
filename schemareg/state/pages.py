"""Many subjects of a registry, read in pages of versions instead of one request per version."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from schemareg.errors import RegistryError, RegistryUnavailableError
from schemareg.registry.api.types import RegisteredSchema, Registry
from schemareg.subjects import Subject

PAGE = 1000
_UNSUPPORTED = frozenset((400, 404, 405, 406, 501))


def read_pages(
    registry: Registry, wanted: Collection[Subject], *, is_all: bool
) -> dict[Subject, list[RegisteredSchema]]:
    """All live versions of most of `wanted`, which are every subject of the registry if `is_all`.

    Empty where pages would hold more of others than of `wanted`, or the registry has no pages.
    Left out are subjects at the edge of a page: while it is read others may register or delete,
    which moves versions over edges, and those would be missed or come twice.

    Raises:
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer.
    """
    prefix = _common_prefix(wanted)
    if not is_all:
        held = registry.get_subjects(prefix=prefix)
        if 2 * len(set(held).intersection(wanted)) < len(held) or not held:
            return {}
    chosen = set(wanted)
    found: dict[Subject, list[RegisteredSchema]] = {}
    edges: set[Subject] = set()
    last = None
    for page in _pages(registry, prefix):
        edges |= {last, page[0].subject} if last is not None else set()
        last = page[-1].subject
        for schema in page:
            if schema.subject in chosen:
                found.setdefault(schema.subject, []).append(schema)
    return {subject: versions for subject, versions in found.items() if subject not in edges}


def _pages(registry: Registry, prefix: str) -> Iterator[tuple[RegisteredSchema, ...]]:
    offset = 0
    while True:
        try:
            page = registry.get_schemas(prefix=prefix, offset=offset, limit=PAGE)
        except RegistryError as error:
            if not offset and error.status in _UNSUPPORTED:
                return
            raise
        except RegistryUnavailableError:
            # a registry without this route answers no registry's 404; one that is down says so
            # to the next request, too
            if not offset:
                return
            raise
        if not page:
            return
        yield page
        offset += len(page)


def _common_prefix(names: Collection[str]) -> str:
    """What all of `names` begin with."""
    first, last = min(names), max(names)
    differs = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(differs, min(len(first), len(last)))]
