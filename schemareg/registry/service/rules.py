"""The rule set that a version gets, where rule sets are kept at all.

Source: Confluent, "Data contracts": configuration's default, then the request's or the previous
version's, then configuration's override; of two rules with one name the later counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from schemareg.avro.schema import JsonValue
from schemareg.registry.service.session import Session
from schemareg.registry.store import StoredVersion
from schemareg.registry.store.rows import RuleSet

FAMILIES = ("migrationRules", "domainRules", "encodingRules")
Config = Mapping[str, JsonValue]


def merged_rules(
    session: Session, config: Config, asked: RuleSet | None, previous: StoredVersion | None
) -> RuleSet | None:
    """The rule set to keep; None where the registry keeps none."""
    if not session.policy.keep_rule_sets:
        return None
    middle = asked if asked is not None else (previous.content.rule_set if previous else None)
    layers = [config.get("defaultRuleSet"), middle, config.get("overrideRuleSet")]
    present = [layer for layer in layers if isinstance(layer, Mapping)]
    if len(present) < 2:
        return present[0] if present else None
    rules: dict[str, JsonValue] = {}
    for family in FAMILIES:
        named: dict[str, JsonValue] = {}
        for layer in present:
            for name, rule in _rules_of(layer, family):
                named.pop(name, None)
                named[name] = rule
        if named:
            rules[family] = list(named.values())
    for layer in present:
        if layer.get("enableAt") is not None:
            rules["enableAt"] = layer["enableAt"]
    return rules


def has_rule_of_type(rule_set: RuleSet | None, rule_type: str) -> bool:
    """One of the rules is of that type, such as `CEL`."""
    if rule_set is None:
        return False
    return any(
        isinstance(rule, dict) and rule.get("type") == rule_type
        for family in FAMILIES
        for _, rule in _rules_of(rule_set, family)
    )


def _rules_of(rule_set: RuleSet, family: str) -> list[tuple[str, JsonValue]]:
    rules = rule_set.get(family)
    return [
        (str(rule.get("name")), rule)
        for rule in (rules if isinstance(rules, list) else ())
        if isinstance(rule, dict)
    ]
