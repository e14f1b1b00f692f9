"""The options of how long a client of a registry tries: the same on each command that has one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Annotated, Any, ParamSpec

from schemareg.cli.parameters import Option
from schemareg.settings.reader import Setting
from schemareg.settings.registry_patience import DEADLINE_S, ROWS, TIMEOUT_S, TRIES

P = ParamSpec("P")
_GIVEN: ContextVar[Mapping[str, object]] = ContextVar("registry_flags")
_HELP = {
    TRIES.name: "How often each URL of a registry is tried.",
    TIMEOUT_S.name: "Seconds to wait for one answer.",
    DEADLINE_S.name: "Seconds that a call may take with its retries.",
}
_TYPES: Mapping[str, Any] = {TRIES.name: int, TIMEOUT_S.name: float, DEADLINE_S.name: float}
# A command with one of these parameters may read a registry.
_REGISTRY_PARAMETERS = {"registry", "against", "base", "target"}


def with_registry_options(command: Callable[P, None]) -> Callable[P, None]:
    """`command` with the options, where it has a parameter that may name a registry."""
    signature = inspect.signature(command, eval_str=True)
    if not _REGISTRY_PARAMETERS & signature.parameters.keys():
        return command
    names = [row.name for row in ROWS]

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        given = _GIVEN.set({name: kwargs.pop(name) for name in names})
        try:
            command(*args, **kwargs)
        finally:
            _GIVEN.reset(given)

    parameters = [*signature.parameters.values(), *(_parameter(row) for row in ROWS)]
    vars(run)["__signature__"] = signature.replace(parameters=parameters)
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def registry_flags() -> Mapping[str, object]:
    """What the command line gave of the options, by the names of their settings."""
    return _GIVEN.get({})


def _parameter(row: Setting[Any]) -> inspect.Parameter:
    help = f"{_HELP[row.name]}  [env var: {row.environment}; default: {row.default:g}]"
    option = Option(row.flag, help=help, show_default=False)
    return inspect.Parameter(
        row.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[_TYPES[row.name] | None, option],
    )
