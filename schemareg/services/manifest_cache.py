"""The values of a large manifest and the lines of its tables, in the user's cache directory.

Only a file without problems is stored: its values are texts, flags, lists and tables, which JSON
holds as they are. A cache that is missing, cut off or of other content counts as none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from schemareg.limits import LIMITS
from schemareg.settings.toml_lines import KeyPath
from schemareg.syntax import fast_json
from schemareg.user_cache import code_key, digest_of
from schemareg.workspace.files import FileError, read_bytes, replace_files

SMALLEST_BYTES = 200_000
"""Smaller manifests are read faster than they are looked up."""
_DECIDING = ("services/*.py", "settings/*.py")


class StoredManifest(NamedTuple):
    """What was read from a file that has no problems."""

    values: Mapping[str, object]
    tables: Mapping[KeyPath, int]


def load_manifest(folder: Path | None, path: Path, raw: bytes) -> StoredManifest | None:
    """What `folder` has of `raw`, the content of the file at `path`; None where it has nothing."""
    if folder is None or len(raw) < SMALLEST_BYTES:
        return None
    place = _place(folder, path)
    try:
        given = fast_json.loads(read_bytes(place, str(place), limit=LIMITS.state_file_bytes))
        if given["key"] != _key(raw):
            return None
        names, lines = given["tables"]
        return StoredManifest(given["values"], dict(zip(map(tuple, names), lines, strict=True)))
    except (FileError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def store_manifest(folder: Path | None, path: Path, raw: bytes, manifest: StoredManifest) -> None:
    """Store `manifest`, read from `raw`; a directory that cannot be written is left alone."""
    if folder is None or len(raw) < SMALLEST_BYTES:
        return
    tables = (list(manifest.tables), list(manifest.tables.values()))
    content = {"key": _key(raw), "values": manifest.values, "tables": tables}
    with suppress(FileError):
        replace_files({_place(folder, path): fast_json.dumps(content)}, str, flush=False)


def _place(folder: Path, path: Path) -> Path:
    return folder / f"{digest_of(os.fsencode(path))[:32]}.json"


def _key(raw: bytes) -> str:
    return digest_of(f"{digest_of(raw)} {code_key(_DECIDING)}".encode())
