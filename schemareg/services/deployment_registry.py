"""Records of deployments in a schema registry: a subject whose versions hold what was added.

Each version is a record without fields, so that every level takes the next one, with the added
records as a property. Who may read and write them is what the registry grants on the subject.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from schemareg.errors import ContentError, RegistryError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.registry.api.error_codes import is_absent
from schemareg.registry.api.types import RegisteredSchema
from schemareg.services.deployments import Deployments, record_line, records_of
from schemareg.state.pages import read_pages
from schemareg.subjects import DEPLOYMENTS, Version

if TYPE_CHECKING:
    from schemareg.registry.client.sync import RegistryClient

SUBJECT = DEPLOYMENTS
_TRIES = 5
_INVALID_SCHEMA = 42201


@dataclass(frozen=True, slots=True)
class RegistryDeployments:
    """The records in `registry`, which people call `shown`."""

    registry: RegistryClient
    shown: str

    def read(self) -> Deployments:
        """As `DeploymentStore.read`."""
        return self._held()[0]

    def add(self, change: Callable[[Deployments], Deployments]) -> int:
        """As `DeploymentStore.add`; read and tried again where somebody else added meanwhile.

        Raises:
            RegistryError, RegistryUnavailableError: it refused (403: no right), or did not answer.
        """
        for tries_left in reversed(range(_TRIES)):
            held, latest = self._held()
            new = change(held).records[len(held.records) :]
            if not new:
                return 0
            text = json.dumps(
                {
                    "type": "record",
                    "name": "Deployments",
                    "namespace": "schemareg",
                    "doc": "Deployments that `schemareg record-deployment` and its kin recorded.",
                    "fields": [],
                    "after": len(held.records),
                    "records": [json.loads(record_line(record)) for record in new],
                }
            )
            try:
                self.registry.register(SUBJECT, text, version=Version(latest + 1))
            except RegistryError as error:
                # the number of the version is taken: somebody else was faster
                if error.code != _INVALID_SCHEMA or not tries_left:
                    raise
                continue
            return len(new)
        raise AssertionError("the last try returns or raises")

    def _held(self) -> tuple[Deployments, int]:
        """All records, and the number of the latest version (0: there is none)."""
        versions = sorted(self._versions(), key=lambda version: version.version)
        try:
            entries = [entry for v in versions for entry in json.loads(v.text)["records"]]
            return records_of(entries), int(versions[-1].version) if versions else 0
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ContentError(
                f"its subject {SUBJECT} holds no records of deployments: {error!r}",
                location=Location(self.shown),
            ) from error

    def _versions(self) -> Iterable[RegisteredSchema]:
        if held := read_pages(self.registry, [SUBJECT], is_all=False):
            return held[SUBJECT]
        try:
            numbers = self.registry.get_versions(SUBJECT)
        except RegistryError as error:
            if is_absent(error):
                return ()
            raise
        return [self.registry.get_version(SUBJECT, number) for number in numbers]
