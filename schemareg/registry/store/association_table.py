"""The table of associations: which subject describes the messages of which topic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.types import Lifecycle
from schemareg.registry.store.context_table import ContextTable

_COLUMNS = (
    "guid, resource_name, resource_namespace, resource_id, resource_type, association_type,"
    " subject, lifecycle, frozen, created_ms, updated_ms"
)
_ORDER = "ORDER BY resource_name, resource_namespace, resource_type, association_type, subject"
_Row: TypeAlias = tuple[str, str, str, str, str, str, str, str, int, int, int]


@dataclass(frozen=True, slots=True)
class StoredAssociation:
    """An association; `subject` is its shortest spelling, times are milliseconds since 1970."""

    guid: str
    resource_name: str
    resource_namespace: str
    resource_id: str
    resource_type: str
    association_type: str
    subject: str
    lifecycle: Lifecycle
    frozen: bool
    created_ms: int
    updated_ms: int


def _association(row: _Row) -> StoredAssociation:
    return StoredAssociation(*row[:7], Lifecycle(row[7]), bool(row[8]), row[9], row[10])


class AssociationTable(ContextTable):
    """Associations by subject and by resource, in the order of their resources' names."""

    __slots__ = ()

    def all_associations(self) -> list[StoredAssociation]:
        return self._associations("", ())

    def associations_of_subject(self, subject: str) -> list[StoredAssociation]:
        return self._associations("WHERE subject = ?", (subject,))

    def associations_of_resource(self, id: str, type: str) -> list[StoredAssociation]:
        return self._associations("WHERE resource_id = ? AND resource_type = ?", (id, type))

    def associations_of_name(
        self, name: str, namespace: str | None, type: str
    ) -> list[StoredAssociation]:
        """Those of resources with that name, in one namespace or (None) in any."""
        return self._associations(
            "WHERE resource_name = ? AND resource_type = ?"
            " AND coalesce(?, resource_namespace) = resource_namespace",
            (name, type, namespace),
        )

    def _associations(
        self, condition: str, values: Sequence[str | None]
    ) -> list[StoredAssociation]:
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM associations {condition} {_ORDER}", tuple(values)
        )
        return [_association(row) for row in rows]

    def put_association(self, association: StoredAssociation) -> None:
        """Stores `association`, in the place of one with its guid or its resource and subject."""
        self._db.execute(
            f"INSERT OR REPLACE INTO associations ({_COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                association.guid,
                association.resource_name,
                association.resource_namespace,
                association.resource_id,
                association.resource_type,
                association.association_type,
                association.subject,
                str(association.lifecycle),
                association.frozen,
                association.created_ms,
                association.updated_ms,
            ),
        )

    def drop_association(self, guid: str) -> None:
        self._db.execute("DELETE FROM associations WHERE guid = ?", (guid,))
