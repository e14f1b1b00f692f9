"""Events as instances of a program's own dataclasses."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, TypeAlias, TypeVar

from schemareg.codec.lowering import show
from schemareg.errors import DecodeError, UsageError

T = TypeVar("T")
Make: TypeAlias = Callable[[Any], Any]


def maker(cls: type[T]) -> Callable[[Mapping[str, Any]], T]:
    """A function that makes a `cls` of an event, records within as the classes of its hints.

    Hints may be dataclasses, enums, `list[X]`, `dict[str, X]` and unions of these (of several
    dataclasses, the one whose fields the record has); whatever else they say is taken as it
    comes, since the schema has settled its type.

    The function raises DecodeError where the event has a field that the class lacks, or lacks
    one that has no default.

    Raises: UsageError when `cls` is no dataclass, or a hint names nothing that is known.
    """
    if not is_dataclass(cls):
        raise UsageError(f"{cls.__name__} is not a dataclass", advice="decorate it with @dataclass")
    return _Makers().of_class(cls)


class _Makers:
    """One maker per class, so that classes may hold themselves."""

    def __init__(self) -> None:
        self._known: dict[type, Make] = {}

    def of_class(self, cls: Any) -> Make:
        known = self._known.get(cls)
        if known is not None:
            return known
        makers: dict[str, Make] = {}

        def make(event: Any) -> Any:
            if not isinstance(event, Mapping):
                raise DecodeError(f"{show(event)} is not the record of a {cls.__name__}")
            unknown = event.keys() - makers.keys()
            if unknown:
                raise DecodeError(f"{cls.__name__} has no field {min(unknown)!r}")
            missing = required - event.keys()
            if missing:
                raise DecodeError(f"{cls.__name__} needs {min(missing)!r}, which the event lacks")
            return cls(**{name: makers[name](value) for name, value in event.items()})

        self._known[cls] = make
        try:
            hints = typing.get_type_hints(cls)
        except NameError as error:
            raise UsageError(f"{cls.__name__}: the type hint {error.name!r} is unknown") from error
        required = set()
        for field in fields(cls):
            makers[field.name] = self.of_hint(hints[field.name])
            if field.default is MISSING and field.default_factory is MISSING:
                required.add(field.name)
        return make

    def of_hint(self, hint: Any) -> Make:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if is_dataclass(hint):
            return self.of_class(hint)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return _of_enum(hint)
        if origin is list:
            return _of_items(self.of_hint(arguments[0]))
        if origin is dict:
            return _of_values(self.of_hint(arguments[1]))
        if origin in (typing.Union, types.UnionType):
            return self._of_union(arguments)
        return _as_it_is

    def _of_union(self, hints: tuple[Any, ...]) -> Make:
        classes = [hint for hint in hints if is_dataclass(hint)]
        others = [self.of_hint(hint) for hint in hints if not is_dataclass(hint)]
        converting = [make for make in others if make is not _as_it_is]
        makes = [(_names(cls), self.of_class(cls)) for cls in classes]

        def make(value: Any) -> Any:
            if isinstance(value, Mapping):
                named = [make for names, make in makes if names == value.keys()]
                if named or len(makes) == 1:
                    return (named or [makes[0][1]])[0](value)
            if value is not None and len(converting) == 1:
                return converting[0](value)
            return value

        return make


def _names(cls: Any) -> set[str]:
    return {field.name for field in fields(cls)}


def _as_it_is(value: Any) -> Any:
    return value


def _of_enum(enum: type[Enum]) -> Make:
    def make(symbol: Any) -> Any:
        try:
            return enum(symbol)
        except ValueError:
            raise DecodeError(f"{symbol!r} is no {enum.__name__}") from None

    return make


def _of_items(item: Make) -> Make:
    return lambda values: [item(value) for value in values]


def _of_values(item: Make) -> Make:
    return lambda entries: {key: item(value) for key, value in entries.items()}
