"""The `[lint]` table of the configuration, and what it extends, validated against the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from schemareg.findings import Severity
from schemareg.lint import RULES
from schemareg.lint.extended import read_policy
from schemareg.lint.plugins import plugin_rules
from schemareg.lint.rule import Rule, rules_by_word
from schemareg.lint.settings import (
    ConfiguredSuppression,
    LintSettings,
    OptionValue,
    Override,
    Preset,
    RuleSetting,
)
from schemareg.patterns import compile_pattern
from schemareg.places import Location
from schemareg.settings.toml_table import Table
from schemareg.suggestions import did_you_mean
from schemareg.workspace import Config

_ALWAYS_RUNS = "correct the file, or take it out of the roots"
_SEVERITIES = (*(s.value for s in Severity), "off")


def rules_of(config: Config) -> tuple[Rule, ...]:
    """Every rule that `config` knows: our own, and those of its plugins.

    Raises:
        UsageError: a plugin that is not there, or fails.
    """
    return (*RULES, *plugin_rules(config, RULES)) if "plugins" in config.lint.values else RULES


def lint_settings(config: Config, rules: Sequence[Rule] = ()) -> LintSettings:
    """The settings in the `[lint]` table of `config`, over those that it extends.

    `rules` are those of `rules_of`, where they are known already.

    Raises:
        UsageError: an unknown rule, option or word, an ignore without a reason, or a policy that
            is not there.
    """
    table = config.lint
    table.read.add("plugins")
    rules = rules or rules_of(config)
    home = config.source.parent if config.source else config.cwd
    extends = table.texts("extends") or ()
    base = LintSettings(cwd=config.cwd.as_posix(), home=home.as_posix())
    for word in extends:
        base = _over(_policy(read_policy(config, table, word), rules), base)
    return _over(_own(table, rules), base)


def _over(own: LintSettings, base: LintSettings) -> LintSettings:
    """`own`, and what `base` gives where `own` is silent."""
    overrides = (*base.overrides, *own.overrides)
    return replace(
        own,
        preset=own.preset if "preset" in own.origins else base.preset,
        rules={**base.rules, **own.rules},
        ratchet=own.ratchet if "ratchet" in own.origins else base.ratchet,
        targets=own.targets if "targets" in own.origins else base.targets,
        overrides=tuple(replace(o, number=n) for n, o in enumerate(overrides, 1)),
        origins={**base.origins, **own.origins},
        cwd=base.cwd,
        home=base.home,
    )


def _policy(table: Table, rules: Sequence[Rule]) -> LintSettings:
    """The settings of a policy that others extend: it accepts nothing of a project."""
    settings = _common(table, rules)
    for key in ("ignore", "baseline", "extends", "plugins"):
        if key in table.values:
            table.fail(key, "a policy that is extended cannot have it", "move it to the project")
    table.finish()
    return settings


def _own(table: Table, rules: Sequence[Rule]) -> LintSettings:
    known = rules_by_word(rules)
    settings = replace(
        _common(table, rules),
        suppressions=tuple(_suppression(entry, known) for entry in table.tables("ignore")),
        baseline=table.text("baseline"),
        path=table.shown or None,
    )
    table.finish()
    return settings


def _common(table: Table, rules: Sequence[Rule]) -> LintSettings:
    """What a project and a policy that it extends may have alike."""
    known = rules_by_word(rules)
    preset = table.choice("preset", Preset)
    keys = ("preset", "ratchet", "targets")
    return LintSettings(
        preset=preset or Preset.RECOMMENDED,
        rules=_rules(table.table("rules"), known),
        ratchet=_ratchet(table, known),
        targets=_targets(table, rules),
        overrides=tuple(
            _override(entry, number, known)
            for number, entry in enumerate(table.tables("overrides"), 1)
        ),
        origins={key: table.location(key) for key in keys if key in table.values},
    )


def _rules(chosen: Table, known: Mapping[str, Rule]) -> Mapping[str, RuleSetting]:
    settings: dict[str, RuleSetting] = {}
    for word in chosen.values:
        rule = known.get(word)
        if rule is None:
            chosen.fail(word, f"unknown rule {word!r}", did_you_mean(word, known))
        if rule.name in settings:
            chosen.fail(word, f"{rule.name!r} is configured twice", f"{word!r} names it again")
        origin = chosen.location(word)
        if isinstance(chosen.values[word], dict):
            setting = _rule_table(chosen.table(word), rule, origin)
        else:
            setting = _severity(chosen, word, origin)
        if setting.off and rule.check is None:
            chosen.fail(
                word,
                f"{word!r} cannot be off: a file that breaks it is no Avro schema",
                _ALWAYS_RUNS,
            )
        if rule.check is None and setting.severity and setting.severity.rank > rule.severity.rank:
            chosen.fail(
                word,
                f"{word!r} cannot be less than {rule.severity}: a file that breaks it is no Avro"
                " schema",
                _ALWAYS_RUNS,
            )
        settings[rule.name] = setting
    return settings


def _override(table: Table, number: int, known: Mapping[str, Rule]) -> Override:
    paths, subjects = table.texts("paths") or (), table.texts("subjects") or ()
    if not paths and not subjects:
        advice = 'give patterns: paths = ["schemas/legacy/*"] or subjects = ["orders-*"]'
        table.fail("paths", "an override is for some paths or subjects", advice)
    preset = table.choice("preset", Preset)
    override = Override(number, paths, subjects, preset, _rules(table.table("rules"), known))
    if preset is None and not override.rules:
        table.fail("rules", "an override without a preset and rules", "give one of them")
    table.finish()
    return replace(override, origin=table.location("paths" if paths else "subjects"))


def _targets(table: Table, rules: Sequence[Rule]) -> tuple[str, ...]:
    """The languages that read the events, for each rule that has the option `targets`."""
    targets = table.texts("targets") or ()
    known = {word for rule in rules for word in rule.choices.get("targets", ())}
    for word in targets:
        if word not in known:
            table.fail("targets", f"unknown language {word!r}", did_you_mean(word, known))
    return targets


def _ratchet(table: Table, known: Mapping[str, Rule]) -> tuple[str, ...]:
    """The rules that report only what a change touches; `*` stands for all that can be off."""
    can_be_off = {rule.name for rule in known.values() if rule.check is not None}
    rules: set[str] = set()
    for word in table.texts("ratchet") or ():
        if word == "*":
            rules |= can_be_off
        elif word not in known:
            table.fail("ratchet", f"unknown rule {word!r}", did_you_mean(word, known))
        elif known[word].name not in can_be_off:
            table.fail("ratchet", f"{word!r} is about what is no Avro schema", _ALWAYS_RUNS)
        else:
            rules.add(known[word].name)
    return tuple(sorted(rules))


def _severity(table: Table, key: str, origin: Location) -> RuleSetting:
    given = table.text(key)
    if given is None:
        return RuleSetting(origin=origin)
    if given not in _SEVERITIES:
        table.fail(key, f"unknown severity {given!r}", did_you_mean(given, _SEVERITIES))
    if given == "off":
        return RuleSetting(off=True, origin=origin)
    return RuleSetting(Severity(given), origin=origin)


def _rule_table(table: Table, rule: Rule, origin: Location) -> RuleSetting:
    severity = _severity(table, "severity", origin)
    given: dict[str, OptionValue] = {}
    for name, default in rule.options.items():
        value: OptionValue | None
        match default:
            case bool():
                value = table.flag(name)
            case int():
                value = table.number(name)
            case str():
                value = table.text(name)
            case _:
                value = table.texts(name)
        if value is None:
            continue
        for word in value if isinstance(value, tuple) else (value,):
            known = rule.choices.get(name)
            if name == "pattern":
                _check_pattern(table, name, str(word))
            if known and word not in known:
                table.fail(name, f"unknown word {word!r}", did_you_mean(str(word), known))
        given[name] = value
    table.finish()
    return replace(severity, options=given)


def _check_pattern(table: Table, key: str, pattern: str) -> None:
    try:
        compile_pattern(pattern)
    except ValueError as problem:
        table.fail(key, f"the pattern {pattern[:80]!r} {problem}", "simplify it")


def _suppression(table: Table, known: Mapping[str, Rule]) -> ConfiguredSuppression:
    word, reason = table.text("rule"), table.text("reason")
    element, path = table.text("element"), table.text("path")
    if word is None:
        table.fail("rule", "no rule is named", "name the rule to ignore")
    rule = known.get(word)
    if rule is None:
        table.fail("rule", f"unknown rule {word!r}", did_you_mean(word, known))
    if not (reason and reason.strip()):
        table.fail("reason", f"{word!r} is ignored without a reason", "add the reason")
    if (element is None) == (path is None):
        table.fail("element", "an ignore is for one element or one path", "give exactly one")
    table.finish()
    return ConfiguredSuppression(rule.name, reason, element, path)
