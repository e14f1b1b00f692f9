"""A TOML table read key by key, refusing what is not asked for or of the wrong kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn, TypeVar, cast

from schemareg.errors import UsageError
from schemareg.places import Location
from schemareg.suggestions import did_you_mean

E = TypeVar("E", bound=StrEnum)


@dataclass(slots=True)
class Table:
    """One table of the file, read key by key; keys that nothing has read are unknown.

    `shown` is the file's name for messages, `at` the dotted name of the table in it.
    """

    values: Mapping[str, object]
    shown: str
    at: str = ""
    read: set[str] = field(default_factory=set, compare=False)

    def fail(self, key: str, message: str, advice: str | None = None) -> NoReturn:
        where = f"{self.at}.{key}" if self.at else key
        raise UsageError(f"{where}: {message}", location=Location(self.shown), advice=advice)

    def _get(self, key: str, kind: str, fits: Callable[[object], bool]) -> object | None:
        self.read.add(key)
        value = self.values.get(key)
        if value is not None and not fits(value):
            self.fail(key, f"{value!r} is not {kind}")
        return value

    def text(self, key: str) -> str | None:
        return cast("str | None", self._get(key, "a text", lambda v: isinstance(v, str)))

    def number(self, key: str) -> int | None:
        return cast("int | None", self._get(key, "a whole number", lambda v: type(v) is int))

    def flag(self, key: str) -> bool | None:
        return cast("bool | None", self._get(key, "true or false", lambda v: type(v) is bool))

    def texts(self, key: str) -> tuple[str, ...] | None:
        found = self._get(
            key,
            "a list of texts",
            lambda v: isinstance(v, list) and all(isinstance(i, str) for i in v),
        )
        return None if found is None else tuple(cast("list[str]", found))

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
        at = f"{self.at}.{key}" if self.at else key
        return Table(cast("dict[str, object]", found or {}), self.shown, at)

    def named(self, key: str) -> list[tuple[str, Table]]:
        inner = self.table(key)
        return [(name, inner.table(name)) for name in inner.values]

    def tables(self, key: str) -> list[Table]:
        found = self._get(
            key,
            "a list of tables",
            lambda v: isinstance(v, list) and all(isinstance(i, dict) for i in v),
        )
        at = f"{self.at}.{key}" if self.at else key
        entries = cast("list[dict[str, object]]", found or [])
        return [Table(entry, self.shown, f"{at}[{i}]") for i, entry in enumerate(entries)]

    def finish(self) -> None:
        """Nothing is left that nobody asked for.

        Raises:
            UsageError: naming the first unknown key and the nearest known one.
        """
        for key in self.values:
            if key not in self.read:
                self.fail(key, "unknown key", did_you_mean(key, self.read))
