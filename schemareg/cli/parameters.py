"""Commands from functions: each annotated parameter is an argument or option of click's."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from inspect import Parameter, cleandoc, signature
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_origin

import click


class Option:
    """What `Annotated[type, Option("--name", …)]` adds to the type of a parameter.

    `parser` makes the value of one word where the type alone does not say how. The variable
    `envvar` of the environment counts where the option is not given.
    """

    __slots__ = ("envvar", "help", "max", "metavar", "min", "names", "parser", "show_default")

    def __init__(
        self,
        *names: str,
        help: str,
        envvar: str | None = None,
        metavar: str | None = None,
        parser: Callable[[str], object] | None = None,
        min: int | None = None,
        max: int | None = None,
        show_default: bool = True,
    ) -> None:
        self.names = names
        self.help = help
        self.envvar = envvar
        self.metavar = metavar
        self.parser = parser
        self.min = min
        self.max = max
        self.show_default = show_default


class Argument(NamedTuple):
    """What `Annotated[type, Argument(…)]` adds to the type of a parameter without a name."""

    help: str
    metavar: str | None = None


class HelpedArgument(click.Argument):
    """An argument whose help the command's help shows."""

    def __init__(self, name: str, description: str, **settings: Any) -> None:
        super().__init__([name], **settings)
        self.description = description


class HelpedCommand(click.Command):
    """A command whose help describes its arguments above its options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [
            (" ".join(parameter.get_usage_pieces(ctx)), parameter.description)
            for parameter in self.params
            if isinstance(parameter, HelpedArgument)
        ]
        if rows:
            with formatter.section("Arguments"):
                formatter.write_dl(rows)
        super().format_options(ctx, formatter)

    def format_arguments(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Nothing more: click describes arguments itself only since 8.5."""


if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    _Choice = click.Choice  # takes a type only since click 8.2


class EnumChoice(_Choice):
    """One of the values of an enum, in any case; the member comes back."""

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__([str(member.value) for member in kind], case_sensitive=False)
        self.kind = kind

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        if isinstance(value, self.kind):
            return value
        return self.kind(super().convert(value, param, ctx))


def command_of(name: str, function: Callable[..., None], *, epilog: str) -> click.Command:
    """The command `name` that calls `function`, whose docstring is its help.

    Raises:
        TypeError: a parameter is of a type that no option has.
    """
    return HelpedCommand(
        name,
        callback=function,
        params=[
            _parameter(each.name, each.annotation, each.default)
            for each in signature(function, eval_str=True).parameters.values()
        ],
        help=cleandoc(function.__doc__ or ""),
        epilog=epilog,
    )


def _parameter(name: str, hint: object, default: object) -> click.Parameter:
    """The argument or option that the parameter `name` of a command's function is."""
    declared_type, declared = get_args(hint)
    kind, many = _unwrapped(declared_type)
    settings: dict[str, Any] = {"metavar": declared.metavar, "required": default is Parameter.empty}
    if default is not Parameter.empty:
        settings["default"] = default.value if isinstance(default, Enum) else default
    if many and default is None:
        settings["callback"] = _none_for_empty
    if isinstance(declared, Argument):
        settings["nargs"] = -1 if many else 1
        return HelpedArgument(name, declared.help, type=_TYPES[kind], **settings)
    return click.Option(
        [*declared.names, name],
        help=declared.help,
        type=_type(kind, declared),
        envvar=declared.envvar,
        show_envvar=True,
        show_default=declared.show_default,
        is_flag=kind is bool,
        multiple=many,
        **settings,
    )


def _unwrapped(kind: Any) -> tuple[Any, bool]:
    """The type of one value, and whether there may be several: of `list[T] | None` T and True."""
    if isinstance(kind, UnionType):
        kind = next(each for each in get_args(kind) if each is not NoneType)
    if get_origin(kind) is list:
        return get_args(kind)[0], True
    return kind, False


_TYPES: dict[object, click.ParamType[Any]] = {
    str: click.STRING,
    int: click.INT,
    float: click.FLOAT,
    bool: click.BOOL,
    Path: click.Path(path_type=Path),
}


def _type(kind: Any, option: Option) -> click.ParamType[Any]:
    """What makes a value of type `kind` from a word."""
    if option.parser is not None:
        return click.types.FuncParamType(option.parser)
    if option.min is not None or option.max is not None:
        ranged = click.IntRange if kind is int else click.FloatRange
        return ranged(min=option.min, max=option.max)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return EnumChoice(kind)
    if known := _TYPES.get(kind):
        return known
    raise TypeError(f"no option is of type {kind!r}")


def _none_for_empty(
    _context: click.Context, _parameter: click.Parameter, values: tuple[Any, ...]
) -> list[Any] | None:
    """A list that nobody gave is None."""
    return list(values) or None
