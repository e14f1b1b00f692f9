"""One request, taken apart: who it names, what it asks, over which state of the registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qs

from schemareg.avro.schema import JsonValue
from schemareg.errors import RegistryError
from schemareg.integers import INT_MAX, INT_MIN
from schemareg.registry.api.contexts import QualifiedSubject, qualified
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.server.auth.rights import Right
from schemareg.registry.service.session import Session
from schemareg.registry.service.settings import target_of_alias
from schemareg.subjects import Version, VersionSelector

_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")


CONTEXT_OF_PATH = "\0context"
"""The entry of a query that no URL can send: the context of the path's prefix, qualified."""


def integer_or_not_found(text: str) -> int:
    """A 32-bit integer out of a URL.

    Raises: `RegistryError` 404, which is what the registry answers to anything else.
    """
    if not _INTEGER.fullmatch(text) or not INT_MIN <= int(text) <= INT_MAX:
        raise ErrorCode.NOT_FOUND.refusal()
    return int(text)


def parse_query(query: bytes) -> Mapping[str, list[str]]:
    if not query:
        return {}
    try:
        return parse_qs(
            query.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=200
        )
    except ValueError as error:
        raise ErrorCode.BAD_REQUEST.refusal("Too many query parameters") from error


def _everything(right: Right, subject: str) -> bool:
    return True


def denied(right: Right, subject: str) -> RegistryError:
    """The refusal of what the principal has no right to."""
    return RegistryError(
        f"User is denied operation {right.value.capitalize()} on Subject: {subject}",
        code=40301,
        status=403,
    )


@dataclass(frozen=True)
class Call:
    """What a route's function is given. `operation` is the name Confluent's messages use.

    `allows` says whether the principal has a right on a subject.
    """

    session: Session
    operation: str
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: bytes = b""
    allows: Callable[[Right, str], bool] = _everything

    def word(self, name: str) -> str | None:
        values = self.query.get(name)
        return values[0] if values else None

    def words(self, name: str) -> list[str]:
        return self.query.get(name, [])

    def flag(self, name: str) -> bool:
        """Java's reading: "true" in any case, everything else is false."""
        values = self.query.get(name)
        return values is not None and values[0].lower() == "true"

    def number(self, name: str, default: int) -> int:
        """Raises: `RegistryError` 404."""
        text = self.word(name)
        return integer_or_not_found(text) if text else default

    def page(self, *, longest: int | None = None) -> slice:
        """The part of a list that was requested; a senseless limit means the default one.

        Raises: `RegistryError` 400, 404.
        """
        offset, limit = self.number("offset", 0), self.number("limit", -1)
        if offset < 0:
            raise ErrorCode.BAD_REQUEST.refusal(f"offset must not be negative: {offset}")
        if limit <= 0 or (longest is not None and limit > longest):
            return slice(offset, None if longest is None else offset + longest)
        return slice(offset, offset + limit)

    def paged(self, values: Iterable[JsonValue]) -> list[JsonValue]:
        """The requested part of `values`."""
        return list(values)[self.page()]

    @property
    def named_subject(self) -> str:
        """The subject as the URL spells it."""
        return self.path["subject"]

    @cached_property
    def subject(self) -> QualifiedSubject:
        """The subject meant: an alias stands for its target.

        Raises: `RegistryError` 42208 for a name that would mean another context.
        """
        named = self.named_subject
        subject = qualified(target_of_alias(self.session, named))
        if subject.is_ambiguous or qualified(named).is_ambiguous:
            raise ErrorCode.INVALID_SUBJECT.refusal(named)
        return subject

    def need(self, right: Right, subject: str) -> None:
        """Nothing, if the principal has `right` on `subject` too.

        Raises: `RegistryError` 403/40301.
        """
        if not self.allows(right, subject):
            raise denied(right, subject)

    @property
    def shows_texts(self) -> bool:
        """Whether the principal may read the schemas of the subject that is meant."""
        return self.allows(Right.READ, str(self.subject))

    @property
    def asked_subject(self) -> str | None:
        """The `subject` of the query, an alias replaced."""
        subject = self.word("subject")
        return None if subject is None else target_of_alias(self.session, subject)

    @property
    def version(self) -> VersionSelector:
        """The version of the URL.

        Raises: `RegistryError` 42202.
        """
        text = self.path["version"].strip()
        if text.lower() == "latest" or text == "-1":
            return "latest"
        if not _INTEGER.fullmatch(text) or not 1 <= int(text) <= INT_MAX:
            raise ErrorCode.INVALID_VERSION.refusal(self.path["version"])
        return Version(int(text))

    @property
    def id(self) -> int:
        """Raises: `RegistryError` 404."""
        return integer_or_not_found(self.path["id"])
