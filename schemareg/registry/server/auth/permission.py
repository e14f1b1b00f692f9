"""May this principal do that: judged on the subject that a request really means."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from schemareg.avro.schema import JsonValue
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import ANY_CONTEXT, DEFAULT_CONTEXT, context_of_path, qualified
from schemareg.registry.server.auth.rights import Right, Rights
from schemareg.registry.server.call import Call, denied
from schemareg.registry.server.routes import Route
from schemareg.registry.store import Content, Holder, StoredAssociation, StoredVersion, Tables
from schemareg.registry.store.tables import EVERYTHING
from schemareg.subjects import Subject

_EVERYWHERE = ("", ":.__GLOBAL:")
"""The keys whose configuration and mode concern every subject."""


@dataclass(frozen=True, slots=True)
class Permission:
    """What `rights` mean to one request."""

    rights: Rights

    def view(self, tables: Tables) -> Tables:
        """`tables` as far as the principal may read them."""
        return tables if self.rights.everything_readable else ReadableTables(tables, self.rights)

    def check(self, route: Route, call: Call) -> None:
        """Nothing, if `call` of `route` is allowed.

        What names no subject needs the right on anything to be read, and on everything to be
        changed. An alias is judged as its target, except where it is what is configured.

        Raises: `RegistryError` 403/40301.
        """
        right = route.right
        if "context" in call.path:
            context = context_of_path(call.path["context"]) or call.path["context"]
            allowed, meant = self.allows(right, f":{context}:"), context
        elif "subject" in call.path:
            is_setting = route.path.startswith(("/config", "/mode"))
            meant = call.named_subject if is_setting else str(call.subject)
            allowed = self.allows(right, meant)
        elif right is Right.READ:
            allowed, meant = self.rights.something_readable, "*"
        else:
            allowed, meant = self.rights.allow(right, None), "*"
        if not allowed:
            raise denied(right, meant)

    def allows(self, right: Right, text: str) -> bool:
        """Whether `right` holds on the subject, or context, or on everything, that `text` names."""
        subject = qualified(text)
        if subject.context == ANY_CONTEXT:
            return self.rights.allow(right, None)
        if str(subject) in _EVERYWHERE:
            return (
                self.rights.something_readable
                if right is Right.READ
                else self.rights.allow(right, None)
            )
        if subject.is_context:
            return self.rights.allow_in_context(right, subject.context)
        return self.rights.allow(right, Subject(str(subject)))


class ReadableTables(Tables):
    """Tables that list only what may be read.

    What a request names by subject and version stays whole: the route has judged the subject, and
    types that a readable schema refers to are part of it.
    """

    __slots__ = ("_rights",)

    def __init__(self, tables: Tables, rights: Rights) -> None:
        super().__init__(tables.connection)
        self._rights = rights

    def _sees(self, subject: str) -> bool:
        return self._rights.allow(Right.READ, Subject(subject))

    def _is_seen(self, content: Content) -> bool:
        return bool(self.holders_of(content.key, limit=1))

    def content(self, context: str, id: int) -> Content | None:
        found = super().content(context, id)
        return found if found and self._is_seen(found) else None

    def only_version(self, context: str, id: int) -> StoredVersion | None:
        found = super().only_version(context, id)
        return found if found and self._sees(found.subject) else None

    def contents_of_digest(self, digest: bytes) -> list[Content]:
        return [c for c in super().contents_of_digest(digest) if self._is_seen(c)]

    def holder_of(self, key: int, subject: str) -> Holder | None:
        return super().holder_of(key, subject) if self._sees(subject) else None

    def holders_of(self, key: int, *, limit: int = -1) -> list[Holder]:
        seen = [holder for holder in super().holders_of(key) if self._sees(holder.subject)]
        return seen if limit < 0 else seen[:limit]

    def users(self, subject: str, version: int, *, deleted: bool = False) -> list[StoredVersion]:
        users = super().users(subject, version, deleted=deleted)
        return [user for user in users if self._sees(user.subject)]

    def subjects(self, context: str | None, prefix: str) -> Iterator[tuple[str, bool]]:
        return (row for row in super().subjects(context, prefix) if self._sees(row[0]))

    def versions_within(
        self,
        context: str | None,
        prefix: str,
        *,
        deleted: bool,
        latest_only: bool = False,
        page: slice = EVERYTHING,
    ) -> Iterator[StoredVersion]:
        versions = super().versions_within(
            context, prefix, deleted=deleted, latest_only=latest_only
        )
        seen = (version for version in versions if self._sees(version.subject))
        return islice(seen, page.start, page.stop)

    def all_configs(self) -> list[tuple[str, dict[str, JsonValue]]]:
        return [row for row in super().all_configs() if self._sees(row[0])]

    def associations_of_resource(self, id: str, type: str) -> list[StoredAssociation]:
        found = super().associations_of_resource(id, type)
        return [each for each in found if self._sees(each.subject)]

    def associations_of_name(
        self, name: str, namespace: str | None, type: str
    ) -> list[StoredAssociation]:
        found = super().associations_of_name(name, namespace, type)
        return [each for each in found if self._sees(each.subject)]

    def contexts(self) -> list[str]:
        """The default context, and those that may be read as a whole."""
        return [
            context
            for context in super().contexts()
            if context == DEFAULT_CONTEXT or self._rights.allow_in_context(Right.READ, context)
        ]
