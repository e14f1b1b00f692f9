"""One bad change through every surface: the same findings at the same lines."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.lsp.test_lsp_session import Editor, run

CONFIG = 'roots = ["schemas"]\nlevel = "FULL"\n[topics.orders]\nevents = ["shop.Placed"]\n'
BEFORE = """{
  "type": "record",
  "name": "Placed",
  "namespace": "shop",
  "doc": "An order was placed.",
  "fields": [
    {"name": "id", "type": "string", "doc": "Which order."},
    {"name": "total", "type": "int", "doc": "In cents."}
  ]
}
"""
AFTER = BEFORE.replace(
    '    {"name": "total", "type": "int"',
    '    {"name": "note", "type": ["null", "string"], "doc": "Free."},\n'
    '    {"name": "total", "type": "string"',
)
FOUND = {
    ("nullable-without-default", 8),
    ("READER_FIELD_MISSING_DEFAULT_VALUE", 8),
    ("TYPE_MISMATCH", 9),
}
"""Rule or kind of incompatibility, and line from 1 of schemas/Placed.avsc."""
RULES = "nullable-without-default|READER_FIELD_MISSING_DEFAULT_VALUE|TYPE_MISMATCH"
Seen = set[tuple[str, int]]


def by_pattern(pattern: str) -> Callable[[str], Seen]:
    """What reads findings out of lines; `pattern` has the groups `rule` and `line`."""
    pattern = pattern.replace("RULE", f"(?P<rule>{RULES})")
    pattern = pattern.replace("PLACE", r"schemas/Placed\.avsc:(?P<line>\d+)(?::\d+)?")

    def seen(text: str) -> Seen:
        return {(m["rule"], int(m["line"])) for m in re.finditer(pattern, text)}

    return seen


def of_terminal(text: str) -> Seen:
    """A finding's rule stands behind its place, or in the lines below it."""
    found: Seen = set()
    line = 0
    for row in text.split("\nchanges\n")[0].splitlines():
        if place := re.match(r" *schemas/Placed\.avsc:(\d+):", row):
            line = int(place[1])
        if rule := re.search(rf"\b({RULES})\b", row):
            found.add((rule[1], line))
    return found


def of_json(text: str) -> Seen:
    answer = json.loads(text)
    (subject,) = answer["check"]["subjects"]
    found = {(f["rule"], f["location"]["line"]) for f in answer["lint"]["findings"]}
    return found | {
        (v["incompatibility"]["kind"], v["location"]["line"]) for v in subject["violations"]
    }


def of_gitlab(text: str) -> Seen:
    return {
        (one["check_name"], one["location"]["lines"]["begin"])
        for one in json.loads(text)
        if one["location"]["path"] == "schemas/Placed.avsc"
    }


def of_sarif(text: str) -> Seen:
    (ran,) = json.loads(text)["runs"]
    names = {rule["id"]: rule["name"] for rule in ran["tool"]["driver"]["rules"]}
    found = set()
    for one in ran["results"]:
        for place in one.get("locations", ()):
            physical = place["physicalLocation"]
            assert physical["artifactLocation"]["uri"] == "schemas/Placed.avsc"
            found.add((names[one["ruleId"]], physical["region"]["startLine"]))
    return found


def of_junit(text: str) -> Seen:
    said = " ".join(ElementTree.fromstring(text).itertext())
    return by_pattern("PLACE: [a-z]+ RULE")(said)


def of_azure(text: str) -> Seen:
    names = {"SR251": "nullable-without-default"}
    rows = re.findall(r"sourcepath=schemas/Placed\.avsc;linenumber=(\d+);.*?code=(\w+)", text)
    return {(names.get(code, code), int(line)) for line, code in rows}


READERS: dict[str, Callable[[str], Seen]] = {
    "text": of_terminal,
    "json": of_json,
    "github": by_pattern(r"file=schemas/Placed\.avsc,title=RULE,line=(?P<line>\d+)"),
    "gitlab": of_gitlab,
    "azure": of_azure,
    "sarif": of_sarif,
    "junit": of_junit,
    "markdown": lambda text: by_pattern(r"\| PLACE \|.*?\(RULE\)")(text.replace("\\", "")),
    "html": lambda text: by_pattern(r"[a-z]+ RULE .*? PLACE ")(re.sub("<[^>]+>", " ", text)),
}


@pytest.fixture(scope="module")
def change(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose working tree holds the bad change."""
    folder = tmp_path_factory.mktemp("change")
    (folder / "schemas").mkdir()
    (folder / "schemareg.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "schemas/Placed.avsc").write_text(BEFORE, encoding="utf-8")
    identity = ("-c", "user.name=Author", "-c", "user.email=author@company.example")
    for arguments in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "Add")):
        subprocess.run(["git", *identity, *arguments], check=True, cwd=folder, timeout=30)
    (folder / "schemas/Placed.avsc").write_text(AFTER, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def reports(change: Path) -> Path:
    """A folder with the report of one run in every format."""
    outputs = [f"--output={name}={name}" for name in READERS]
    command = [sys.executable, "-m", "schemareg", "ci", "--against", "git:main", *outputs]
    done = subprocess.run(command, cwd=change, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    return change


@pytest.mark.parametrize("format", READERS)
def test_every_format_has_the_same_findings(reports: Path, format: str) -> None:
    assert READERS[format]((reports / format).read_text(encoding="utf-8")) == FOUND


def test_an_editor_shows_the_same_findings(change: Path) -> None:
    seen: Seen = set()

    async def session(client: Editor) -> None:
        client.open("Placed.avsc", AFTER)
        await client.until(lambda: len(client.rules("Placed.avsc")) >= len(FOUND))
        seen.update((rule, line + 1) for rule, line in client.rules("Placed.avsc"))

    run(change, session)
    assert seen == FOUND
