"""docs/rules.md says what the rules say."""

from __future__ import annotations

from pathlib import Path

from schemareg.lint import RULES
from schemareg.lint.catalogue import catalogue

PAGE = Path(__file__).parent.parent.parent / "docs" / "rules.md"


def test_page_about_the_rules_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == catalogue(RULES), (
        "write it anew: python -c 'from schemareg.lint import RULES;"
        ' from schemareg.lint.catalogue import catalogue; print(catalogue(RULES), end="")\''
        " > docs/rules.md"
    )
