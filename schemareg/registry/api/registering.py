"""Registering a state: every version after what it refers to, its references renumbered.

The one place that does it: for a project, a snapshot, an event of a test, and a serializer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from schemareg.registry.api.state import RegistryState, StoredVersion, in_order
from schemareg.registry.api.types import Metadata, RegisteredSchema
from schemareg.subjects import Reference, Subject, Version


class Register(Protocol):
    """A registry's `register` or `lookup`."""

    def __call__(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
    ) -> RegisteredSchema: ...


def register_state(
    state: RegistryState, register: Register
) -> Iterator[tuple[StoredVersion, RegisteredSchema]]:
    """Every version of `state` with what `register` returned for it, as it is done.

    A reference gets the number that the registry gave to the version it means.

    Raises:
        RegistryError: the registry refuses a version.
    """
    given: dict[tuple[Subject, Version], Version] = {}
    for subject, wanted in in_order(state):
        references = [
            Reference(r.name, r.subject, given.get((r.subject, r.version), r.version))
            for r in wanted.references
        ]
        found = register(subject, wanted.text, references=references, metadata=wanted.metadata)
        given[subject, wanted.version] = found.version
        yield wanted, found
