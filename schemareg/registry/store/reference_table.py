"""The table of uses: which content refers to which version."""

from __future__ import annotations

import json
from collections.abc import Iterable

from schemareg.registry.api.contexts import qualified_in
from schemareg.registry.store.association_table import AssociationTable
from schemareg.registry.store.rows import ReferenceGraph, references_of


class ReferenceTable(AssociationTable):
    """References between contents, without their texts."""

    __slots__ = ()

    def references_from(self, keys: Iterable[int], *, limit: int) -> ReferenceGraph:
        """The references of the contents with those keys, and of all that they reach.

        Of more than `limit` contents the rest is left out.
        """
        reached = (
            "WITH RECURSIVE reached (key) AS (SELECT value FROM json_each(?) UNION"
            " SELECT v.content FROM reached r JOIN uses u ON u.content = r.key"
            " JOIN versions v ON v.subject = u.subject AND v.version = u.version LIMIT ?)"
        )
        values = json.dumps([*keys]), limit
        contents = self._db.execute(
            f"{reached} SELECT c.key, c.digest, c.context, c.refs FROM reached r"
            " JOIN contents c ON c.key = r.key",
            values,
        ).fetchall()
        targets = self._db.execute(
            f"{reached} SELECT DISTINCT u.subject, u.version, v.content FROM reached r"
            " JOIN uses u ON u.content = r.key"
            " JOIN versions v ON v.subject = u.subject AND v.version = u.version",
            values,
        )
        return ReferenceGraph(
            {
                key: tuple(
                    (r.name, str(qualified_in(context, r.subject)), int(r.version))
                    for r in references_of(refs)
                )
                for key, _, context, refs in contents
                if refs is not None
            },
            {(subject, version): key for subject, version, key in targets},
            {key: digest for key, digest, _, _ in contents},
        )
