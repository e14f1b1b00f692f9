"""Addresses of pages, as the pages at a server and those on a disk link to each other."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote, urlencode

from schemareg.lazy_dataclass import dataclass


class Links(Protocol):
    """What templates link to; every address is ready for an attribute once it is escaped."""

    def home(self) -> str:
        """The first page."""
        ...

    def file(self, name: str) -> str:
        """A file that pages use."""
        ...

    def shows(self, subject: str, version: int | None = None) -> bool:
        """Whether a subject, or one version of it, has a page."""
        ...

    def subject(self, subject: str) -> str:
        """The page of a subject."""
        ...

    def version(self, subject: str, version: int) -> str:
        """The page of a version."""
        ...

    def diff(self, subject: str, old: int, new: int) -> str:
        """The comparison of two versions."""
        ...

    def text(self, subject: str, version: int, *, deleted: bool) -> str:
        """The schema's text alone."""
        ...


@dataclass(frozen=True, slots=True)
class ServerLinks:
    """Addresses at a server below `base`; `version_of_files` makes browsers fetch new ones."""

    base: str
    version_of_files: str

    def home(self) -> str:
        return f"{self.base}/ui"

    def file(self, name: str) -> str:
        return f"{self.base}/ui/{name}?{self.version_of_files}"

    def shows(self, subject: str, version: int | None = None) -> bool:
        return True  # what is gone has a page there that reports it

    def subject(self, subject: str) -> str:
        return f"{self.base}/ui/subjects/{quote(subject, safe='')}"

    def version(self, subject: str, version: int) -> str:
        return f"{self.subject(subject)}/versions/{version}"

    def diff(self, subject: str, old: int, new: int) -> str:
        return f"{self.compare(subject)}?{urlencode({'old': old, 'new': new})}"

    def compare(self, subject: str) -> str:
        """Where a form sends two versions, `old` and `new`."""
        return f"{self.subject(subject)}/diff"

    def text(self, subject: str, version: int, *, deleted: bool) -> str:
        path = f"{self.base}/subjects/{quote(subject, safe='')}/versions/{version}/schema"
        return path + ("?deleted=true" if deleted else "")

    def listed(self, query: str, page: int) -> str:
        """A page of the list of subjects."""
        return f"{self.home()}?{urlencode({'q': query, 'page': page})}"
