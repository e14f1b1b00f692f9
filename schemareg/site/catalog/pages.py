"""Every file of the catalog: its path, and its content when somebody wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from schemareg import __version__
from schemareg.services.manifest import Consumes, Produces
from schemareg.site.catalog.deployment import (
    ContractRow,
    broken_readers,
    contract_rows,
    proof_of,
)
from schemareg.site.catalog.drawing import figures
from schemareg.site.catalog.feed import atom, overview, plain_text, sitemap
from schemareg.site.catalog.links import Addresses, FileLinks, Home, TypeHomes
from schemareg.site.catalog.model import Catalog, TypeHome
from schemareg.site.catalog.search import search_index
from schemareg.site.catalog.side_by_side import ALL_PAIRS_MAX, compared, side_by_side
from schemareg.site.catalog.trends import shown
from schemareg.site.catalog.views import Step, SubjectPage, SubjectSummary
from schemareg.site.rendering import Rendering
from schemareg.site.schema_view import section_of
from schemareg.site.source import Held
from schemareg.site.views import diff_view, subject_row, version_view

if TYPE_CHECKING:
    from markupsafe import Markup

Content = Callable[[], bytes]
_STATIC = ("style.css", "icon.svg", "search.js", "minisearch.js", "filter.js")
_RECENT_ON_HOME = 12
RECENT = 500
"""Steps that pages about many subjects show at most."""
_FINDINGS_ON_HOME = 20
_NAVIGATION = (
    ("Home", "index.html"),
    ("Subjects", "subjects/index.html"),
    ("Types", "types/index.html"),
    ("Topics", "topics/index.html"),
    ("Services", "services/index.html"),
    ("Changes", "changes.html"),
    ("Trends", "trends.html"),
    ("Rules", "rules.html"),
)


@dataclass
class Pages:
    """The files of one catalog, each as a function that makes its content.

    With `reload` open pages load again when their server says so.
    """

    catalog: Catalog
    rendering: Rendering
    reload: bool = False
    summaries: Sequence[SubjectSummary] = ()
    recent: Sequence[Step] = ()
    team_steps: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    tops: dict[tuple[int, str], Markup] = field(default_factory=dict)

    @cached_property
    def contracts(self) -> Mapping[str, tuple[ContractRow, ...]]:
        """The contracts of each service."""
        return contract_rows(self.catalog.platform) if self.catalog.platform else {}

    @property
    def at(self) -> Addresses:
        """Where each page is."""
        return self.catalog.addresses

    def files(self) -> Iterator[tuple[str, Content]]:
        """All but the files of single subjects, by their path.

        `summaries` and `recent` must be set. Paths are from the top, their order is fixed.
        """
        yield from self._first()
        yield "subjects/index.html", self._subject_list
        yield from self._types()
        yield from self._topics()
        yield from self._services()
        yield "changes.xml", self._feed
        for team in sorted({team for teams in self.catalog.owners.values() for team in teams}):
            yield self.at.team_feed(team), partial(self._team_feed, team)
        yield "search-index.js", lambda: search_index(self.catalog).encode()
        yield "llms.txt", self._overview
        for name in (*_STATIC, *(["reload.js"] if self.reload else [])):
            yield f"files/{name}", partial(self.rendering.static, name)

    def site_map(self, paths: Iterable[str]) -> bytes:
        """The addresses of those of `paths` that are pages."""
        return sitemap(self.catalog.base_url, [path for path in paths if path.endswith(".html")])

    def _html(
        self, path: str, template: str, values: Mapping[str, object], here: str = ""
    ) -> bytes:
        common: dict[str, object] = {
            "links": FileLinks(path, self.at),
            "top": self._top(path.count("/"), here),
            "footer": f"schemareg {__version__}",
        }
        return self.rendering.html(template, {**common, **values}).encode("utf-8", "replace")

    def _top(self, depth: int, here: str) -> Markup:
        """The top of the pages `depth` folders down, in the part `here` of the catalog."""
        if (depth, here) not in self.tops:
            links = FileLinks("/" * depth, self.at)
            nav = [
                (text, links.to(target))
                for text, target in _NAVIGATION
                if text != "Trends" or self.catalog.trends
            ]
            values = {"links": links, "nav": nav, "here": here, "reload": self.reload}
            self.tops[depth, here] = self.rendering.part("top.html", values)
        return self.tops[depth, here]

    def _first(self) -> Iterator[tuple[str, Content]]:
        yield "index.html", self._home
        yield "changes.html", self._changes
        if self.catalog.order is not None:
            yield "order.html", self._order
        if self.catalog.trends:
            values = {"charts": shown(self.catalog.trends)}
            yield (
                "trends.html",
                lambda: self._html("trends.html", "catalog/trends.html", values, "Trends"),
            )
        rules = sorted(self.catalog.rules, key=lambda rule: rule.code)
        yield (
            "rules.html",
            lambda: self._html("rules.html", "catalog/rules.html", {"rules": rules}, "Rules"),
        )

    def _home(self) -> bytes:
        catalog = self.catalog
        findings = sorted(
            (f for own in catalog.findings.values() for f in own),
            key=lambda f: (f.severity.rank, f.location.path or "", f.location.line),
        )
        values = {
            "title": catalog.title,
            "numbers": [
                ("Subjects", len(catalog.source.names)),
                ("Types", len(catalog.types)),
                ("Topics", len(catalog.topics)),
                ("Services", len(catalog.platform.manifest.services) if catalog.platform else 0),
            ],
            "shares": catalog.shares,
            "without_file": catalog.without_file,
            "has_order": catalog.order is not None,
            "proposed": [step for step in self.recent if step.label],
            "recent": [step for step in self.recent if not step.label][:_RECENT_ON_HOME],
            "findings": findings[:_FINDINGS_ON_HOME],
            "more_findings": max(0, len(findings) - _FINDINGS_ON_HOME),
        }
        return self._html("index.html", "catalog/home.html", values, "Home")

    def _order(self) -> bytes:
        base = self.catalog.source.schemas.state.origin.description
        since_ms = self.catalog.order_since_ms
        values = {"order": self.catalog.order, "base": base, "since_ms": since_ms}
        return self._html("order.html", "catalog/order.html", values)

    def _changes(self) -> bytes:
        values = {"steps": self.recent}
        return self._html("changes.html", "catalog/changes.html", values, "Changes")

    def _feed(self) -> bytes:
        return atom(self.catalog.title, self.catalog.base_url, self.recent, self.at)

    def _team_feed(self, team: str) -> bytes:
        title = f"{self.catalog.title}: {team}"
        steps = self.team_steps.get(team, ())
        return atom(title, self.catalog.base_url, steps, self.at, self.at.team_feed(team))

    def _overview(self) -> bytes:
        return overview(self.catalog.title, self.summaries, self.at).encode()

    def subject_files(self, page: SubjectPage) -> Iterator[tuple[str, Content]]:
        """The files of one subject, by their path from the top of the catalog."""
        subject = page.view.subject
        folder = self.at.subject_folder(subject)
        yield f"{folder}/index.html", partial(self._subject, page)
        yield f"{folder}/index.txt", lambda: plain_text(page).encode("utf-8", "replace")
        live = [h for h in self.catalog.source.versions(subject)[::-1] if not h.deleted]
        for held in live:
            yield (
                self.at.version_page(subject, held.version),
                partial(self._version, subject, held.version),
            )
            yield self.at.text_file(subject, held.version), partial(_text, held.text)
        for old, new in compared([held.version for held in live]):
            yield self.at.diff_page(subject, old, new), partial(self._diff, subject, old, new)
        if len(live) > ALL_PAIRS_MAX:
            yield self.at.versions_page(subject), partial(self._side_by_side, subject, live)

    def _subject_list(self) -> bytes:
        catalog = self.catalog
        rows = [
            (
                subject_row(catalog.source, subject),
                sorted({p.service for p in catalog.producers.get(subject, ())}),
                sorted({c.service for c in catalog.consumers.get(subject, ())}),
            )
            for subject in catalog.source.names
        ]
        values = {"rows": rows}
        return self._html("subjects/index.html", "catalog/subjects.html", values, "Subjects")

    def _subject(self, shown: SubjectPage) -> bytes:
        path = self.at.subject_page(shown.view.subject)
        latest = replace(shown.latest, homes=self._homes(path, shown.latest.homes))
        shown = replace(shown, latest=latest)
        numbers = [step.version for step in shown.steps][::-1]
        values = {
            "page": shown,
            "olds": numbers[:-1],
            "news": numbers[1:],
            "pairs": compared(numbers),
            "is_complete": len(numbers) <= ALL_PAIRS_MAX,
        }
        return self._html(path, "catalog/subject.html", values, "Subjects")

    def _version(self, subject: str, version: int) -> bytes:
        view = version_view(self.catalog.source, subject, version, lambda _: True)
        path = self.at.version_page(subject, version)
        view = replace(view, homes=self._homes(path, view.homes))
        return self._html(path, "version.html", {"view": view})

    def _homes(self, path: str, known: Mapping[str, Home]) -> TypeHomes:
        """Where the page at `path` shows a type: on it, or else on the page of the type."""
        return TypeHomes(known, self.catalog.types, FileLinks(path, self.at))

    def _diff(self, subject: str, old: int, new: int) -> bytes:
        path = self.at.diff_page(subject, old, new)
        view = diff_view(self.catalog.source, subject, old=old, new=new)
        values: dict[str, object] = {"view": view, "proofs": ()}
        values["broken"] = broken_readers(self.catalog, subject, old=old, new=new)
        if view.backward or view.forward:
            source = self.catalog.source
            before, after = (source.schema(source.version(subject, n)) for n in (old, new))
            values["proofs"] = (
                (f"An event of version {old}", proof_of(reader=after, writer=before)),
                (f"An event of version {new}", proof_of(reader=before, writer=after)),
            )
        return self._html(path, "diff.html", values)

    def _side_by_side(self, subject: str, live: Sequence[Held]) -> bytes:
        view = side_by_side(self.catalog.source, live)
        return self._html(self.at.versions_page(subject), "catalog/versions.html", {"view": view})

    def _types(self) -> Iterator[tuple[str, Content]]:
        catalog = self.catalog
        rows = [(home, catalog.used_by[name]) for name, home in catalog.types.items()]
        path = "types/index.html"
        yield path, lambda: self._html(path, "catalog/types.html", {"rows": rows}, "Types")
        for home, users in rows:
            yield self.at.type_page(home.fullname), partial(self._type, home, users)

    def _type(self, home: TypeHome, users: tuple[tuple[str, ...], ...]) -> bytes:
        homes = self._homes(self.at.type_page(home.fullname), {})
        shown = [
            (definition, own, {"sections": (section_of(definition.type),), "homes": homes})
            for definition, own in zip(home.definitions, users, strict=False)
        ]
        values = {"fullname": home.fullname, "definitions": shown, "older": users[-1]}
        return self._html(self.at.type_page(home.fullname), "catalog/type.html", values, "Types")

    def _topics(self) -> Iterator[tuple[str, Content]]:
        path = "topics/index.html"
        links = FileLinks(path, self.at)
        rows = [
            (topic, links.topic(topic), f"{len(subjects)} subjects" if len(subjects) != 1 else "")
            for topic, subjects in self.catalog.topics.items()
        ]
        values = {"heading": "Topics", "rows": rows, "figures": ()}
        yield path, lambda: self._html(path, "catalog/list.html", values, "Topics")
        for topic in self.catalog.topics:
            yield self.at.topic_page(topic), partial(self._topic, topic)

    def _topic(self, topic: str) -> bytes:
        catalog = self.catalog
        subjects = catalog.topics[topic]
        retention = catalog.platform.retention(topic) if catalog.platform else None
        note = ""
        if retention is not None and retention.seconds is not None:
            note = f"Records are kept for {retention.seconds // 86_400} days."
        values = {
            "topic": topic,
            "subjects": subjects,
            "retention": note,
            "producers": _services(catalog.producers, subjects),
            "consumers": _services(catalog.consumers, subjects),
        }
        return self._html(self.at.topic_page(topic), "catalog/topic.html", values, "Topics")

    def _services(self) -> Iterator[tuple[str, Content]]:
        yield "services/index.html", self._service_list
        if self.catalog.platform is not None:
            for name in self.catalog.platform.manifest.services:
                yield self.at.service_page(name), partial(self._service, name)

    def _service_list(self) -> bytes:
        path, catalog = "services/index.html", self.catalog
        links = FileLinks(path, self.at)
        services = catalog.platform.manifest.services.values() if catalog.platform else ()
        values = {
            "heading": "Services",
            "rows": [(s.name, links.service(s.name), s.owner) for s in services],
            "figures": figures(catalog.graph, {s.name: s.owner for s in services}, links)
            if catalog.graph
            else (),
        }
        return self._html(path, "catalog/list.html", values, "Services")

    def _service(self, name: str) -> bytes:
        platform = self.catalog.platform
        assert platform is not None
        services = platform.manifest.services
        service = services[name]
        deployments = self.catalog.deployments
        environments = dict.fromkeys(
            [*platform.manifest.environments, *(r.environment for r in deployments.records)]
        )
        values = {
            "service": service,
            "contracts": self.contracts.get(name, ()),
            "deployed": [
                (environment, version, deployments.since(environment, name, version))
                for environment in environments
                for version in deployments.versions_in(environment, name)
            ],
            "services": services,
            "produces": [
                (str(platform.subject(p.event, p.topic)), p.topic) for p in service.produces
            ],
            "consumes": [(str(platform.subject(c.event, c.topic)), c) for c in service.consumes],
            "callers": sorted(
                s.name for s in services.values() if any(c.provider == name for c in s.calls)
            ),
        }
        return self._html(self.at.service_page(name), "catalog/service.html", values, "Services")


def _services(
    uses: Mapping[str, Sequence[Produces | Consumes]], subjects: Iterable[str]
) -> list[str]:
    return sorted({use.service for subject in subjects for use in uses.get(subject, ())})


def _text(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
