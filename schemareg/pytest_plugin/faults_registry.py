"""Faults of the registry: slow, down, refusing, wrong answers."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Literal, Self, TypeAlias

from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.pytest_plugin.faults import Faults, check_known, check_positive
from schemareg.pytest_plugin.faults_proxy import Answer, Forward, Proxy
from schemareg.pytest_plugin.registry import RegistryHost

WrongAnswer: TypeAlias = Literal["not-json", "other-shape", "cut-off"]

_JSON = "application/vnd.schemaregistry.v1+json"
_WRONG: dict[WrongAnswer, Answer] = {
    "not-json": Answer(200, b"<html><body>Welcome</body></html>", "text/html"),
    "other-shape": Answer(200, b'["a", {"shape": "that nobody requested"}]', _JSON),
    "cut-off": Answer(200, b'{"id": 1, "schema": "', _JSON, missing_bytes=100),
}


@dataclass(slots=True)
class _Fault:
    """How requests are answered: after `delay_s`, with `answer` (None: the registry's own).

    `left` counts down the requests that meet it (None: all do).
    """

    delay_s: float = 0.0
    answer: Answer | None = None
    left: int | None = None


class RegistryFaults(Faults):
    """Faults of the registry as a service sees it at `schema_registry.url`.

    The test's own `schema_registry.client`, `kafka.send` and `published` are not affected, so a
    test can arrange and assert during the fault.
    """

    def __init__(self, host: RegistryHost) -> None:
        super().__init__()
        self._forward = Forward(host.url, host.transport)
        self._proxy = Proxy(self._answer)
        self._changed = threading.Condition()
        self._fault = _Fault()
        self._met = 0

    @property
    def url(self) -> str:
        """The URL of the registry with its faults; it stays the same while it is down."""
        return self._proxy.url

    @property
    def met(self) -> int:
        """How many requests met a fault that was not `down`, in the whole test."""
        return self._met

    def slow(self, seconds: float, *, for_s: float | None = None) -> AbstractContextManager[object]:
        """Every answer comes `seconds` later."""
        check_positive(seconds=seconds, for_s=for_s)
        return self._set(_Fault(delay_s=seconds), for_s)

    def down(self, *, for_s: float | None = None) -> AbstractContextManager[object]:
        """Connections are cut, and refused from now on."""
        check_positive(for_s=for_s)
        self.heal()
        self._proxy.close_door()
        return self._begun(for_s)

    def unavailable(
        self, times: int | None = None, *, status: int = 503, for_s: float | None = None
    ) -> AbstractContextManager[object]:
        """The next `times` requests (None: all) get `status`; the registry sees none of them."""
        check_positive(times=times, for_s=for_s)
        if not 400 <= status <= 599:
            raise UsageError(f"status={status!r} is no error", advice="give one of 400 to 599")
        body = b'{"error_code": %d, "message": "fault of the test"}' % (status * 100 + 1)
        return self._set(_Fault(answer=Answer(status, body, _JSON), left=times), for_s)

    def wrong_answers(
        self,
        kind: WrongAnswer = "not-json",
        *,
        times: int | None = None,
        for_s: float | None = None,
    ) -> AbstractContextManager[object]:
        """The next `times` requests (None: all) get 200 and a body that no registry returns.

        `not-json` is a page, as of a portal in between; `other-shape` JSON of another kind;
        `cut-off` ends in the middle.
        """
        check_known(kind, _WRONG)
        check_positive(times=times, for_s=for_s)
        return self._set(_Fault(answer=_WRONG[kind], left=times), for_s)

    def _set(self, fault: _Fault, for_s: float | None) -> AbstractContextManager[object]:
        self.heal()
        with self._changed:
            self._fault = fault
        return self._begun(for_s)

    def _heal(self) -> None:
        with self._changed:
            self._fault = _Fault()
            self._changed.notify_all()
        self._proxy.open_door()

    def _answer(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> Answer:
        with self._changed:
            fault = self._fault
            if fault.left is not None:
                fault.left -= 1
                if fault.left <= 0:
                    self._fault = _Fault()
            if fault.answer or fault.delay_s:
                self._met += 1
            # whoever heals lets those go who wait
            self._changed.wait_for(lambda: self._fault is not fault, fault.delay_s)
        return fault.answer or self._forward(method, target, headers, body)

    def __enter__(self) -> Self:
        self._proxy.open_door()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.heal()
        self._proxy.close()
        self._forward.close()
