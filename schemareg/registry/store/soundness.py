"""A check of every page of the file, beside the first requests where the file is large."""

from __future__ import annotations

import logging
import sqlite3
import threading

from schemareg.errors import ExternalFailureError
from schemareg.registry.store.sqlite_file import check_pages, connect, unusable

_LOG = logging.getLogger("schemareg.registry")


class SoundnessCheck:
    """Goes through the file at `path` on a thread of its own; `damage` says what it found."""

    def __init__(self, path: str) -> None:
        self.damage: str | None = None
        self._path = path
        self._db = connect(path, reading=True)
        self._thread = threading.Thread(
            target=self._check, name="schemareg-store-check", daemon=True
        )
        self._thread.start()

    def _check(self) -> None:
        try:
            check_pages(self._db, self._path)
        except ExternalFailureError as error:
            self._tell(error)
        except sqlite3.Error as error:
            if str(error) != "interrupted":  # which it is when the store closes
                self._tell(unusable(self._path, error))

    def _tell(self, error: ExternalFailureError) -> None:
        self.damage = error.message
        _LOG.error("%s", error)

    def wait(self) -> None:
        """Return when the check has ended."""
        self._thread.join()

    def stop(self) -> None:
        """End the check, wherever it is."""
        self._db.interrupt()
        self._thread.join()
        self._db.close()
