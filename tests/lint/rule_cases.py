"""The tables of the rules: tests/lint/cases/<family>.txt, one block a case.

`== SR151 money-as-double` starts a rule; blank lines separate its cases. A case is

- settings: `topic: EVENT [key KEY] [level LEVEL]`, `file: NAME.avsc`, `option = value`,
  `baseline: {CODE: {ELEMENT: COUNT}}`;
- schema texts, separated by `---`, and named schema.avsc, schema1.avsc, …; `field NAME TYPE[, …]`
  and `fields A TYPE ; B TYPE` are short for a record `n.R` with these fields; `BOM` and `CRLF` are
  these characters;
- what the rule reports: `> PLACE: MESSAGE`, and its advice as `do: ADVICE`. A place is the file
  where that is not schema.avsc, and the pointer. Without such lines the rule reports nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from schemareg.findings import Diagnostic
from schemareg.lint import LintSettings, Preset, Rule, RuleSetting, run
from schemareg.lint.baseline import Baseline
from schemareg.lint.settings import OptionValue
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import AvroVersion, Config, TopicConfig, build_project

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a rule: where it is, what is linted, the lines that are expected."""

    code: str
    rule: str
    place: str
    given: str
    expected: tuple[str, ...]


def cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*.txt")):
        code = rule = ""
        line = 1
        for block in re.split(r"\n\n+", path.read_text(encoding="utf-8").strip("\n")):
            if block.startswith("== "):
                _, code, rule = block.split()
            else:
                lines = block.split("\n")
                expected = tuple(one for one in lines if one.startswith((">", "do: ")))
                given = "\n".join(lines[: len(lines) - len(expected)])
                yield Case(code, rule, f"{path.stem}:{line}", given, expected)
            line += block.count("\n") + 2


def report(rule: Rule, given: str) -> tuple[str, ...]:
    """What `rule` reports of the case `given`, as the lines of the tables."""
    return tuple(line for found in diagnostics(rule, given) for line in _lines(found))


def diagnostics(rule: Rule, given: str) -> list[Diagnostic]:
    """What `rule` reports of the settings and texts in `given`, suppressed ones included."""
    config = Config(cwd=Path("/"))
    options: dict[str, OptionValue] = {}
    name = "schema"
    version: AvroVersion = "1.12"
    baseline: Baseline | None = None
    lines = given.split("\n")
    while setting := re.fullmatch(r"(topic|file|baseline): (.*)|(\w+) = (.*)", lines[0]):
        lines.pop(0)
        if setting[1] == "topic":
            config = replace(config, topics=(_topic(setting[2]),))
        elif setting[1] == "baseline":
            elements = json.loads(setting[2])
            accepted = {(code, e): n for code, of in elements.items() for e, n in of.items()}
            baseline = Baseline("baseline.json", accepted)
        elif setting[1] == "file":
            name = setting[2].removesuffix(".avsc")
        elif setting[3] == "avro_version":
            version = "1.11"
        else:
            value = json.loads(setting[4])
            options[setting[3]] = tuple(value) if isinstance(value, list) else value
    texts = [_text(text) for text in "\n".join(lines).split("\n---\n")]
    files = [(f"{name}{i or ''}.avsc", text.encode()) for i, text in enumerate(texts)]
    project = build_project(files, replace(config, avro_version=version))
    settings = LintSettings(Preset.ALL, {rule.name: RuleSetting(options=options)})
    found = run(project, settings, avro_version=version, baseline=baseline)
    return [diagnostic for diagnostic in found if diagnostic.rule == rule.name]


def _topic(words: str) -> TopicConfig:
    event, *rest = words.split()
    given = dict(zip(rest[::2], rest[1::2], strict=True))
    level = CompatibilityLevel(given["level"]) if "level" in given else None
    return TopicConfig("t", (event,), key=given.get("key"), level=level)


def _text(text: str) -> str:
    text = text.strip("\n ").replace("BOM", "\ufeff").replace("CRLF", "\r\n")
    short = re.fullmatch(r"fields? (.*)", text)
    if short is None:
        return text
    fields = ", ".join(
        f'{{"name": "{name}", "type": {rest}}}'
        for name, _, rest in (one.partition(" ") for one in short[1].split(" ; "))
    )
    return f'{{"type": "record", "name": "R", "namespace": "n", "fields": [{fields}]}}'


def _lines(found: Diagnostic) -> Iterator[str]:
    path = found.location.path or ""
    place = " ".join(filter(None, ("" if path == "schema.avsc" else path, found.location.pointer)))
    suppressed = "" if found.suppressed is None else f" (suppressed: {found.suppressed})"
    yield f"> {place}: {found.message}{suppressed}".replace("> :", ">:")
    if found.advice:
        yield f"do: {found.advice}"
