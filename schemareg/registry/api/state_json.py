"""A state as JSON and back: the bundle's whole file, and what the snapshot's subject.json holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import TypeVar

from schemareg.avro.schema import JsonValue
from schemareg.errors import ContentError
from schemareg.places import Location
from schemareg.registry.api.state import Origin, RegistryState, StoredVersion, SubjectState
from schemareg.registry.api.types import Config, Metadata, Mode, RuleSet
from schemareg.subjects import CompatibilityLevel, Reference, SchemaId, Subject, Version
from schemareg.suggestions import did_you_mean

FORMAT_VERSION = 1
E = TypeVar("E", bound=StrEnum)
_WIRE_NAMES: Mapping[str, str] = {
    "level": "compatibilityLevel",
    "normalize": "normalize",
    "alias": "alias",
    "compatibility_group": "compatibilityGroup",
    "compatibility_policy": "compatibilityPolicy",
    "validate_fields": "validateFields",
    "validate_rules": "validateRules",
    "validate_new_schemas": "validateNewSchemas",
    "default_metadata": "defaultMetadata",
    "override_metadata": "overrideMetadata",
    "default_rule_set": "defaultRuleSet",
    "override_rule_set": "overrideRuleSet",
}
"""What the protocol calls the members of a configuration."""


def to_json(state: RegistryState) -> dict[str, JsonValue]:
    """`state` as a JSON object; `from_json` gives an equal state."""
    return {
        "format_version": FORMAT_VERSION,
        "subjects": [
            subject_to_json(held, texts=True)
            for _, held in sorted(state.subjects.items(), key=lambda item: item[0])
        ],
    }


def subject_to_json(held: SubjectState, *, texts: bool) -> dict[str, JsonValue]:
    """A subject as a JSON object; what is unset is left out, and ids go with the texts."""
    value: dict[str, JsonValue] = {"subject": held.subject}
    if held.level is not None:
        value["level"] = held.level.value
    if held.mode is not None:
        value["mode"] = held.mode.value
    value["versions"] = [version_to_json(version, texts=texts) for version in held.versions]
    return value


def version_to_json(version: StoredVersion, *, texts: bool) -> JsonValue:
    """A version as a JSON object; what is unset is left out, and ids go with the texts."""
    value: dict[str, JsonValue] = {"version": version.version}
    if version.deleted:
        value["deleted"] = True
    if texts and version.id is not None:
        value["id"] = version.id
    if texts and version.guid is not None:
        value["guid"] = version.guid
    if version.metadata is not None:
        value["metadata"] = metadata_to_json(version.metadata)
    if version.rule_set is not None:
        value["ruleSet"] = dict(version.rule_set)
    if version.references:
        value["references"] = [
            {"name": r.name, "subject": r.subject, "version": r.version} for r in version.references
        ]
    if texts:
        value["schema"] = version.text
    return value


def config_to_json(config: Config) -> dict[str, JsonValue]:
    """A configuration in the protocol's names; what is unset is left out."""
    value: dict[str, JsonValue] = {}
    for member in fields(config):
        held = getattr(config, member.name)
        if held is not None:
            value[_WIRE_NAMES[member.name]] = (
                metadata_to_json(held) if isinstance(held, Metadata) else held
            )
    return value


def metadata_to_json(metadata: Metadata) -> JsonValue:
    """Metadata in the protocol's names; what is empty is left out."""
    value: dict[str, JsonValue] = {}
    if metadata.tags:
        value["tags"] = {path: list(tags) for path, tags in metadata.tags.items()}
    if metadata.properties:
        value["properties"] = dict(metadata.properties)
    if metadata.sensitive:
        value["sensitive"] = list(metadata.sensitive)
    return value


def from_json(value: JsonValue, *, shown: str) -> RegistryState:
    """The state that `to_json` described; `shown` names the file in messages.

    Raises:
        ContentError: it is not such an object, or a reference has no version here.
    """
    read = StateReader(shown, advice="write the bundle again")
    whole = read.object(value, "a bundle")
    if whole.get("format_version") != FORMAT_VERSION:
        raise read.refusal(
            f"not a bundle of format {FORMAT_VERSION}: format_version is"
            f" {whole.get('format_version')!r}"
        )
    subjects: dict[Subject, SubjectState] = {}
    for entry in read.list(whole.get("subjects"), "'subjects'"):
        held = read.subject(entry, texts=True)
        if held.subject in subjects:
            raise read.refusal(f"subject {held.subject!r} is in it twice")
        subjects[held.subject] = held
    state = RegistryState(subjects, Origin(f"the bundle {shown}"))
    check_references(state, read)
    return state


def check_references(state: RegistryState, read: StateReader) -> None:
    """Every version that is referred to is held.

    Raises:
        ContentError: one is not.
    """
    for held in state.subjects.values():
        for version in held.versions:
            for used in version.references:
                if state.version(used.subject, used.version) is None:
                    raise read.refusal(
                        f"{held.subject!r} version {version.version} refers to"
                        f" {used.subject!r} version {used.version}, which is not in it"
                    )


