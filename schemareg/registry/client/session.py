"""The session of a client: it sends every request, with retry, failover and circuit breakers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from schemareg.errors import RegistryError, RegistryUnavailableError, SchemaregError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.client import problems
from schemareg.registry.client.answers import UnreadableAnswerError
from schemareg.registry.client.endpoint import Endpoint
from schemareg.registry.client.resilience import CircuitBreaker, Retry, retry_after_s
from schemareg.registry.client.script import Failure, Response, Script, Send, send, sleep
from schemareg.registry.client.tokens import Token, TokenSource

T = TypeVar("T")

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"
REQUESTS_AT_ONCE = 8
"""How many reads of one command are under way at the same time."""
_GATEWAY_FAILED = frozenset({502, 503, 504})
"""No registry answered: the base URL counts as failed."""
_NOT_NOW = frozenset({408, 500})
"""A registry that waits for another node, such as during a leader election (50003, 50004).

Source: `is_retriable` of confluent-kafka-python's registry client takes the same statuses.
"""
_TRY_ELSEWHERE = _GATEWAY_FAILED | _NOT_NOW
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Base:
    """One base URL of a registry, without credentials, and the circuit that guards it."""

    url: str
    circuit: CircuitBreaker


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The answer to a write whose own answer was lost, as a look at the registry shows it."""

    value: T


Look = Callable[[], Script[Found[T] | None]]
"""A script that looks whether a write took effect; None: it did not."""


class Session:
    """Sends endpoints to the first base URL that answers; that one comes first next time."""

    def __init__(
        self,
        bases: Sequence[Base],
        *,
        retry: Retry,
        timeout_s: float,
        headers: Mapping[str, str],
        tokens: TokenSource | None,
        random: Callable[[], float],
        epoch_s: Callable[[], float],
    ) -> None:
        self._bases = tuple(bases)
        self._retry = retry
        self._timeout_s = timeout_s
        self._headers = {"accept": MEDIA_TYPE, "accept-encoding": "gzip", **headers}
        self._tokens = tokens
        self._random = random
        self._epoch_s = epoch_s
        self._preferred = 0

    def call(self, endpoint: Endpoint[T], *, look: Look[T] | None = None) -> Script[T]:
        """The answer to `endpoint`.

        A write whose answer got lost is sent again only after `look` has found that it took no
        effect; without a `look` it is never sent again.

        Raises:
            RegistryError: the registry refuses.
            RegistryUnavailableError: no base URL answers as a registry does; the message reports
                where a write may have taken effect.
        """
        error: SchemaregError | None = None
        unsettled = False
        wait_s = 0.0
        for round in range(self._retry.rounds):
            if round:
                pause_s = self._retry.pause_s(round, random=self._random, retry_after_s=wait_s)
                if not (yield from sleep(pause_s)):
                    break
                wait_s = 0.0
            for base in self._ready():
                if unsettled:
                    if (found := (yield from self._settle(endpoint, base, look))) is not None:
                        return found.value
                    unsettled = False
                result = yield from self._exchange(self._request(endpoint, base))
                error = self._trouble(result, endpoint, base)
                if error is None and isinstance(result, Response):
                    return self._read(result, endpoint, base)
                unsettled = endpoint.writes and _may_have_acted(result)
                if isinstance(result, Response):
                    wait_s = max(wait_s, self._wait_s(result))
                    if result.status == _TOO_MANY_REQUESTS:
                        break
            if error is None:
                raise self._all_circuits_open(endpoint)
        assert error is not None  # a round without an error returned or raised
        raise _result_unknown(error) if unsettled else error

    def _exchange(self, request: Send) -> Script[Response | Failure]:
        """The answer to `request`, with a token where the registry wants one."""
        tokens = self._tokens
        if tokens is None:
            return (yield from send(request))
        known = tokens.current()
        token = known or (yield from tokens.fetch())
        if isinstance(token, Failure):
            return token
        result = yield from send(_authorized(request, token))
        if known is not None and isinstance(result, Response) and result.status == 401:
            token = yield from tokens.fetch()
            if isinstance(token, Failure):
                return token
            result = yield from send(_authorized(request, token))
        return result

    def _ready(self) -> Iterator[Base]:
        count = len(self._bases)
        start = self._preferred
        for offset in range(count):
            base = self._bases[(start + offset) % count]
            if base.circuit.lets_through():
                yield base

    def _request(self, endpoint: Endpoint[T], base: Base) -> Send:
        headers = (
            self._headers
            if endpoint.body is None
            else {**self._headers, "content-type": MEDIA_TYPE}
        )
        return Send(
            endpoint.method,
            base.url + endpoint.target,
            headers,
            endpoint.body,
            self._timeout_s,
            endpoint.limit_bytes,
        )

    def _trouble(
        self, result: Response | Failure, endpoint: Endpoint[T], base: Base
    ) -> SchemaregError | None:
        """The error that another try may cure, None for an answer that is one; refusals raise."""
        request = shown(endpoint, base)
        if isinstance(result, Failure):
            base.circuit.failed()
            return problems.no_answer(result, request=request)
        if result.status in _TRY_ELSEWHERE:
            if result.status in _GATEWAY_FAILED:
                base.circuit.failed()
            return problems.refusal(result, request=request)
        base.circuit.succeeded()
        self._preferred = self._bases.index(base)
        if 200 <= result.status < 300:
            return None
        error = problems.refusal(result, request=request)
        if result.status == _TOO_MANY_REQUESTS:
            return error
        raise error

    def _read(self, response: Response, endpoint: Endpoint[T], base: Base) -> T:
        try:
            return endpoint.read(response.body)
        except UnreadableAnswerError as error:
            raise problems.unexpected_answer(
                response, error, request=shown(endpoint, base)
            ) from error

    def _settle(
        self, endpoint: Endpoint[T], base: Base, look: Look[T] | None
    ) -> Script[Found[T] | None]:
        if look is None:
            raise _result_unknown(
                RegistryUnavailableError(f"{shown(endpoint, base)}: the answer was lost")
            )
        try:
            return (yield from look())
        except RegistryUnavailableError as error:
            raise _result_unknown(error) from error

    def _wait_s(self, response: Response) -> float:
        return retry_after_s(response.headers.get("retry-after"), epoch_s=self._epoch_s())

    def _all_circuits_open(self, endpoint: Endpoint[T]) -> RegistryUnavailableError:
        urls = ", ".join(base.url for base in self._bases)
        return RegistryUnavailableError(
            f"{endpoint.method} {endpoint.target}: not sent, {urls} failed too often in a row",
            advice="it is tried again after a pause",
        )


def _authorized(request: Send, token: Token) -> Send:
    return replace(request, headers={**request.headers, "authorization": token.header})


def shown(endpoint: Endpoint[T], base: Base) -> str:
    """Method and URL of a request, as errors show it."""
    return f"{endpoint.method} {base.url}{endpoint.target}"


def _may_have_acted(result: Response | Failure) -> bool:
    """Whether the registry may have acted on the request although it did not answer it."""
    if isinstance(result, Failure):
        return result.was_sent
    return result.status in _TRY_ELSEWHERE


def _result_unknown(error: SchemaregError) -> RegistryUnavailableError:
    what = error.message
    if isinstance(error, RegistryError):
        what = f"{error.request}: {error.status}/{error.code} {what}"
    return RegistryUnavailableError(
        f"{what}, and whether the registry did it is not known",
        advice="look at the registry before you repeat it",
    )
