"""One declaration per operation of the registry protocol, from which both clients are derived.

A declaration is a route, a signature, a reader of the answer and a docstring:

    @endpoint("GET /subjects/{subject}/versions", many(answers.version_number))
    def get_versions(self, subject: Subject, *, deleted: bool = False) -> None:
        "The version numbers, ascending."

Read from a `RegistryClient` it is a method that returns the answer, from an `AsyncRegistryClient`
one to be awaited, and from the clients' `operations` one that returns a script of the request.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

from schemareg.limits import LIMITS
from schemareg.registry.client.answers import fitting
from schemareg.registry.client.endpoint import Argument, Route
from schemareg.registry.client.script import Script
from schemareg.registry.client.session import Look, Session

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A")


class _Sender(Protocol):
    """An object that has a session: the clients' `operations`."""

    @property
    def session(self) -> Session: ...


S = TypeVar("S", bound=_Sender)


class _Unrun(Protocol):
    def run(self, script: Script[T], /) -> Script[T]: ...


class _Sync(Protocol):
    def run(self, script: Script[T], /) -> T: ...


class _Async(Protocol):
    async def run(self, script: Script[T], /) -> T: ...


class Operation(Generic[P, T]):
    """An operation: `route` is its endpoint (None: composed of other operations).

    `declared` is the function of the declaration, for its signature and docstring.
    """

    def __init__(
        self,
        declared: Callable[..., object],
        script: Callable[..., Script[T]],
        route: Route | None,
    ) -> None:
        self.declared = declared
        self.route = route
        self._script = script
        self.__name__ = declared.__name__
        self.__doc__ = declared.__doc__
        if route is not None:
            self.__doc__ = f"`{route.method} {route.template}`: {declared.__doc__}"

    @overload
    def __get__(self, client: None, owner: type) -> Operation[P, T]: ...
    @overload
    def __get__(self, client: _Unrun, owner: type) -> Callable[P, Script[T]]: ...
    @overload
    def __get__(self, client: _Sync, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: _Async, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, client: Any, owner: type) -> object:
        if client is None:
            return self

        @wraps(self.declared)
        def method(*args: P.args, **kwargs: P.kwargs) -> object:
            return client.run(self._script(client.operations, *args, **kwargs))

        method.__doc__ = self.__doc__
        return method


class BoundRoute(Generic[A]):
    """A route with the session that sends its requests."""

    __slots__ = ("_read", "_route", "_session")

    def __init__(self, route: Route, read: Callable[[bytes], A], session: Session) -> None:
        self._route = route
        self._read = read
        self._session = session

    def send(
        self,
        *,
        body: bytes | None = None,
        look: Look[A] | None = None,
        expected: Callable[[A], str | None] | None = None,
        **arguments: Argument,
    ) -> Script[A]:
        """The answer; `arguments` are the parameters of path and query, by name.

        `expected` names what an answer should have been that does not fit the question.
        """
        read = self._read if expected is None else fitting(self._read, expected)
        return self._session.call(self._route.endpoint(read, arguments, body), look=look)


def endpoint(
    route: str,
    read: Callable[[bytes], T],
    *,
    body: Callable[..., bytes] | None = None,
    writes: bool | None = None,
    limit_bytes: int = LIMITS.registry_answer_bytes,
) -> Callable[[Callable[Concatenate[Any, P], None]], Operation[P, T]]:
    """Declares an operation that is one request.

    An argument goes into the path where the route names it, into the body where `body` has a
    parameter of its name, otherwise into the query, unless it is the parameter's default.
    """
    parsed = Route.parsed(route, writes=writes, limit_bytes=limit_bytes)
    of_body = frozenset(() if body is None else inspect.signature(body).parameters)

    def declare(declared: Callable[Concatenate[Any, P], None]) -> Operation[P, T]:
        signature = inspect.signature(declared)

        def script(api: _Sender, *args: P.args, **kwargs: P.kwargs) -> Script[T]:
            arguments = _given(signature, (api, *args), kwargs, of_body | parsed.parameters)
            in_body = {name: arguments.pop(name) for name in of_body if name in arguments}
            content = None if body is None else body(**in_body)
            return BoundRoute(parsed, read, api.session).send(body=content, **arguments)

        return Operation(declared, script, parsed)

    return declare


def _given(
    signature: inspect.Signature,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    elsewhere: frozenset[str],
) -> dict[str, Any]:
    """The arguments by name, without defaults for the query."""
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    bound.arguments.pop("self")
    return {
        name: value
        for name, value in bound.arguments.items()
        if name in elsewhere or value != signature.parameters[name].default
    }


def script(
    route: str, read: Callable[[bytes], A], *, writes: bool | None = None
) -> Callable[[Callable[Concatenate[S, BoundRoute[A], P], Script[T]]], Operation[P, T]]:
    """Declares an operation around one request that its script sends through the bound route."""
    parsed = Route.parsed(route, writes=writes)

    def declare(declared: Callable[Concatenate[S, BoundRoute[A], P], Script[T]]) -> Operation[P, T]:
        def run(api: S, *args: P.args, **kwargs: P.kwargs) -> Script[T]:
            return declared(api, BoundRoute(parsed, read, api.session), *args, **kwargs)

        return Operation(declared, run, parsed)

    return declare


def composed(declared: Callable[Concatenate[S, P], Script[T]]) -> Operation[P, T]:
    """Declares an operation that is composed of others."""
    return Operation(declared, declared, None)