class StateReader:
    """JSON values -> parts of a state; a refusal names the file shown as `shown`."""

    def __init__(self, shown: str, *, advice: str) -> None:
        self._shown = shown
        self._advice = advice

    def refusal(self, message: str, advice: str | None = None) -> ContentError:
        return ContentError(message, location=Location(self._shown), advice=advice or self._advice)

    def object(self, value: JsonValue, what: str) -> Mapping[str, JsonValue]:
        if not isinstance(value, dict):
            raise self.refusal(f"{what} is not a JSON object: {_short(value)}")
        return value

    def list(self, value: JsonValue, what: str) -> Sequence[JsonValue]:
        if not isinstance(value, list):
            raise self.refusal(f"{what} is not a JSON array: {_short(value)}")
        return value

    def text(self, entry: Mapping[str, JsonValue], key: str) -> str:
        found = entry.get(key)
        if not isinstance(found, str):
            raise self.refusal(f"{key!r} is not a string: {_short(found)}")
        return found

    def subject(self, value: JsonValue, *, texts: bool) -> SubjectState:
        """A subject; without `texts` those of its versions are empty."""
        entry = self.object(value, "a subject")
        versions = tuple(
            self.version(v, texts=texts) for v in self.list(entry.get("versions"), "'versions'")
        )
        numbers = {version.version for version in versions}
        if len(numbers) < len(versions):
            raise self.refusal("a version is in it twice")
        return SubjectState(
            Subject(self.text(entry, "subject")),
            tuple(sorted(versions, key=lambda version: version.version)),
            self.word(entry.get("level"), CompatibilityLevel, "level"),
            self.word(entry.get("mode"), Mode, "mode"),
        )

    def word(self, value: JsonValue, words: type[E], what: str) -> E | None:
        if value is None:
            return None
        known = [word.value for word in words]
        if value not in known:
            raise self.refusal(f"unknown {what} {value!r}", did_you_mean(str(value).upper(), known))
        return words(str(value))

    def flag(self, entry: Mapping[str, JsonValue], key: str) -> bool | None:
        found = entry.get(key)
        if found is not None and not isinstance(found, bool):
            raise self.refusal(f"{key!r} is neither true nor false: {_short(found)}")
        return found

    def rule_set(self, value: JsonValue) -> RuleSet | None:
        return None if value is None else self.object(value, "a rule set")

    def config(self, value: JsonValue) -> Config:
        entry = self.object(value, "a configuration")
        texts = ("alias", "compatibilityGroup", "compatibilityPolicy")
        alias, group, policy = (self.text(entry, n) if n in entry else None for n in texts)
        return Config(
            self.word(entry.get("compatibilityLevel"), CompatibilityLevel, "level"),
            self.flag(entry, "normalize"),
            alias,
            group,
            policy,
            self.flag(entry, "validateFields"),
            self.flag(entry, "validateRules"),
            self.flag(entry, "validateNewSchemas"),
            self.metadata(entry.get("defaultMetadata")),
            self.metadata(entry.get("overrideMetadata")),
            self.rule_set(entry.get("defaultRuleSet")),
            self.rule_set(entry.get("overrideRuleSet")),
        )

    def version(self, value: JsonValue, *, texts: bool) -> StoredVersion:
        entry = self.object(value, "a version")
        number, id = entry.get("version"), entry.get("id")
        rules, guid = entry.get("ruleSet"), entry.get("guid")
        if type(number) is not int or number < 1:
            raise self.refusal(f"not the number of a version: {_short(number)}")
        return StoredVersion(
            Version(number),
            self.text(entry, "schema") if texts else "",
            tuple(map(self.reference, self.list(entry.get("references", []), "'references'"))),
            self.metadata(entry.get("metadata")),
            self.rule_set(rules),
            entry.get("deleted") is True,
            SchemaId(id) if type(id) is int else None,
            guid if isinstance(guid, str) else None,
        )

    def reference(self, value: JsonValue) -> Reference:
        match value:
            case {"name": str(name), "subject": str(subject), "version": int(version)}:
                return Reference(name, Subject(subject), Version(version))
            case _:
                raise self.refusal(f"not a reference: {_short(value)}")

    def metadata(self, value: JsonValue) -> Metadata | None:
        if value is None:
            return None
        entry = self.object(value, "'metadata'")
        tags = self.object(entry.get("tags", {}), "'tags'")
        properties = self.object(entry.get("properties", {}), "'properties'")
        return Metadata(
            {p: tuple(map(str, self.list(t, "a list of tags"))) for p, t in tags.items()},
            {name: str(text) for name, text in properties.items()},
            tuple(map(str, self.list(entry.get("sensitive", []), "'sensitive'"))),
        )


def _short(value: JsonValue) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"
