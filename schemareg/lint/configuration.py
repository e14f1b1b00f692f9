"""The `[lint]` table of the configuration, validated against the rules."""

from __future__ import annotations

from collections.abc import Iterable

from schemareg.findings import Severity
from schemareg.lint import RULES
from schemareg.lint.rule import AnyRule
from schemareg.lint.settings import Ignore, LintSettings, OptionValue, Preset, RuleSetting
from schemareg.patterns import compile_pattern
from schemareg.suggestions import did_you_mean
from schemareg.workspace.toml_table import Table


def lint_settings(table: Table) -> LintSettings:
    """The settings in `table`.

    Raises:
        UsageError: an unknown rule, option or word, or an ignore without a reason.
    """
    rules = {rule.id: rule for rule in RULES}
    settings: dict[str, RuleSetting] = {}
    chosen = table.table("rules")
    for rule_id in chosen.values:
        if rule_id not in rules:
            chosen.fail(rule_id, f"unknown rule {rule_id!r}", did_you_mean(rule_id, rules))
        if isinstance(chosen.values[rule_id], dict):
            settings[rule_id] = _rule_table(chosen.table(rule_id), rules[rule_id])
        else:
            settings[rule_id] = _severity(chosen, rule_id)
        if settings[rule_id].off and rules[rule_id].family == "validity":
            chosen.fail(
                rule_id,
                f"{rule_id!r} cannot be off: a file that breaks it is no Avro schema",
                "correct the file, or take it out of the roots",
            )
    ignores = tuple(_ignore(entry, rules) for entry in table.tables("ignore"))
    preset = table.choice("preset", Preset) or Preset.RECOMMENDED
    table.finish()
    return LintSettings(preset, settings, ignores, table.shown or None)


_SEVERITIES = (*(s.value for s in Severity), "off")


def _severity(table: Table, key: str) -> RuleSetting:
    given = table.text(key)
    if given is None:
        return RuleSetting()
    if given not in _SEVERITIES:
        table.fail(key, f"unknown severity {given!r}", did_you_mean(given, _SEVERITIES))
    return RuleSetting(off=True) if given == "off" else RuleSetting(Severity(given))


def _rule_table(table: Table, rule: AnyRule) -> RuleSetting:
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


def _ignore(table: Table, rules: Iterable[str]) -> Ignore:
    rule_id, reason = table.text("rule"), table.text("reason")
    element, path = table.text("element"), table.text("path")
    known = set(rules)
    if rule_id is None:
        table.fail("rule", "no rule named", "say which rule is ignored")
    if rule_id not in known:
        table.fail("rule", f"unknown rule {rule_id!r}", did_you_mean(rule_id, known))
    if not (reason and reason.strip()):
        table.fail("reason", f"{rule_id!r} is ignored without a reason", "say why")
    if (element is None) == (path is None):
        table.fail("element", "an ignore is for one element or one path", "give exactly one")
    table.finish()
    return Ignore(rule_id, reason, element, path)
