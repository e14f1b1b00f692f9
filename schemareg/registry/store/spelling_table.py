"""The table of spellings: keys of versions in a log that are not spelled as this release does."""

from __future__ import annotations

from schemareg.registry.store.setting_tables import SettingTables


class SpellingTable(SettingTables):
    """Keys by subject and version; a version that has none is spelled as this release does.

    A log compacts by the bytes of a key: what deletes a version has to be written under every one.
    """

    __slots__ = ()

    def spellings(self, subject: str, version: int) -> list[bytes]:
        """Every key that the version has in the log, if one of them is spelled otherwise."""
        rows = self._db.execute(
            "SELECT key FROM spellings WHERE subject = ? AND version = ? ORDER BY key",
            (subject, version),
        )
        return [key for (key,) in rows]

    def add_spelling(self, subject: str, version: int, key: bytes) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO spellings (subject, version, key) VALUES (?, ?, ?)",
            (subject, version, key),
        )

    def drop_spelling(self, subject: str, version: int, key: bytes) -> None:
        self._db.execute(
            "DELETE FROM spellings WHERE subject = ? AND version = ? AND key = ?",
            (subject, version, key),
        )
