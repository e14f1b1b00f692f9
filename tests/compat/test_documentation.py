"""The page on compatibility names everything that can be said, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemareg.compat import Kind
from schemareg.compat.hazard import HazardKind
from schemareg.compat.proof.prove import Grade
from schemareg.subjects import CompatibilityLevel

PAGE = (Path(__file__).parents[2] / "docs" / "compatibility.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("The seven levels", CompatibilityLevel),
        ("Kinds of incompatibility", Kind),
        ("Proofs", Grade),
        ("Warnings: compatible, and still not safe", HazardKind),
    ],
)
def test_page_lists_every_word_of(section: str, words: type[Kind]) -> None:
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w-]+)` \|", text, flags=re.MULTILINE)
    assert sorted(rows) == sorted(word.value for word in words)
