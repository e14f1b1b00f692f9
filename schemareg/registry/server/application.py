"""The application that every server runs: the registry behind its log, gate, limits and checks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Protocol, TypeVar

from schemareg.errors import RegistryError
from schemareg.registry.server.access_log import AccessLog
from schemareg.registry.server.auth.authentication import Gate, OpenGate
from schemareg.registry.server.body_limit import BodyLimit, RateLimit
from schemareg.registry.server.caching import Caching
from schemareg.registry.server.cross_site import CrossSite
from schemareg.registry.server.forwarding import Forwarding
from schemareg.registry.server.health import Operation, Readiness
from schemareg.registry.server.leader_connections import Leader
from schemareg.registry.server.metrics import NodeFigures, RequestFigures, StoreFigures
from schemareg.registry.server.observe import Observed
from schemareg.registry.server.routing_app import RegistryApp
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.server.workers import RequestThreads, Workers
from schemareg.registry.service.profile import PROFILES
from schemareg.registry.service.session import Policy, Session
from schemareg.registry.store import Store
from schemareg.registry.topic.store import TopicStore

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from schemareg.registry.server.auth.identity import Identities

PROBE_TIMEOUT_S = 3.0
"""A store that takes longer than this for a write is not ready."""

Wrapper = Callable[["ASGIApp"], "ASGIApp"]
T = TypeVar("T")


class Read(Protocol):
    """Runs a query over one consistent state of the registry."""

    def __call__(self, query: Callable[[Session], T], /) -> T: ...


class PagesFactory(Protocol):
    """Puts pages for people, made in `threads`, in front of `app`; `release` is its line."""

    def __call__(self, app: ASGIApp, *, read: Read, release: str, threads: Workers) -> ASGIApp: ...


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def create_app(
    store: Store,
    settings: ServerSettings | None = None,
    *,
    log: AccessLog | None = None,
    identities: Identities | None = None,
    pages: PagesFactory | None = None,
    wrappers: Sequence[Wrapper] = (),
    clock: Callable[[], float] = time.monotonic,
    threads: RequestThreads | None = None,
    only_loopback: bool = False,
    leader: Leader | None = None,
) -> ASGIApp:
    """The registry over `store` as users meet it; the first of `wrappers` is the outermost of all.

    `clock` returns seconds, for the rate limit. With `only_loopback` requests have to name
    this machine as their host. `leader` is the way to the node that leads.
    Closing store, log, identities and threads is the caller's.
    """
    settings = settings or ServerSettings()
    profile = PROFILES[int(settings.profile)]
    policy = Policy(now_ms, profile=profile, keep_rule_sets=settings.keep_rule_sets)
    threads = threads or RequestThreads()
    registry = RegistryApp(store, policy, threads)
    requests = RequestFigures()

    def read(query: Callable[[Session], T]) -> T:
        with store.reading() as tables:
            return query(Session(policy, tables))

    app: ASGIApp = registry
    if settings.cache_max_age_s is not None:
        app = Caching(app, max_age_s=settings.cache_max_age_s, shared=settings.is_open)
    forwarding = Forwarding(app, store, leader=leader) if isinstance(store, TopicStore) else None
    app = forwarding or app
    if pages is not None:
        app = pages(app, read=read, release=profile.release, threads=threads.pages)
    app = BodyLimit(app, max_bytes=settings.body_max_bytes, timeout_s=settings.receive_timeout_s)
    app = Operation(
        app,
        probe=lambda: readiness(store),
        failure=lambda: store.failure,
        figures=lambda: store_figures(
            registry, forwarded=forwarding.forwarded if forwarding is not None else 0
        ),
        requests=requests,
        log=log,
        threads=threads,
    )
    if settings.requests_per_s is not None:
        app = RateLimit(
            app, requests_per_s=settings.requests_per_s, burst=settings.burst, clock=clock
        )
    app = OpenGate(app) if identities is None else Gate(app, identities=identities)
    app = CrossSite(app, origins=settings.cors_origins, only_loopback=only_loopback)
    app = Observed(app, figures=requests, log=log)
    for wrap in reversed(wrappers):
        app = wrap(app)
    return app


def readiness(store: Store) -> Readiness:
    """Whether a write reaches the disk now; waits for at most `PROBE_TIMEOUT_S`."""
    try:
        store.probe().result(PROBE_TIMEOUT_S)
    except RegistryError as error:
        return Readiness(False, error.message)
    except FutureTimeoutError:
        return Readiness(False, f"the store took no write for {PROBE_TIMEOUT_S:g} s: it is locked")
    return Readiness(True)


def store_figures(registry: RegistryApp, *, forwarded: int = 0) -> StoreFigures:
    """What the store holds, unknown where it cannot be read now; `forwarded` writes went to the
    leader.
    """
    schemas = subjects = deleted = None
    try:
        with registry.store.reading() as tables:
            counts = tables.counts()
        schemas, subjects, deleted = counts["schemas"], counts["subjects"], counts["deleted"]
    except RegistryError:
        registry.store_errors += 1
    caches = registry.policy.caches
    remembered = (caches.contents, caches.requests, caches.resolved, caches.verdicts)
    return StoreFigures(
        schemas=schemas,
        subjects=subjects,
        deleted_versions=deleted,
        cache_hits=registry.hits + sum(cache.hits for cache in remembered),
        cache_misses=registry.misses + sum(cache.misses for cache in remembered),
        store_errors=registry.store_errors,
        store_commits=registry.store.generation,
        node=_node_figures(registry.store, forwarded),
    )


def _node_figures(store: Store, forwarded: int) -> NodeFigures | None:
    if not isinstance(store, TopicStore):
        return None
    figures = store.figures
    end = figures.log.end
    return NodeFigures(
        position=figures.position,
        lag=None if end is None else max(0, end - figures.position),
        leads=figures.leads,
        has_alarm=figures.has_alarm,
        term=figures.log.term,
        take_overs=figures.log.take_overs,
        lost_leaderships=figures.log.lost_leaderships,
        take_over_ms=figures.log.take_over_ms,
        records={str(effect): count for effect, count in figures.effects.items()},
        foreign_records=figures.foreign_records,
        forwarded=forwarded,
    )
