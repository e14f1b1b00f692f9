"""Answers as JSON: members in Confluent's order, empty ones left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemareg.avro.schema import JsonDict, JsonValue
from schemareg.registry.api.contexts import DEFAULT_CONTEXT, qualified_in
from schemareg.registry.service.metadata import metadata_to
from schemareg.registry.service.profile import Profile
from schemareg.registry.service.registering import Registered
from schemareg.registry.service.settings import MEMBERS, level_of
from schemareg.registry.store import AVRO, Content, Holder, StoredVersion


def version_object(
    version: StoredVersion,
    profile: Profile,
    *,
    text: str | None = None,
    tags: Sequence[JsonValue] = (),
    qualify: bool = False,
    with_time: bool = True,
) -> JsonDict:
    """A version; `text` replaces the stored spelling, `with_time` adds when it was written."""
    content = version.content
    answer: JsonDict = {
        "subject": version.subject,
        "version": version.version,
        "id": content.id,
    }
    _add_content(answer, content, profile, text, qualify)
    if tags:
        answer["schemaTags"] = list(tags)
    if with_time:
        _add_when(answer, version, profile)
    return _without_empty(answer)


def content_object(
    content: Content,
    version: StoredVersion | Holder | None,
    profile: Profile,
    *,
    text: str | None = None,
    tags: Sequence[JsonValue] = (),
    qualify: bool = False,
    max_id: int | None = None,
    names_version: bool = True,
) -> JsonDict:
    """What an id or a GUID stands for."""
    answer: JsonDict = {}
    if version and names_version and profile.tells_everything:
        answer["subject"] = version.subject
        answer["version"] = version.version
    _add_content(answer, content, profile, text, qualify)
    if max_id is not None:
        answer["maxId"] = max_id
    if tags:
        answer["schemaTags"] = list(tags)
    if version:
        _add_when(answer, version, profile)
    return _without_empty(answer)


def registered_object(registered: Registered, profile: Profile) -> JsonDict:
    """What register answers: in 7.x the id alone, unless there is more to it than was sent."""
    version, content = registered.match.version, registered.match.version.content
    answer: JsonDict = {"id": content.id}
    if not profile.tells_everything and not registered.altered:
        return answer
    answer["version"] = version.version
    _add_content(answer, content, profile, None, False)
    if registered.match.by_row:
        _add_when(answer, version, profile)
    return _without_empty(answer)


def _add_content(
    answer: JsonDict, content: Content, profile: Profile, text: str | None, qualify: bool
) -> None:
    if profile.tells_everything:
        answer["guid"] = content.guid
    if profile.tells_everything or content.schema_type != AVRO:
        answer["schemaType"] = content.schema_type
    answer["references"] = [
        _without_empty(
            {"name": r.name, "subject": _subject(content, r.subject, qualify), "version": r.version}
        )
        for r in content.references
    ]
    if content.metadata is not None:
        answer["metadata"] = metadata_to(content.metadata)
    if content.rule_set is not None:
        answer["ruleSet"] = dict(content.rule_set)
    answer["schema"] = content.text if text is None else text


def _subject(content: Content, subject: str, qualify: bool) -> str:
    if qualify and content.context != DEFAULT_CONTEXT:
        return str(qualified_in(content.context, subject))
    return subject


def _add_when(answer: JsonDict, version: StoredVersion | Holder, profile: Profile) -> None:
    if profile.tells_everything:
        answer["ts"] = version.written_ms
        answer["deleted"] = version.deleted


def _without_empty(answer: JsonDict) -> JsonDict:
    return {key: value for key, value in answer.items() if value not in (None, "", [])}


def config_object(config: Mapping[str, JsonValue]) -> JsonDict:
    """A configuration as GET and DELETE tell it: always with a level."""
    answer = updated_config_object(config)
    answer.pop("compatibility", None)
    return {**answer, "compatibilityLevel": str(level_of(config))}


def updated_config_object(config: Mapping[str, JsonValue]) -> JsonDict:
    """A configuration as PUT echoes it."""
    return {member: config[member] for member in MEMBERS if config.get(member) is not None}
