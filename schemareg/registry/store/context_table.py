"""The table of contexts: which there are, and the highest id that each has given."""

from __future__ import annotations

from schemareg.integers import INT_MAX
from schemareg.registry.api.contexts import DEFAULT_CONTEXT
from schemareg.registry.store.spelling_table import SpellingTable


class ContextTable(SpellingTable):
    """Contexts by name."""

    __slots__ = ()

    def contexts(self) -> list[str]:
        """Every context that something was registered in, and the default one first."""
        rows = self._db.execute("SELECT name FROM contexts ORDER BY name")
        return [DEFAULT_CONTEXT, *(name for (name,) in rows if name != DEFAULT_CONTEXT)]

    def drop_context(self, context: str) -> None:
        self._db.execute("DELETE FROM contexts WHERE name = ?", (context,))

    def last_id(self, context: str) -> int:
        """The highest id ever given in `context`; 0 where there was none."""
        row = self._db.execute("SELECT last_id FROM contexts WHERE name = ?", (context,)).fetchone()
        return row[0] if row else 0

    def has_id(self, context: str, id: int) -> bool:
        """Whether `id` names a schema in `context`."""
        query = "SELECT 1 FROM contents WHERE context = ? AND id = ?"
        return self._db.execute(query, (context, id)).fetchone() is not None

    def next_id(self, context: str) -> int:
        """The id after the highest of `context`; ids are 32-bit integers that wrap as Java's do."""
        following = self.last_id(context) + 1
        if following <= INT_MAX:
            return following
        (wrapped,) = self._db.execute(
            "SELECT max(id) FROM contents WHERE context = ? AND id < 0", (context,)
        ).fetchone()
        return following - 2**32 if wrapped is None else wrapped + 1

    def last_ids(self) -> list[tuple[str, int]]:
        """Context and the highest id ever given in it."""
        return self._db.execute("SELECT name, last_id FROM contexts ORDER BY name").fetchall()

    def raise_last_id(self, context: str, last_id: int) -> None:
        """Give no id up to `last_id` in that context any more."""
        self._db.execute(
            "INSERT INTO contexts (name, last_id) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET last_id = max(last_id, excluded.last_id)",
            (context, last_id),
        )
