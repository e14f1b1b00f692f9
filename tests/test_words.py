"""Words that a reader without our glossary would not understand are not written where users read.

Read are: every text in the package's string literals, docstrings of modules, of commands and of
HTTP routes, the README and the pages of docs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What is not written, and what is written instead.
BANNED = {
    r"told|tells?|telling|sa(?:ys|id)": "report, render, describe, return",
    r"ways? out": "advice, hint, fix",
    r"surroundings|asked wrongly|answered no": "environment, usage error, check failed",
    r"(?:stand|stands|stood|standing) (?:for|at|in)": "represents, is at, is in",
    r"liv(?:es?|ed|ing) with": "suppressed, accepted",
    r"(?:a|the|this) ring|rings|circles?": "cycle, strongly connected component",
    r"lead(?:s|ing)? (?:to|nowhere|here|there|from)|led to|gets? to": "reaches, path",
    r"mend(?:s|ed|ing)?|(?:tak|leav)(?:es?|en|ing) away": "fix, remove",
    r"outcomes?": "result",
    r"ask(?:ed|ers?)|who(?:ever)? asks": "request, client, principal",
    r"what is there|may follow": "registered versions, is compatible with",
    r"let(?:s|ting)? go(?: of)?|bring(?:s|ing)?|brought": "release, migrate, contain",
    r"hand(?:s|ed|ing)? (?:on|over|to|out|back|it)": "pass",
    r"referees?|(?:second )?opinions?": "reference decoder, cross-check",
}
PATTERN = re.compile(rf"(?<!['\"])\b(?:{'|'.join(BANNED)})\b", re.IGNORECASE)

PACKAGE = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "schemareg").rglob("*.py"))
PAGES = ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))]


HELP = ("schemareg/cli/", "schemareg/registry/server/routes")  # their docstrings are help


def texts_of(path: str) -> Iterator[tuple[int, str]]:
    """Line and text of everything in a Python file that a user or a newcomer reads."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            read = isinstance(node, ast.Module) or path.startswith(HELP)
            if isinstance(first, ast.Expr) and not read:
                docstrings.add(first.value)
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if node not in docstrings and " " in text:
                yield node.lineno, text


def banned_in(text: str) -> Iterator[tuple[int, str]]:
    """Offset of the line and the word, for each banned word of `text`."""
    for match in PATTERN.finditer(" ".join(text.split(" "))):
        yield text.count("\n", 0, match.start()), match[0]


def violations(path: str) -> list[str]:
    if path.endswith(".md"):
        texts: Iterator[tuple[int, str]] = iter([(1, (ROOT / path).read_text(encoding="utf-8"))])
    else:
        texts = texts_of(path)
    return [
        f"{path}:{line + offset}: {word}"
        for line, text in texts
        for offset, word in banned_in(text)
    ]


@pytest.mark.parametrize("path", PACKAGE + PAGES)
def test_words_are_plain(path: str) -> None:
    assert violations(path) == [], f"write instead: {sorted(set(BANNED.values()))}"
