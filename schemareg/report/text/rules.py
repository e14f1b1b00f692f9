"""The lint rules as a table, or one in full."""

from __future__ import annotations

import json
import textwrap
from itertools import groupby

from schemareg.commands.rules import RuleDoc, RulesResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import many


def rules(result: RulesResult, page: Page) -> str:
    """A line a rule by family, or everything about the rules asked for."""
    if result.in_full:
        return "\n".join(_in_full(rule, page) for rule in result.rules)
    lines: list[str] = []
    for family, group in groupby(result.rules, key=lambda rule: rule.family):
        lines.append(page.paint(family, "bold"))
        for rule in group:
            head = f"  {line(rule.id)} ({line(rule.severity)}, {line(rule.preset)})"
            lines += [head, page.wrap(rule.summary, "      ")]
    count = many(len(result.rules), "rule")
    return "\n".join([*lines, f"{count}; `schemareg rules ID` describes one in full"]) + "\n"


def _in_full(rule: RuleDoc, page: Page) -> str:
    lines = [
        f"{page.paint(rule.id, 'bold')} ({line(rule.severity)}, preset {line(rule.preset)})",
        page.wrap(rule.summary, "  "),
    ]
    if rule.reason:
        lines.append(page.wrap(rule.reason, "  "))
    lines += ["  Bad:", textwrap.indent(rule.bad, "    ")]
    lines += ["  Good:", textwrap.indent(rule.good, "    ")]
    for name, value in rule.options.items():
        text = json.dumps(value, ensure_ascii=False)  # which is TOML, too
        lines.append(page.wrap(f"{name} = {text}", "    ", first="  Option "))
    return "\n".join(lines) + "\n"
