"""A bundle: a whole state in one JSON file."""

from __future__ import annotations

import json
from pathlib import Path

from schemareg.avro.parse import source
from schemareg.errors import SchemaParseError
from schemareg.limits import LIMITS
from schemareg.registry.api.state import RegistryState
from schemareg.registry.api.state_json import from_json, to_json
from schemareg.workspace.files import read_bytes, write_file


def read_bundle(path: Path, shown: str) -> RegistryState:
    """The state in the file at `path`, shown as `shown`.

    Raises:
        UsageError: it cannot be read.
        ContentError: it is no bundle.
    """
    try:
        raw = read_bytes(path, shown, limit=LIMITS.state_file_bytes)
        value = source.load(source.decode_text(raw))
    except SchemaParseError as error:
        raise error.at(shown) from error
    return from_json(value, shown=shown)


def write_bundle(path: Path, state: RegistryState) -> None:
    """`state` is in the file at `path`: all of it, or the file is as it was.

    Raises:
        UsageError: it cannot be written.
    """
    write_file(path, json.dumps(to_json(state), indent=1) + "\n", str(path))
