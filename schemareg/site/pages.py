"""The routes under `/ui`: each reads one value and renders one template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote

from schemareg import __version__
from schemareg.avro.depth import with_room
from schemareg.errors import ContentError, RegistryError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.server.application import Read
from schemareg.registry.server.auth.rights import EVERYTHING, Right, Rights
from schemareg.registry.server.health import answer
from schemareg.registry.server.workers import Workers, WorkersBusyError
from schemareg.registry.service.reading import subjects
from schemareg.registry.service.session import Session
from schemareg.site import views
from schemareg.site.links import ServerLinks
from schemareg.site.registry_source import RegistrySource
from schemareg.site.rendering import STATIC, Rendering
from schemareg.subjects import Subject

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

ROOT: Final = "/ui"
QUERY_MAX = 200
HTML = "text/html; charset=utf-8"
HEADERS: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        b"form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_CACHED: Final = (b"cache-control", b"public, max-age=86400")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for a page: the path's parts after `/ui`, unquoted one by one."""

    segments: tuple[str, ...]
    query: Mapping[str, str]
    base: str
    principal: str | None
    rights: Rights

    def sees(self, subject: str) -> bool:
        return self.rights.allow(Right.READ, Subject(subject))


@dataclass(frozen=True, slots=True)
class Page:
    """What to render: a template, and what fills it."""

    template: str
    values: Mapping[str, object]
    status: int = 200


class PageNotFoundError(Exception):
    """No page has this address."""


class Pages:
    """`app` with the pages for people in front of it.

    `read` runs a query over one consistent state of the registry.
    """

    __slots__ = ("_app", "_profile", "_read", "_rendering", "_threads")

    def __init__(
        self,
        app: ASGIApp,
        *,
        read: Read,
        release: str,
        threads: Workers,
    ) -> None:
        self._threads = threads
        self._app = app
        self._read = read
        self._profile = release
        self._rendering = Rendering()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not (path == ROOT or path.startswith(ROOT + "/")):
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["route"] = ROOT
        name = path.removeprefix(ROOT + "/")
        if name in STATIC:
            content = self._rendering.static(name)
            await answer(send, 200, content, STATIC[name], *HEADERS[:3], _CACHED)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await answer(send, 405, b"Pages are only read\n", "text/plain; charset=utf-8")
            return
        request = PageRequest(
            segments=_segments(scope),
            query={k: v[-1] for k, v in parse_qs(_text(scope["query_string"])).items()},
            base=scope.get("root_path", ""),
            principal=state.get("principal"),
            rights=state.get("rights", EVERYTHING),
        )
        try:
            status, html = await self._threads.run(lambda: self._html(request))
        except WorkersBusyError:
            busy = b"Too many pages wait; try again\n"
            await answer(send, 503, busy, "text/plain; charset=utf-8", (b"retry-after", b"1"))
            return
        await answer(send, status, html.encode("utf-8", "replace"), HTML, *HEADERS)

    def _html(self, request: PageRequest) -> tuple[int, str]:
        """Status and text of the page; rendered after the store was let go."""
        common = {
            "links": ServerLinks(request.base, self._rendering.style_version),
            "query": "",
            "footer": self._footer(request.principal),
        }
        page = with_room(lambda: self._page(request))
        return page.status, with_room(
            lambda: self._rendering.html(page.template, {**common, **page.values})
        )

    def _footer(self, principal: str | None) -> str:
        signed_in = f" · signed in as {principal}" if principal else ""
        return f"schemareg {__version__}, as Confluent Schema Registry {self._profile}{signed_in}"

    def _page(self, request: PageRequest) -> Page:
        try:
            return self._read(lambda session: _routed(session, request))
        except (PageNotFoundError, RegistryError, ContentError) as error:
            status = error.status if isinstance(error, RegistryError) else 404
            heading = {403: "Not allowed", 404: "Not found"}.get(status, "This cannot be shown")
            message = error.message if isinstance(error, RegistryError) else str(error)
            return Page("refused.html", {"heading": heading, "message": message}, status)


def _routed(session: Session, request: PageRequest) -> Page:
    match request.segments:
        case () | ("",) | ("subjects",):
            return _subjects_page(session, request)
        case ("subjects", subject):
            _must_read(request, subject)
            view = views.subject_view(RegistrySource(session), subject, request.sees)
            return Page("subject.html", {"view": view})
        case ("subjects", subject, "versions", version):
            _must_read(request, subject)
            shown = views.version_view(
                RegistrySource(session), subject, _number(version), request.sees
            )
            return Page("version.html", {"view": shown})
        case ("subjects", subject, "diff"):
            _must_read(request, subject)
            compared = views.diff_view(
                RegistrySource(session),
                subject,
                old=_number(request.query.get("old", "")),
                new=_number(request.query.get("new", "")),
            )
            return Page("diff.html", {"view": compared})
        case _:
            raise PageNotFoundError("There is no page at this address.")


def _subjects_page(session: Session, request: PageRequest) -> Page:
    query = request.query.get("q", "").strip()[:QUERY_MAX]
    names = [
        name
        for name in subjects(session, None, deleted=False, deleted_only=False)
        if request.sees(name)
    ]
    number = request.query.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1
    found = views.subject_list(RegistrySource(session), names, query=query, page=page)
    values = {
        "query": query,
        "rows": found.rows,
        "total": found.total,
        "everything": found.everything,
        "page": found.page,
        "page_count": found.page_count,
        "global_level": found.global_level,
    }
    return Page("subjects.html", values)


def _must_read(request: PageRequest, subject: str) -> None:
    if not request.sees(subject):
        raise RegistryError("You may not read this subject.", code=40301, status=403)


def _number(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise PageNotFoundError(f"“{text[:50]}” is not a version.")


def _segments(scope: Scope) -> tuple[str, ...]:
    """The parts of the path as sent, each unquoted by itself: a subject may hold a slash."""
    from urllib.parse import unquote

    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    path = _text(raw).split("?", 1)[0].removeprefix(scope.get("root_path", ""))
    parts = path.removeprefix(ROOT).strip("/")
    return tuple(unquote(part) for part in parts.split("/")) if parts else ()


def _text(raw: bytes) -> str:
    return raw.decode("ascii", "replace")
