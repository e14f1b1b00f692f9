"""What schemareg.toml gives to a subject beyond its schema: level, mode, alias, metadata, rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace

from schemareg.findings import Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.patterns import matches_glob
from schemareg.settings.toml_table import Table
from schemareg.subjects import CompatibilityLevel, Metadata, Mode, Subject, Version

INHERIT = "inherit"
"""The level that is none: the subject's own is removed, and what is above it counts."""


@dataclass(frozen=True, slots=True)
class SubjectSettings:
    """Settings of a subject, a topic or a pattern; None: not set there.

    `inherits_level`: the subject shall have no level of its own. `semantic` is the severity of a
    change that Avro allows and that changes what values mean, `removal` that of a field removed
    without a deprecation, or before its day.
    """

    level: CompatibilityLevel | None = None
    inherits_level: bool | None = None
    mode: Mode | None = None
    alias: str | None = None
    normalize: bool | None = None
    metadata: Metadata | None = None
    rule_set: Mapping[str, object] | None = None
    semantic: Severity | None = None
    removal: Severity | None = None
    references: Mapping[str, Version] | None = None

    def over(self, other: SubjectSettings) -> SubjectSettings:
        """These settings, and those of `other` where these have none."""
        if other == NOTHING_SET or self == NOTHING_SET:  # nearly always, and thousands of times
            return self if other == NOTHING_SET else other
        mine = {f.name: v for f in fields(self) if (v := getattr(self, f.name)) is not None}
        if self.level is not None or self.inherits_level:
            # a level and its absence are one setting
            mine |= {"level": self.level, "inherits_level": self.inherits_level}
        return replace(other, **mine)


NOTHING_SET = SubjectSettings()


def read_settings(table: Table) -> SubjectSettings:
    """The settings in `table`, whose other keys are left to the caller.

    Raises:
        UsageError: an unknown word, or a value of the wrong kind.
    """
    inherits = table.values.get("level") == INHERIT
    level = None if inherits else table.choice("level", CompatibilityLevel)
    table.read |= {"level", "metadata", "rule_set", "references"}
    rules = table.table("rule_set").values if "rule_set" in table.values else None
    return SubjectSettings(
        level,
        inherits or None,
        table.choice("mode", Mode),
        table.text("alias"),
        table.flag("normalize"),
        _metadata(table.table("metadata")) if "metadata" in table.values else None,
        rules,
        table.choice("semantic", Severity),
        table.choice("removal", Severity),
        _pins(table.table("references")) if "references" in table.values else None,
    )


def _pins(table: Table) -> Mapping[str, Version]:
    pins = {}
    for name in table.values:
        version = table.number(name)
        if not version:
            table.fail(name, "a version is a whole number from 1")
        pins[name] = Version(version)
    return pins


def _metadata(table: Table) -> Metadata:
    tags, properties = table.table("tags"), table.table("properties")
    found = Metadata(
        {path: tags.texts(path) or () for path in tags.values},
        {name: properties.text(name) or "" for name in properties.values},
        table.texts("sensitive") or (),
    )
    table.finish()
    return found


def is_pattern(name: str) -> bool:
    """Whether `name` stands for several subjects."""
    return "*" in name or "?" in name


def settings_for(
    subject: Subject,
    configured: Iterable[tuple[str, SubjectSettings]],
    topic: SubjectSettings = NOTHING_SET,
) -> SubjectSettings:
    """The settings of `subject`: its own, over those of its topic, over those of patterns.

    Of several patterns that match, a later one counts before an earlier one.
    """
    own, by_pattern = NOTHING_SET, NOTHING_SET
    for name, settings in configured:
        if name == subject:
            own = settings
        elif is_pattern(name) and matches_glob(name, subject):
            by_pattern = settings.over(by_pattern)
    return own.over(topic).over(by_pattern)
