"""Addresses inside of a folder of pages, relative, so that it opens from any place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote

from schemareg.lazy_dataclass import dataclass
from schemareg.site.source import ReferenceRow
from schemareg.state.snapshot import folder_name, free_folder_name
from schemareg.subjects import Subject

Home = ReferenceRow | str
_NAMES = 65_536
"""Addresses that are remembered; a page links to the same few again and again."""


@lru_cache(_NAMES)
def _quoted(target: str) -> str:
    return quote(target)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The path of every page from the top; each mapping has the file of a name.

    Names that differ only by case have files that differ on every file system.
    """

    subjects: Mapping[str, str]
    types: Mapping[str, str]
    topics: Mapping[str, str]
    services: Mapping[str, str]
    teams: Mapping[str, str]
    versions: Mapping[str, Collection[int]]
    """The versions of each subject that have a page."""

    @classmethod
    def of(
        cls,
        *,
        subjects: Mapping[str, Collection[int]],
        types: Iterable[str],
        topics: Iterable[str],
        services: Iterable[str],
        teams: Iterable[str] = (),
    ) -> Addresses:
        """The addresses of pages about these names, and about the versions of the subjects."""
        return cls(
            _files(subjects, "index.html"),
            _files(types, "index"),
            _files(topics, "index"),
            _files(services, "index"),
            _files(teams, ""),
            subjects,
        )

    def subject_folder(self, subject: str) -> str:
        """The folder of a subject's pages: any name, escaped for every file system."""
        return f"subjects/{_file(self.subjects, subject)}"

    def subject_page(self, subject: str) -> str:
        return f"{self.subject_folder(subject)}/index.html"

    def version_page(self, subject: str, version: int) -> str:
        return f"{self.subject_folder(subject)}/v{version}.html"

    def diff_page(self, subject: str, old: int, new: int) -> str:
        return f"{self.subject_folder(subject)}/v{old}-v{new}.html"

    def versions_page(self, subject: str) -> str:
        """All versions beside each other, where there are many."""
        return f"{self.subject_folder(subject)}/versions.html"

    def text_file(self, subject: str, version: int) -> str:
        return f"{self.subject_folder(subject)}/v{version}.avsc"

    def type_page(self, fullname: str) -> str:
        return f"types/{_file(self.types, fullname)}.html"

    def topic_page(self, topic: str) -> str:
        return f"topics/{_file(self.topics, topic)}.html"

    def team_feed(self, team: str) -> str:
        """The changes of what a team owns."""
        return f"feeds/{_file(self.teams, team)}.xml"

    def service_page(self, service: str) -> str:
        return f"services/{_file(self.services, service)}.html"


def _file(files: Mapping[str, str], name: str) -> str:
    return files.get(name) or folder_name(Subject(name))


def _files(names: Iterable[str], listing: str) -> Mapping[str, str]:
    """A file for each of `names`; `listing` is that of the list of all."""
    taken = {listing}
    return {name: free_folder_name(Subject(name), taken) for name in sorted(set(names))}


@dataclass(frozen=True, slots=True)
class FileLinks:
    """The links of the page at `page` (`subjects/orders-value/index.html`)."""

    page: str
    addresses: Addresses

    def to(self, target: str) -> str:
        """From this page to the file `target`."""
        return "../" * self.page.count("/") + _quoted(target)

    def home(self) -> str:
        return self.to("index.html")

    def file(self, name: str) -> str:
        return self.to(f"files/{name}")

    def shows(self, subject: str, version: int | None = None) -> bool:
        versions = self.addresses.versions.get(subject)
        return versions is not None and (version is None or version in versions)

    def subject(self, subject: str) -> str:
        return self.to(self.addresses.subject_page(subject))

    def version(self, subject: str, version: int) -> str:
        return self.to(self.addresses.version_page(subject, version))

    def diff(self, subject: str, old: int, new: int) -> str:
        return self.to(self.addresses.diff_page(subject, old, new))

    def versions(self, subject: str) -> str:
        return self.to(self.addresses.versions_page(subject))

    def text(self, subject: str, version: int, *, deleted: bool) -> str:
        return self.to(self.addresses.text_file(subject, version))

    def type(self, fullname: str) -> str:
        return self.to(self.addresses.type_page(fullname))

    def topic(self, topic: str) -> str:
        return self.to(self.addresses.topic_page(topic))

    def team_feed(self, team: str) -> str:
        return self.to(self.addresses.team_feed(team))

    def service(self, service: str) -> str:
        return self.to(self.addresses.service_page(service))


@dataclass(frozen=True, slots=True)
class TypeHomes(Mapping[str, Home]):
    """Where a page shows a type: on it (`known`), or else on the type's own page.

    An address is made when somebody wants it, as a page uses few of all types.
    """

    known: Mapping[str, Home]
    types: Mapping[str, object]
    links: FileLinks

    def __getitem__(self, name: str) -> Home:
        if name in self.known:
            return self.known[name]
        if name in self.types:
            return self.links.type(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({**self.types, **self.known})

    def __len__(self) -> int:
        return len({**self.types, **self.known})
