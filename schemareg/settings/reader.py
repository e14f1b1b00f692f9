"""The reader of settings: flag first, then environment variable, then a file's table, then default.

Each setting is one row. The server's flags, the pytest plugin's options and ini, and any command
whose settings come from more than one source read their rows here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.settings.kinds import Kind

if TYPE_CHECKING:
    from schemareg.settings.toml_table import Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One row: `name` is its key in a file; `flag` and `environment` are "" where it has none."""

    name: str
    kind: Kind[T]
    default: T | None = None
    flag: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Values:
    """The value of every row, and where each given one came from (`--port`, `serve.port`)."""

    by_name: Mapping[str, object]
    origins: Mapping[str, str]

    def __getitem__(self, setting: Setting[T]) -> T:
        """The row's value; None only where its default is None and nothing was given."""
        value: T = self.by_name[setting.name]  # type: ignore[assignment]  # read by its kind
        return value


def read_settings(
    rows: Iterable[Setting[Any]],
    *,
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    table: Table | None = None,
    directory: Path | None = None,
) -> Values:
    """The value of every row. `flags` is keyed by row names; None in it counts as not given.

    Relative paths of `table` count from `directory`, which is where its file is.

    Raises:
        UsageError: a key of `table` that no row has, or a value of another kind.
    """
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for row in rows:
        in_file = None if table is None else table.read_kind(row.name, row.kind)
        flag, text = (flags or {}).get(row.name), (environment or {}).get(row.environment)
        values[row.name] = row.default
        if flag is not None:
            origins[row.name] = row.flag or f"--{row.name.replace('_', '-')}"
            values[row.name] = _read(row.kind, flag, origins[row.name])
        elif text:
            origins[row.name] = row.environment
            values[row.name] = _read(row.kind, _converted(row.kind, text), row.environment)
        elif in_file is not None and table is not None:
            origins[row.name] = table.name_of(row.name)
            values[row.name] = in_file
            if row.kind.relative and directory is not None and isinstance(in_file, Path):
                values[row.name] = directory / in_file
    if table is not None:
        table.finish()
    return Values(values, origins)


def _converted(kind: Kind[Any], text: str) -> object:
    try:
        return kind.from_text(text)
    except ValueError:
        return text


def _read(kind: Kind[T], given: object, origin: str, location: Location | None = None) -> T:
    value = kind.read(given)
    if value is None:
        raise UsageError(f"{origin}: {given!r} is not {kind.expected}", location=location)
    return value
