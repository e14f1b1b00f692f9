"""The policy in force as tables."""

from __future__ import annotations

import json

from schemareg.commands.config import ConfigResult, EffectiveRule
from schemareg.report.page import Page
from schemareg.report.text.findings import many


def config(result: ConfigResult, page: Page) -> str:
    """Settings and rules with their origins; rules of a preset only on a verbose page."""
    about = f" for {result.file}" if result.file else ""
    source = result.source or "none, only defaults"
    lines = [page.wrap(f"configuration{about}: {source}", "  ", first="")]
    lines += _rows(page, [(s.name, s.value, s.origin) for s in result.settings])
    shown = [r for r in result.rules if page.verbose or not _is_usual(r)]
    lines += _rows(page, [(f"{r.code} {r.name}", _value(r), r.origin) for r in shown])
    running = sum(r.severity != "off" for r in result.rules)
    usual = len(result.rules) - len(shown)
    rest = f" ({usual} as the preset has them: --verbose shows these)" if usual else ""
    lines.append(f"{many(running, 'rule')} in force{rest}")
    return "\n".join(lines) + "\n"


def _is_usual(rule: EffectiveRule) -> bool:
    return rule.origin.startswith(("preset ", "always"))


def _rows(page: Page, rows: list[tuple[str, str, str]]) -> list[str]:
    """Each row on one line where it fits, its origin on a second where it does not."""
    lines = []
    for name, value, origin in rows:
        whole = f"{name} = {value} ({origin})"
        if len(whole) + 2 <= page.width:
            lines.append(page.wrap(whole, "  "))
        else:
            lines.append(page.wrap(f"{name} = {value}", "      ", first="  "))
            lines.append(page.wrap(f"({origin})", "      "))
    return lines


def _value(rule: EffectiveRule) -> str:
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in rule.options.items()}
    options = ", ".join(f"{name} = {text}" for name, text in texts.items())
    return f"{rule.severity} {{ {options} }}" if options else rule.severity
