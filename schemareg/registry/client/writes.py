"""Registering, looking up, judging and deleting schemas.

A write whose answer is lost is never simply sent again: each looks first whether it took effect.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemareg.errors import RegistryError, RegistryUnavailableError
from schemareg.registry.api.types import (
    CompatibilityAnswer,
    ElementTags,
    Metadata,
    RegisteredSchema,
    RuleSet,
)
from schemareg.registry.client import endpoints
from schemareg.registry.client.calls import (
    SCHEMA_NOT_FOUND,
    SUBJECT_NOT_FOUND,
    VERSION_NOT_FOUND,
)
from schemareg.registry.client.reads import Reads
from schemareg.registry.client.script import Script
from schemareg.registry.client.session import Found
from schemareg.subjects import Reference, SchemaId, Subject, Version, VersionSelector


class Writes(Reads):
    """The scripts about one schema text, and those that delete."""

    def register(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        normalize: bool = False,
        version: Version | None = None,
        id: SchemaId | None = None,
        rule_set: RuleSet | None = None,
        tags_to_add: Sequence[ElementTags] = (),
        tags_to_remove: Sequence[ElementTags] = (),
    ) -> Script[RegisteredSchema]:
        """`POST /subjects/{subject}/versions`: the version that now holds `text`, new or not.

        `version` is a compare-and-set (it must be the next one); `id` needs mode IMPORT. Tags are
        worked into the text by the registry.

        Raises:
            IncompatibleSchemaError: the subject's level forbids the change.
        """

        def looked_up() -> Script[RegisteredSchema]:
            return self._call(
                endpoints.lookup(
                    subject,
                    text,
                    references=references,
                    metadata=metadata,
                    rule_set=rule_set,
                    normalize=normalize,
                )
            )

        def look() -> Script[Found[RegisteredSchema | SchemaId] | None]:
            try:
                return Found((yield from looked_up()))
            except RegistryError as error:
                if error.code in (SUBJECT_NOT_FOUND, SCHEMA_NOT_FOUND):
                    return None
                raise

        # with its tags changed it is another text, which no lookup of this one finds
        alters_text = bool(tags_to_add or tags_to_remove)
        self._latest.pop(subject, None)
        registered = yield from self._call(
            endpoints.register(
                subject,
                text,
                references=references,
                metadata=metadata,
                normalize=normalize,
                version=version,
                id=id,
                rule_set=rule_set,
                tags_to_add=tags_to_add,
                tags_to_remove=tags_to_remove,
            ),
            look=None if alters_text else look,
        )
        if isinstance(registered, RegisteredSchema):
            return registered
        return (yield from (self._with_id(subject, registered) if alters_text else looked_up()))

    def change_tags(
        self,
        subject: Subject,
        version: VersionSelector,
        *,
        add: Sequence[ElementTags] = (),
        remove: Sequence[ElementTags] = (),
    ) -> Script[RegisteredSchema]:
        """`POST /subjects/{subject}/versions/{version}/tags`: a new version with other tags."""
        self._latest.pop(subject, None)
        registered = yield from self._call(
            endpoints.change_tags(subject, version, add=add, remove=remove)
        )
        if isinstance(registered, RegisteredSchema):
            return registered
        return (yield from self._with_id(subject, registered))

    def _with_id(self, subject: Subject, id: SchemaId) -> Script[RegisteredSchema]:
        """The newest version of `subject` with `id`, for registries that answer the id alone."""
        for used in (yield from self.get_schema_versions(id)):
            if used.subject == subject:
                return (yield from self.get_version(subject, used.version))
        raise RegistryUnavailableError(
            f"{subject}: registered under id {id}, which the registry does not show there",
            advice="look at the subject's versions",
        )

    def lookup(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        rule_set: RuleSet | None = None,
        normalize: bool = False,
        deleted: bool = False,
    ) -> Script[RegisteredSchema]:
        """`POST /subjects/{subject}`: the version that holds `text`; 40401 or 40403 if none."""
        return self._call(
            endpoints.lookup(
                subject,
                text,
                references=references,
                metadata=metadata,
                rule_set=rule_set,
                normalize=normalize,
                deleted=deleted,
            )
        )

    def delete_subject(
        self, subject: Subject, *, permanent: bool = False
    ) -> Script[tuple[Version, ...]]:
        """`DELETE /subjects/{subject}`: the versions that were deleted."""
        self._forget(subject)
        if permanent:
            # afterwards nothing tells any more which versions there were
            versions = yield from self.get_versions(subject, deleted=True)
        else:
            versions = ()

        def look() -> Script[Found[tuple[Version, ...]] | None]:
            try:
                yield from self.get_versions(subject, deleted=permanent)
            except RegistryError as error:
                if error.code != SUBJECT_NOT_FOUND:
                    raise
                if permanent:
                    return Found(versions)
                return Found((yield from self.get_versions(subject, deleted_only=True)))
            return None

        return (
            yield from self._call(endpoints.delete_subject(subject, permanent=permanent), look=look)
        )

    def delete_version(
        self, subject: Subject, version: VersionSelector, *, permanent: bool = False
    ) -> Script[Version]:
        """`DELETE /subjects/{subject}/versions/{version}`: the version that was deleted."""
        self._forget(subject)
        endpoint = endpoints.delete_version(subject, version, permanent=permanent)
        if version == "latest":
            # sent twice it would delete two versions, and no look can tell one from two
            return (yield from self._call(endpoint))
        number = version

        def look() -> Script[Found[Version] | None]:
            try:
                yield from self._call(endpoints.get_version(subject, number, deleted=permanent))
            except RegistryError as error:
                if error.code not in (SUBJECT_NOT_FOUND, VERSION_NOT_FOUND):
                    raise
                return Found(number)
            return None

        return (yield from self._call(endpoint, look=look))

    def check_compatibility(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        version: VersionSelector | None = None,
        normalize: bool = False,
    ) -> Script[CompatibilityAnswer]:
        """`POST /compatibility/subjects/{subject}/versions[/{version}]`, verbose.

        The registry's verdict against `version`, or (None) against all that its level names.
        """
        return self._call(
            endpoints.check_compatibility(
                subject,
                text,
                references=references,
                metadata=metadata,
                version=version,
                normalize=normalize,
            )
        )

    def delete_context(self, context: str) -> Script[None]:
        """`DELETE /contexts/{context}`: an empty context is gone (8.x)."""

        def look() -> Script[Found[None] | None]:
            contexts = yield from self.get_contexts()
            return None if context in contexts else Found(None)

        return self._call(endpoints.delete_context(context), look=look)
