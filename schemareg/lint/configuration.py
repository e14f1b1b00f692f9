"""The `[lint]` table of the configuration, validated against the rules."""

from __future__ import annotations

from collections.abc import Mapping

from schemareg.findings import Severity
from schemareg.lint import RULES
from schemareg.lint.rule import Rule, rules_by_word
from schemareg.lint.settings import (
    ConfiguredSuppression,
    LintSettings,
    OptionValue,
    Preset,
    RuleSetting,
)
from schemareg.patterns import compile_pattern
from schemareg.settings.toml_table import Table
from schemareg.suggestions import did_you_mean


def lint_settings(table: Table) -> LintSettings:
    """The settings in `table`; rules are named by name or code.

    Raises:
        UsageError: an unknown rule, option or word, or an ignore without a reason.
    """
    known = rules_by_word(RULES)
    settings: dict[str, RuleSetting] = {}
    chosen = table.table("rules")
    for word in chosen.values:
        rule = known.get(word)
        if rule is None:
            chosen.fail(word, f"unknown rule {word!r}", did_you_mean(word, known))
        if rule.name in settings:
            chosen.fail(word, f"{rule.name!r} is configured twice", f"{word!r} names it again")
        if isinstance(chosen.values[word], dict):
            setting = _rule_table(chosen.table(word), rule)
        else:
            setting = _severity(chosen, word)
        if setting.off and rule.check is None:
            chosen.fail(
                word,
                f"{word!r} cannot be off: a file that breaks it is no Avro schema",
                "correct the file, or take it out of the roots",
            )
        settings[rule.name] = setting
    targets = _targets(table)
    suppressions = tuple(_suppression(entry, known) for entry in table.tables("ignore"))
    preset = table.choice("preset", Preset) or Preset.RECOMMENDED
    baseline = table.text("baseline")
    ratchet = _ratchet(table, known)
    table.finish()
    return LintSettings(
        preset, settings, suppressions, table.shown or None, baseline, ratchet, targets
    )


def _targets(table: Table) -> tuple[str, ...]:
    """The languages that read the events, for each rule that has the option `targets`."""
    targets = table.texts("targets") or ()
    known = {word for rule in RULES for word in rule.choices.get("targets", ())}
    for word in targets:
        if word not in known:
            table.fail("targets", f"unknown language {word!r}", did_you_mean(word, known))
    return targets


def _ratchet(table: Table, known: Mapping[str, Rule]) -> frozenset[str]:
    """The rules that report only what a change touches; `*` stands for all that can be off."""
    can_be_off = {rule.name for rule in RULES if rule.check is not None}
    rules: set[str] = set()
    for word in table.texts("ratchet") or ():
        if word == "*":
            rules |= can_be_off
        elif word not in known:
            table.fail("ratchet", f"unknown rule {word!r}", did_you_mean(word, known))
        elif known[word].name not in can_be_off:
            advice = "correct the file, or take it out of the roots"
            table.fail("ratchet", f"{word!r} is about what is no Avro schema", advice)
        else:
            rules.add(known[word].name)
    return frozenset(rules)


_SEVERITIES = (*(s.value for s in Severity), "off")


def _severity(table: Table, key: str) -> RuleSetting:
    given = table.text(key)
    if given is None:
        return RuleSetting()
    if given not in _SEVERITIES:
        table.fail(key, f"unknown severity {given!r}", did_you_mean(given, _SEVERITIES))
    return RuleSetting(off=True) if given == "off" else RuleSetting(Severity(given))


def _rule_table(table: Table, rule: Rule) -> RuleSetting:
    severity = _severity(table, "severity")
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
    return RuleSetting(severity.severity, severity.off, given)


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
