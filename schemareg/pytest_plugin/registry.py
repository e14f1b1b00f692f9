"""A registry for tests: one for the run, a context of its own for each test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from schemareg.codec import EventSerializer, Payload
from schemareg.errors import RegistryError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.pytest_plugin.names import Names
from schemareg.registry import RegistryClient, connect
from schemareg.registry.api.address import is_registry_url
from schemareg.registry.api.types import RegisteredSchema
from schemareg.schema_catalog import Entry
from schemareg.serdes import event_serializer, register_schema
from schemareg.subjects import Subject, SubjectNameStrategy, subject_for

_NOBODY = "http://in-process"


@dataclass(frozen=True, slots=True)
class RegistryHost:
    """A running registry: its URL ("" where it has no socket) and the transport to it."""

    url: str
    transport: httpx.BaseTransport | None = None


@contextmanager
def open_registry(spec: str) -> Iterator[RegistryHost]:
    """The registry that `spec` names: `embedded`, `in-process`, or a URL.

    Raises: UsageError for anything else.
    """
    if is_registry_url(spec):
        yield RegistryHost(spec)
        return
    try:
        from schemareg.registry.server import EmbeddedRegistry, create_app
        from schemareg.registry.store import Store
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the registry {spec!r} needs the Python module {error.name!r}, which is not installed",
            advice="run: pip install 'schemareg[server]'",
        ) from error
    match spec:
        case "embedded":
            with EmbeddedRegistry() as registry:
                yield RegistryHost(registry.url)
        case "in-process":
            store = Store(":memory:")
            transport = _InProcess(create_app(store))
            try:
                yield RegistryHost("", transport)
            finally:
                transport.shut()
                store.close()
        case _:
            raise UsageError(
                f"the registry {spec!r} is neither 'embedded' nor 'in-process' nor a URL",
                advice="write for example --schemareg-registry http://localhost:8081",
            )


class TestRegistry:
    """The registry as one test sees it: empty, and its own.

    `client` speaks to it. Subjects and ids are those of a context that no other test uses; for
    registries that have no contexts, the test's own topics separate most subjects.
    `service_url` is its URL for a service, if not the host's.
    """

    __test__ = False

    def __init__(
        self,
        host: RegistryHost,
        name: str,
        names: Names,
        *,
        with_context: bool = True,
        service_url: str = "",
    ) -> None:
        self._host = host
        self._service_url = service_url or host.url
        self._names = names
        self.name = name
        """The prefix of the real names of the test's topics."""
        self._context = f".{name}" if with_context else None
        self._serializers: dict[tuple[str, str], EventSerializer] = {}
        self.client: RegistryClient = connect(
            host.url or _NOBODY, context=self._context, transport=lent(host.transport)
        )

    @property
    def url(self) -> str:
        """The `schema.registry.url` for a service under test.

        Raises: UsageError where the registry has no socket.
        """
        if not self._service_url:
            raise UsageError(
                "an in-process registry has no URL",
                advice="use registry.client, or --schemareg-registry embedded",
            )
        url = self._service_url.rstrip("/")
        return url if self._context is None else f"{url}/contexts/{self._context}"

    def register(self, name: str, *, topic: str) -> RegisteredSchema:
        """Register the event called `name` for `topic`, and every schema that it refers to.

        `topic` is the real name. The subject follows the event's configured strategy.

        Raises: RegistryError, UsageError.
        """
        entry = self._names.catalog.find(name)
        short = topic.removeprefix(f"{self.name}-")
        self._names.check_event_on(name, short)
        subject = subject_for(self._strategy(entry, short), topic=topic, fullname=entry.name)
        schema = self._names.schema_on(entry, short)
        return register_schema(subject, schema, self.client.register)

    def payload(
        self,
        name: str,
        event: object,
        *,
        topic: str,
        headers: Iterable[tuple[str, bytes | str | None]] = (),
    ) -> Payload:
        """The event of the type called `name` as a message of `topic` (the real name); its schema
        is registered.

        Raises: EncodeError, RegistryError, UsageError.
        """
        entry = self._names.catalog.find(name)
        short = topic.removeprefix(f"{self.name}-")
        schema = self._names.schema_on(entry, short)
        write = self._serializers.get((entry.fullname, short))
        if write is None:
            write = self._serializers[entry.fullname, short] = event_serializer(
                self.client,
                schema,
                register=True,
                strategy=self._strategy(entry, short),
            )
        is_branch = schema is not entry.schema
        return write((entry.name, event) if is_branch else event, topic=topic, headers=headers)

    def _strategy(self, entry: Entry, topic: str) -> SubjectNameStrategy:
        configured = self._names.topic(topic)
        if configured is not None and entry.name in configured.events:
            return configured.strategy
        own = (t.strategy for t in self._names.topics if entry.name in t.events)
        return next(own, self._names.config.strategy)

    def close(self) -> None:
        """Remove what the test registered.

        Without contexts, those are the subjects of the test's own topics: others may use the
        subject of a type, too.
        """
        with self.client as client:
            prefix = "" if self._context else f"{self.name}-"
            left = [s for s in client.get_subjects(deleted=True) if s.startswith(prefix)]
            # what others refer to cannot go before them, so it takes as many rounds as levels
            for _ in range(len(left)):
                left = [subject for subject in left if not _deleted(client, subject)]
                if not left:
                    break
            if self._context is not None:
                # a registry that cannot delete a context forgets it with its last subject
                with suppress(RegistryError):
                    client.delete_context(self._context)


def _deleted(client: RegistryClient, subject: Subject) -> bool:
    for permanent in (False, True):
        try:
            client.delete_subject(subject, permanent=permanent)
        except RegistryError as error:
            if error.status != 404:
                return False
    return True


def lent(transport: httpx.BaseTransport | None) -> httpx.BaseTransport | None:
    """The transport as one client may have it: closing that client leaves it open."""
    return None if transport is None else _Lent(transport)


class _Lent(httpx.BaseTransport):
    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._transport.handle_request(request)


class _InProcess(httpx.BaseTransport):
    """Requests to an ASGI application, on a loop in a thread of its own."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="schemareg-in-process-registry", daemon=True
        )
        self._thread.start()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        body = httpx.ByteStream(await response.aread())
        return httpx.Response(response.status_code, headers=response.headers, stream=body)

    def shut(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
