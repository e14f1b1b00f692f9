"""Dataclasses whose methods are compiled when they are used, not when their module is loaded.

The standard library compiles six functions for each frozen dataclass, in sum a third of the time of
a short command, most of whose classes never have an instance. `dataclass` here does what the
standard library's does with `slots=True`, and type checkers take it for that one; fields are still
read by `dataclasses`, so `fields`, `replace` and `asdict` work. Measured in docs/performance.md.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

__all__ = ["dataclass"]

_FIELDS = "__dataclass_fields__"
# A class with more instances gets a compiled `__init__`.
_INSTANCES = 64


class _Absent:
    """The argument of a field with a factory, where none is given."""

    def __repr__(self) -> str:
        return "<factory>"


class _Params(NamedTuple):
    """What `dataclasses` asks of the parents of a class."""

    frozen: bool
    order: bool
    eq: bool
    init: bool = True
    repr: bool = True
    unsafe_hash: bool = False


class _Later:
    """An attribute of `cls` that is made when it is first read, and stored in this one's place."""

    __slots__ = ("cls", "make", "name")

    def __init__(self, make: Callable[[type], object]) -> None:
        self.make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self.cls = owner
        self.name = name

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        made = self.make(self.cls)
        setattr(self.cls, self.name, made)
        # only functions and a tuple, a dict: what is no function belongs to the class
        return made.__get__(instance, owner) if hasattr(made, "__get__") else made


class _FirstInit(_Later):
    """`__init__` that sets field by field, and is compiled when that pays or somebody reads it.

    Compiling takes as long as setting the fields of 60 instances, and most classes of a short
    command have fewer than ten.
    """

    __slots__ = ("left", "named", "positional", "steps")

    def __init__(self, make: Callable[[type], object]) -> None:
        super().__init__(make)
        self.left = _INSTANCES

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None or self.left <= 0:
            return super().__get__(instance, owner)
        if self.left == _INSTANCES:
            self.steps = _steps(self.cls)
            accepted = [field for field, _ in self.steps if field.init]
            self.positional = [field.name for field in accepted if not field.kw_only]
            self.named = {field.name for field in accepted}
        self.left -= 1
        return partial(self.store, instance)

    def store(self, instance: Any, /, *values: object, **named: object) -> None:
        given = dict(zip(self.positional, values, strict=False)) | named
        is_wrong = len(given) < len(values) + len(named) or not given.keys() <= self.named
        for field, assign in self.steps:
            if field.name in given:
                assign(instance, given[field.name])
            elif field.default is not dataclasses.MISSING:
                assign(instance, field.default)
            elif field.default_factory is not dataclasses.MISSING:
                assign(instance, field.default_factory())
            else:
                is_wrong |= field.init
        if is_wrong:  # the compiled one has the words for it
            super().__get__(instance)(*values, **named)
        elif hasattr(instance, "__post_init__"):
            instance.__post_init__()


def _steps(cls: type) -> list[tuple[dataclasses.Field[Any], Callable[[Any, object], None]]]:
    """The fields of `cls`, each with what sets it in an instance."""
    return [(field, getattr(cls, field.name).__set__) for field in dataclasses.fields(cls)]


def _lazy(
    *, slots: bool, frozen: bool = False, eq: bool = True, order: bool = False
) -> Callable[[type], type]:
    """The decorator; `slots` is said for type checkers, and must be True.

    Raises:
        TypeError: `slots` is False.
    """
    if not slots:
        raise TypeError("a lazy dataclass has slots: say slots=True")
    return lambda cls: _made(cls, _Params(frozen, order, eq))


def _made(plain: type, params: _Params) -> type:
    """`plain` with slots for its fields, and with methods that are made later."""
    names = [
        name for name, hint in plain.__annotations__.items() if "ClassVar" not in str(hint)[:16]
    ]
    inherited = {slot for base in plain.__mro__[1:] for slot in vars(base).get("__slots__", ())}
    body = {
        name: value
        for name, value in vars(plain).items()
        if name not in ("__dict__", "__weakref__")
    }
    defaults = {name: body.pop(name) for name in names if name in body}
    body["__slots__"] = tuple(name for name in names if name not in inherited)
    has_own_hash = body.get("__hash__") is not None
    made: dict[str, object] = {
        _FIELDS: _Later(lambda cls: _fields(cls, defaults)),
        "__match_args__": _Later(_match_args),
        "__init__": _FirstInit(lambda cls: _init(cls, frozen=params.frozen)),
        "__repr__": _Later(_repr),
    }
    if params.eq:
        made["__eq__"] = _Later(_eq)
    if params.order:
        made |= {f"__{name}__": _comparison(name, sign) for name, sign in _ORDER.items()}
    if params.frozen:
        made |= {name: _Later(make) for name, make in _FROZEN.items()}
    made |= body
    made["__dataclass_params__"] = params
    if params.eq and not has_own_hash:
        made["__hash__"] = _Later(_hash) if params.frozen else None
    cls = type(plain)(plain.__name__, plain.__bases__, made)
    cls.__qualname__ = plain.__qualname__
    return cls


