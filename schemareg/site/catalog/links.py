"""Addresses inside of a folder of pages, relative, so that it opens from any place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from schemareg.site.source import ReferenceRow
from schemareg.state.snapshot import folder_name
from schemareg.subjects import Subject

Home = ReferenceRow | str
_NAMES = 65_536
"""Names whose folder is remembered; a page links to the same few again and again."""


@lru_cache(_NAMES)
def _file_name(name: str) -> str:
    return folder_name(Subject(name))


@lru_cache(_NAMES)
def _quoted(target: str) -> str:
    return quote(target)


def subject_folder(subject: str) -> str:
    """The folder of a subject's pages: any name, escaped for every file system."""
    return f"subjects/{_file_name(subject)}"


def version_page(subject: str, version: int) -> str:
    return f"{subject_folder(subject)}/v{version}.html"


def diff_page(subject: str, old: int, new: int) -> str:
    return f"{subject_folder(subject)}/v{old}-v{new}.html"


def versions_page(subject: str) -> str:
    """All versions beside each other, where there are many."""
    return f"{subject_folder(subject)}/versions.html"


def text_file(subject: str, version: int) -> str:
    return f"{subject_folder(subject)}/v{version}.avsc"


def type_page(fullname: str) -> str:
    return f"types/{_file_name(fullname)}.html"


def topic_page(topic: str) -> str:
    return f"topics/{_file_name(topic)}.html"


def service_page(service: str) -> str:
    return f"services/{_file_name(service)}.html"


@dataclass(frozen=True, slots=True)
class FileLinks:
    """The links of the page at `page` (`subjects/orders-value/index.html`).

    `types` has the home of every named type, `known` what else has a page of its own.
    """

    page: str
    sections: tuple[tuple[str, str], ...] = ()
    known: Mapping[str, frozenset[str]] | None = None

    def to(self, target: str) -> str:
        """From this page to the file `target`."""
        return "../" * self.page.count("/") + _quoted(target)

    def home(self) -> str:
        return self.to("index.html")

    def file(self, name: str) -> str:
        return self.to(f"files/{name}")

    def subject(self, subject: str) -> str:
        return self.to(f"{subject_folder(subject)}/index.html")

    def version(self, subject: str, version: int) -> str:
        return self.to(version_page(subject, version))

    def diff(self, subject: str, old: int, new: int) -> str:
        return self.to(diff_page(subject, old, new))

    def versions(self, subject: str) -> str:
        return self.to(versions_page(subject))

    def text(self, subject: str, version: int, *, deleted: bool) -> str:
        return self.to(text_file(subject, version))

    def type(self, fullname: str) -> str:
        return self.to(type_page(fullname))

    def topic(self, topic: str) -> str:
        return self.to(topic_page(topic))

    def service(self, service: str) -> str:
        return self.to(service_page(service))

    def has(self, kind: str, name: str) -> bool:
        """Whether `name` has a page among the `kind` (`topics`, `types`)."""
        return self.known is not None and name in self.known.get(kind, frozenset())


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
