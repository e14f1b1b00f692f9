"""A bundle: a whole state in one JSON file."""

from __future__ import annotations

import json
import os
from pathlib import Path

from schemareg.avro.parse import source
from schemareg.errors import SchemaParseError, UsageError
from schemareg.registry.api.state import RegistryState
from schemareg.registry.api.state_json import from_json, to_json


def read_bundle(path: Path, shown: str) -> RegistryState:
    """The state in the file at `path`, shown as `shown`.

    Raises:
        UsageError: it cannot be read.
        ContentError: it is no bundle.
    """
    try:
        value = source.load(source.decode_text(path.read_bytes()))
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}") from error
    except SchemaParseError as error:
        raise error.at(shown) from error
    return from_json(value, shown=shown)


def write_bundle(path: Path, state: RegistryState) -> None:
    """`state` is in the file at `path`: all of it, or the file is as it was.

    Raises:
        UsageError: it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(json.dumps(to_json(state), indent=1) + "\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