def _match_args(cls: type) -> tuple[str, ...]:
    return tuple(
        field.name for field in dataclasses.fields(cls) if field.init and not field.kw_only
    )


def _fields(cls: type, defaults: dict[str, object]) -> dict[str, dataclasses.Field[Any]]:
    """The fields of `cls` with those of its parents, as `dataclasses` reads them."""
    fields: dict[str, dataclasses.Field[Any]] = {}
    for base in cls.__mro__[-1:0:-1]:
        fields |= getattr(base, _FIELDS, {})
    own = {
        "__annotations__": cls.__annotations__,
        "__module__": cls.__module__,
        "__doc__": "Its fields only.",
        **defaults,
    }
    flat: Any = type(cls.__name__, (), own)
    fields |= dataclasses.dataclass(init=False, repr=False, eq=False)(flat).__dataclass_fields__
    return fields


def _function(cls: type, name: str, head: str, body: list[str], **names: object) -> Any:
    """The method `name` of `cls`, which knows `names` and what its module knows."""
    lines = [f"def made({', '.join(names)}):", f" def {name}({head}):"]
    lines += [*(f"  {line}" for line in body), f" return {name}"]
    scope: dict[str, Any] = {}
    exec("\n".join(lines), vars(sys.modules[cls.__module__]), scope)
    function = scope["made"](**names)
    function.__qualname__ = f"{cls.__qualname__}.{name}"
    return function


def _init(cls: type, *, frozen: bool) -> object:
    names: dict[str, object] = {"_absent": _Absent()}
    positional: list[str] = ["self"]
    named: list[str] = []
    body: list[str] = []
    hints: dict[str, object] = {}
    for field in dataclasses.fields(cls):
        name, value, parameter = field.name, field.name, field.name
        if field.default is not dataclasses.MISSING:
            names[f"_default_{name}"] = field.default
            parameter = f"{name}=_default_{name}"
            value = name if field.init else f"_default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            names[f"_factory_{name}"] = field.default_factory
            parameter = f"{name}=_absent"
            value = f"_factory_{name}()"
            if field.init:
                value += f" if {name} is _absent else {name}"
        elif not field.init:
            continue
        if field.init:
            (named if field.kw_only else positional).append(parameter)
            hints[name] = field.type
        if frozen:
            names[f"_set_{name}"] = getattr(cls, name).__set__
            body.append(f"_set_{name}(self, {value})")
        else:
            body.append(f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    head = ", ".join([*positional, *(["*", *named] if named else [])])
    function = _function(cls, "__init__", head, body or ["pass"], **names)
    function.__annotations__ = {**hints, "return": None}
    return function


def _repr(cls: type) -> object:
    from reprlib import recursive_repr

    shown = ", ".join(f"{f.name}={{self.{f.name}!r}}" for f in dataclasses.fields(cls) if f.repr)
    body = [f'return self.__class__.__qualname__ + f"({shown})"']
    return recursive_repr()(_function(cls, "__repr__", "self", body))


def _values(cls: type, owner: str) -> str:
    """A tuple of what two instances are compared by."""
    return "(" + "".join(f"{owner}.{f.name}, " for f in dataclasses.fields(cls) if f.compare) + ")"


def _eq(cls: type) -> object:
    return _compared(cls, "__eq__", "==")


def _compared(cls: type, name: str, sign: str) -> object:
    body = [
        "if other.__class__ is self.__class__:",
        f" return {_values(cls, 'self')} {sign} {_values(cls, 'other')}",
        "return NotImplemented",
    ]
    return _function(cls, name, "self, other", body)


_ORDER = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def _comparison(name: str, sign: str) -> _Later:
    return _Later(lambda cls: _compared(cls, f"__{name}__", sign))


def _hash(cls: type) -> object:
    hashed = (
        f"self.{f.name}, "
        for f in dataclasses.fields(cls)
        if (f.compare if f.hash is None else f.hash)
    )
    return _function(cls, "__hash__", "self", [f"return hash(({''.join(hashed)}))"])


def _refusal(cls: type, method: str, verb: str) -> Callable[..., None]:
    """The method that sets or deletes an attribute, but none of a frozen `cls`."""

    def refuse(self: object, name: str, *value: object) -> None:
        if type(self) is cls or name in getattr(cls, _FIELDS):
            raise dataclasses.FrozenInstanceError(f"cannot {verb} field {name!r}")
        getattr(super(cls, self), method)(name, *value)

    return refuse


def _state(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


# Nothing is set or deleted once an instance is made, and copies are made from the fields.
_FROZEN: dict[str, Callable[[type], object]] = {
    "__setattr__": lambda cls: _refusal(cls, "__setattr__", "assign to"),
    "__delattr__": lambda cls: _refusal(cls, "__delattr__", "delete"),
    "__getstate__": lambda _: _state,
    "__setstate__": lambda _: _set_state,
}


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = cast("Any", _lazy)
