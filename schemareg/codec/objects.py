"""Events as instances of a program's own dataclasses."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, TypeAlias, TypeVar

from schemareg.codec.lowering import show
from schemareg.errors import DecodeError, UsageError

T = TypeVar("T")
Make: TypeAlias = Callable[[Any], Any]


def maker(
    cls: type[T], *, classes: Mapping[str, type] | None = None, branch_names: bool = False
) -> Callable[[Mapping[str, Any]], T]:
    """A function that makes a `cls` of an event, records within as the classes of their hints.

    Hints may be dataclasses, enums, `list[X]`, `dict[str, X]` and unions of these; other hints
    are ignored, since the schema determines the type. Of several dataclasses in a union, a record
    becomes the one that `classes` has for its full name, else the one with its name, else the one
    with its fields. For this the event has its branch names (`compile_decoder(branch_names=True)`);
    they are left in values without a dataclass only with `branch_names`.

    The function raises DecodeError where the event has a field that the class lacks, lacks one
    that has no default, or may be several classes.

    Raises: UsageError when `cls` is no dataclass, or a hint names nothing that is known.
    """
    if not is_dataclass(cls):
        raise UsageError(f"{cls.__name__} is not a dataclass", advice="decorate it with @dataclass")
    return _Makers(classes or {}, _as_it_is if branch_names else _bare).of_class(cls)


def maker_of_branch(
    makers: Mapping[str, Make], records: Sequence[str], *, branch_names: bool
) -> Make:
    """What makes an instance of a value of a union with these `records`, each by its own maker.

    A value has its branch's name (`compile_decoder(branch_names=True)`) wherever its Python type
    leaves it open; a bare mapping is the union's only record.
    """
    plain = _as_it_is if branch_names else _bare

    def make(value: Any) -> Any:
        name, bare = value if type(value) is tuple else ("", value)
        if not name and isinstance(bare, Mapping) and len(records) == 1:
            name = records[0]
        own = makers.get(name)
        return own(bare) if own else plain(value)

    return make


class _Makers:
    """One maker per class, so that classes may hold themselves."""

    def __init__(self, classes: Mapping[str, type], plain: Make) -> None:
        self._classes = classes
        self._plain = plain
        self._known: dict[type, Make] = {}

    def of_class(self, cls: Any) -> Make:
        known = self._known.get(cls)
        if known is not None:
            return known
        makers: dict[str, Make] = {}

        def make(event: Any) -> Any:
            event = _unnamed(event)
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
        if _is_enum(hint):
            return _of_enum(hint)
        if origin is list:
            return _of_items(self.of_hint(arguments[0]))
        if origin is dict:
            return _of_values(self.of_hint(arguments[1]))
        if origin in (typing.Union, types.UnionType):
            return self._of_union(arguments)
        return self._plain

    def _of_union(self, hints: tuple[Any, ...]) -> Make:
        classes = [hint for hint in hints if is_dataclass(hint)]
        others = [self.of_hint(hint) for hint in hints if not is_dataclass(hint)]
        converting = [make for make in others if make is not self._plain]
        makes: dict[Any, Make] = {cls: self.of_class(cls) for cls in classes}
        enums = {hint.__name__: self.of_hint(hint) for hint in hints if _is_enum(hint)}

        def make(value: Any) -> Any:
            name, bare = value if type(value) is tuple else ("", value)
            if isinstance(bare, Mapping) and name != "map":
                cls = self._class_of(name, bare, classes)
                if cls is not None:
                    return makes[cls](bare)
            if name and enums:
                own = enums.get(name.rpartition(".")[2])
                if own is not None or name == "string":
                    return own(bare) if own else bare
            if value is not None and len(converting) == 1:
                return converting[0](bare)
            return self._plain(value)

        return make

    def _class_of(self, name: str, record: Mapping[str, Any], classes: Sequence[Any]) -> Any:
        """The one of `classes` for the record with the full name `name`; None: there is none."""
        if len(classes) == 1:
            return classes[0]
        if self._classes.get(name) in classes:
            return self._classes[name]
        called = [cls for cls in classes if cls.__name__ == name.rpartition(".")[2]]
        fitting = called or [cls for cls in classes if _names(cls) == record.keys()]
        if len(fitting) > 1:
            either = " or ".join(cls.__name__ for cls in fitting)
            raise DecodeError(
                f"the record {name or show(record)} may be {either}",
                advice="name one of them like the record, or map the full name in classes",
            )
        return fitting[0] if fitting else None


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Enum)


def _names(cls: Any) -> set[str]:
    return {field.name for field in fields(cls)}


def _as_it_is(value: Any) -> Any:
    return value


def _bare(value: Any) -> Any:
    """`value` without the names of union branches, at every depth."""
    if type(value) is tuple:
        return _bare(value[1])
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items()}
    return value


def _of_enum(enum: type[Enum]) -> Make:
    def make(symbol: Any) -> Any:
        symbol = _unnamed(symbol)
        try:
            return enum(symbol)
        except ValueError:
            raise DecodeError(f"{symbol!r} is no {enum.__name__}") from None

    return make


def _of_items(item: Make) -> Make:
    return lambda values: [item(value) for value in _unnamed(values)]


def _of_values(item: Make) -> Make:
    return lambda entries: {key: item(value) for key, value in _unnamed(entries).items()}


def _unnamed(value: Any) -> Any:
    """`value` without the name of its own branch."""
    return value[1] if type(value) is tuple else value
