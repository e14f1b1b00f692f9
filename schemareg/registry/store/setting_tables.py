"""The tables of configurations and modes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from schemareg.avro.schema import JsonValue


def above(prefix: str) -> str:
    """The smallest text above every text that starts with `prefix` (not empty)."""
    return prefix + "\U0010ffff"


class SettingTables:
    """Configuration and mode by the key of a subject, of a context, or of everything (empty)."""

    __slots__ = ("_db",)

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def all_configs(self) -> list[tuple[str, dict[str, JsonValue]]]:
        rows = self._db.execute("SELECT subject, config FROM configs ORDER BY subject")
        return [(subject, json.loads(config)) for subject, config in rows]

    def all_modes(self) -> list[tuple[str, str]]:
        return self._db.execute("SELECT subject, mode FROM modes ORDER BY subject").fetchall()

    def config(self, subject: str) -> dict[str, JsonValue] | None:
        row = self._db.execute(
            "SELECT config FROM configs WHERE subject = ?", (subject,)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def settings_of(
        self, subjects: Sequence[str]
    ) -> tuple[dict[str, dict[str, JsonValue]], dict[str, str]]:
        """The configurations and the modes of those of `subjects` (three) that have one."""
        rows = self._db.execute(
            "SELECT subject, config, NULL FROM configs WHERE subject IN (?, ?, ?) UNION ALL"
            " SELECT subject, NULL, mode FROM modes WHERE subject IN (?, ?, ?)",
            (*subjects, *subjects),
        ).fetchall()
        configs = {subject: json.loads(config) for subject, config, _ in rows if config is not None}
        return configs, {subject: mode for subject, _, mode in rows if mode is not None}

    def put_config(self, subject: str, config: Mapping[str, JsonValue]) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO configs (subject, config) VALUES (?, ?)",
            (subject, json.dumps(config, ensure_ascii=False)),
        )

    def drop_config(self, subject: str) -> None:
        self._db.execute("DELETE FROM configs WHERE subject = ?", (subject,))

    def mode(self, subject: str) -> str | None:
        row = self._db.execute("SELECT mode FROM modes WHERE subject = ?", (subject,)).fetchone()
        return row[0] if row else None

    def put_mode(self, subject: str, mode: str) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO modes (subject, mode) VALUES (?, ?)", (subject, mode)
        )

    def drop_mode(self, subject: str) -> None:
        self._db.execute("DELETE FROM modes WHERE subject = ?", (subject,))

    def drop_modes_within(self, context: str | None) -> None:
        """Remove the modes of every subject of `context`, or (None) of all."""
        if context is None:
            self._db.execute("DELETE FROM modes WHERE subject <> ''")
            return
        start = f":{context}:"
        self._db.execute(
            "DELETE FROM modes WHERE subject >= ? AND subject < ?", (start, above(start))
        )
