"""A TOML table read key by key; unknown keys and values of the wrong kind are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date
from enum import StrEnum
from typing import NoReturn, TypeVar, cast

from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.settings.kinds import DAY, FLAG, TEXT, TEXTS, Kind, whole_number
from schemareg.settings.toml_lines import KeyPath, key_lines
from schemareg.suggestions import did_you_mean

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
_WHOLE = whole_number()


@dataclass(slots=True)
class Table:
    """One table of the file, read key by key; keys that nothing has read are unknown.

    `shown` is the file's name for messages, `at` the dotted name of the table in it, `path` its
    keys from the top; `text_of_file` gives the line of what is wrong.
    """

    values: Mapping[str, object]
    shown: str
    at: str = ""
    path: KeyPath = ()
    text_of_file: str = field(default="", compare=False, repr=False)
    read: set[str] = field(default_factory=set, compare=False)

    def name_of(self, key: str) -> str:
        """The dotted name of `key` in the file."""
        return f"{self.at}.{key}" if self.at else key

    def location(self, key: str) -> Location:
        """Where `key` is, or else the innermost table around it that has a line of its own."""
        lines = key_lines(self.text_of_file)
        path: KeyPath = (*self.path, key)
        while path and path not in lines:
            path = path[:-1]
        line = lines.get(path, 0)
        return Location(self.shown, line, 1 if line else 0)

    def fail(self, key: str, message: str, advice: str | None = None) -> NoReturn:
        raise UsageError(
            f"{self.name_of(key)}: {message}", location=self.location(key), advice=advice
        )

    def fail_whole(self, message: str, advice: str | None = None) -> NoReturn:
        """As `fail`, where no single key of the table is to blame."""
        raise UsageError(f"{self.at}: {message}", location=self.location(""), advice=advice)

    def _get(self, key: str, kind: str, fits: Callable[[object], bool]) -> object | None:
        self.read.add(key)
        value = self.values.get(key)
        if value is not None and not fits(value):
            self.fail(key, f"{value!r} is not {kind}")
        return value

    def read_kind(self, key: str, kind: Kind[T]) -> T | None:
        """The value of `key`, None where the table has none; or refused."""
        self.read.add(key)
        given = self.values.get(key)
        if given is None:
            return None
        value = kind.read(given)
        if value is None:
            self.fail(key, f"{given!r} is not {kind.expected}")
        return value

    def text(self, key: str) -> str | None:
        return self.read_kind(key, TEXT)

    def number(self, key: str) -> int | None:
        return self.read_kind(key, _WHOLE)

    def flag(self, key: str) -> bool | None:
        return self.read_kind(key, FLAG)

    def day(self, key: str) -> date | None:
        return self.read_kind(key, DAY)

    def texts(self, key: str) -> tuple[str, ...] | None:
        return self.read_kind(key, TEXTS)

    def choice(self, key: str, kinds: type[E]) -> E | None:
        given = self.text(key)
        if given is None:
            return None
        words = [kind.value for kind in kinds]
        if given not in words:
            near = given.upper() if given.upper() in words else given
            self.fail(key, f"unknown {key} {given!r}", did_you_mean(near, words))
        return kinds(given)

    def table(self, key: str) -> Table:
        found = self._get(key, "a table", lambda v: isinstance(v, dict))
        inner = cast("dict[str, object]", found or {})
        return Table(inner, self.shown, self.name_of(key), (*self.path, key), self.text_of_file)

    def named(self, key: str) -> list[tuple[str, Table]]:
        inner = self.table(key)
        return [(name, inner.table(name)) for name in inner.values]

    def tables(self, key: str) -> list[Table]:
        found = self._get(
            key,
            "a list of tables",
            lambda v: isinstance(v, list) and all(isinstance(i, dict) for i in v),
        )
        entries = cast("list[dict[str, object]]", found or [])
        return [
            Table(
                entry,
                self.shown,
                f"{self.name_of(key)}[{i}]",
                (*self.path, key, i),
                self.text_of_file,
            )
            for i, entry in enumerate(entries)
        ]

    def finish(self) -> None:
        """Every key of the table has been read.

        Raises:
            UsageError: naming the first unknown key and the nearest known one.
        """
        for key in self.values:
            if key not in self.read:
                self.fail(key, "unknown key", did_you_mean(key, self.read))
