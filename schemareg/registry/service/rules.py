"""The rule set that a version gets, where rule sets are kept at all.

Source: Confluent, "Data contracts": configuration's default, then the request's or the previous
version's, then configuration's override; of two rules with one name the later counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from schemareg.avro.schema import JsonValue
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.service.session import Session
from schemareg.registry.store import StoredVersion
from schemareg.registry.store.rows import RuleSet

FAMILIES = ("migrationRules", "domainRules", "encodingRules")
_UPGRADES = ("UPGRADE", "DOWNGRADE", "UPDOWN")
_READS = ("WRITE", "READ", "WRITEREAD")
_MODES = {
    "migrationRules": ("Migration", _UPGRADES),
    "domainRules": ("Domain", _READS),
    "encodingRules": ("Encoding", _READS),
}
_MAX_NAME_CHARS = 256
Config = Mapping[str, JsonValue]


def check_rules(session: Session, rule_set: JsonValue | RuleSet) -> None:
    """As `check_rule_set`, where rule sets are kept.

    Raises: `RegistryError` 42210.
    """
    if session.policy.keep_rule_sets:
        check_rule_set(rule_set)


def check_rule_set(rule_set: JsonValue | RuleSet) -> None:
    """Every rule has a name of its own in the whole set, a type, and a mode of its family.

    Raises: `RegistryError` 42210.
    """
    if not isinstance(rule_set, Mapping):
        return
    names: set[str] = set()
    for family, (title, modes) in _MODES.items():
        rules = rule_set.get(family)
        for rule in rules if isinstance(rules, list) else ():
            if not isinstance(rule, dict):
                continue
            name = _checked_name(rule.get("name"))
            if name in names:
                raise ErrorCode.INVALID_RULE_SET.refusal(f"Found rule with duplicate name '{name}'")
            names.add(name)
            if not rule.get("type"):
                raise ErrorCode.INVALID_RULE_SET.refusal("Missing rule type")
            _check_mode(rule, title, modes)


def _checked_name(name: JsonValue) -> str:
    if not isinstance(name, str):
        raise ErrorCode.INVALID_RULE_SET.refusal("Missing rule name")
    if not name:
        raise ErrorCode.INVALID_RULE_SET.refusal("Empty rule name")
    if len(name) > _MAX_NAME_CHARS:
        raise ErrorCode.INVALID_RULE_SET.refusal("Rule name too long")
    if not (name[0].isalpha() or name[0] == "_"):
        raise ErrorCode.INVALID_RULE_SET.refusal(f"Illegal initial character in rule name: {name}")
    if not all(char.isalnum() or char in "_-" for char in name):
        raise ErrorCode.INVALID_RULE_SET.refusal(f"Illegal character in rule name: {name}")
    return name


def _check_mode(rule: Mapping[str, JsonValue], title: str, modes: tuple[str, ...]) -> None:
    mode = rule.get("mode") or "WRITEREAD"
    for member in ("onSuccess", "onFailure"):
        action = rule.get(member)
        if isinstance(action, str) and "," in action and mode not in ("WRITEREAD", "UPDOWN"):
            raise ErrorCode.INVALID_RULE_SET.refusal(
                "Multiple actions only valid with WRITEREAD and UPDOWN"
            )
    if mode not in modes:
        raise ErrorCode.INVALID_RULE_SET.refusal(f"{title} rules can only be {', '.join(modes)}")


def merged_rules(
    session: Session, config: Config, requested: RuleSet | None, previous: StoredVersion | None
) -> RuleSet | None:
    """The rule set to keep; None where the registry keeps none."""
    if not session.policy.keep_rule_sets:
        return None
    middle = (
        requested if requested is not None else (previous.content.rule_set if previous else None)
    )
    layers = [config.get("defaultRuleSet"), middle, config.get("overrideRuleSet")]
    present = [layer for layer in layers if isinstance(layer, Mapping)]
    if len(present) < 2:
        return present[0] if present else None
    return _joined(present)


def changed_rules(
    rule_set: RuleSet | None, to_merge: RuleSet | None, to_remove: Collection[str]
) -> RuleSet | None:
    """`rule_set` with the rules of `to_merge` in the place of their namesakes, without the names of
    `to_remove`.

    Raises: `RegistryError` 42210 for rules that may not be together.
    """
    if to_merge is None and not to_remove:
        return rule_set
    rules = dict(_joined([layer for layer in (rule_set, to_merge) if layer is not None]))
    for family in FAMILIES:
        kept = [rule for name, rule in _rules_of(rules, family) if name not in to_remove]
        rules.pop(family, None)
        if kept:
            rules[family] = kept
    check_rule_set(rules)
    return rules


def _joined(present: Sequence[RuleSet]) -> RuleSet:
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
