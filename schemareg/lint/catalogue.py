"""The rules as a page: docs/rules.md is what `catalogue(RULES)` returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from schemareg.lint.rule import Rule
from schemareg.lint.settings import OptionValue

_INTRO = """\
# Lint rules

{count} rules, grouped by what they look at. `schemareg rules NAME` prints one of them. Codes and
names are stable, and both are accepted wherever a rule is named. A preset runs its own rules and
those of the presets before it: `minimal`, `recommended` (the default), `strict`,
`all`. Severity, options and suppressions are set in `schemareg.toml`:

```toml
[lint]
preset = "strict"

[lint.rules]
complex-union = "off"
too-many-fields = {{ severity = "warning", most = 30 }}

[[lint.ignore]]
rule = "money-as-double"
element = "com.company.events.OrderCreated.total"
reason = "Inherited from version 1."
```

A schema can suppress a rule itself, with a property that readers ignore (it changes the registered
text, so prefer the configuration):

```json
"schemareg.ignore": {{"money-as-double": "Inherited from version 1."}}
```
"""


def catalogue(rules: Sequence[Rule]) -> str:
    """The Markdown page about `rules`, with a table per family and every rule in full."""
    return "\n".join(_lines(rules))


def _lines(rules: Sequence[Rule]) -> Iterator[str]:
    yield _INTRO.format(count=len(rules))
    families = [(name, tuple(own)) for name, own in groupby(rules, key=lambda r: r.family)]
    for family, own in families:
        yield f"## {family.capitalize()}\n"
        yield "| code | rule | severity | preset | reports |"
        yield "|---|---|---|---|---|"
        for rule in own:
            summary = rule.text.summary.replace("|", "\\|")
            link = f"[`{rule.name}`](#{rule.name})"
            yield f"| {rule.code} | {link} | {rule.severity} | {rule.preset} | {summary} |"
        yield ""
        for rule in own:
            yield from _in_full(rule)


def _in_full(rule: Rule) -> Iterator[str]:
    text = rule.text
    yield f"### {rule.name}\n"
    yield " ".join(filter(None, (f"`{rule.code}`.", text.summary, text.reason))) + "\n"
    if rule.options:
        yield "Options: " + "; ".join(f"`{n} = {_toml(v)}`" for n, v in rule.options.items()) + "\n"
    for title, example in (("Reported", text.bad), ("Accepted", text.good)):
        yield f"{title}:\n"
        # visible: a byte-order mark would be lost in most editors
        yield f"```json\n{example.replace(chr(0xFEFF), '<U+FEFF>')}\n```\n"


def _toml(value: OptionValue) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return f'"{value}"'
        case _:
            return "[" + ", ".join(f'"{item}"' for item in value) + "]"
