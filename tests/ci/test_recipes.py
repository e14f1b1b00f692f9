"""The recipes for jobs in the documentation: actions by commit, and the least permissions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGES = [*sorted(REPOSITORY.glob("docs/*.md")), REPOSITORY / "README.md", REPOSITORY / "action.yml"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_actions_are_named_by_commit(page: Path) -> None:
    used = re.findall(r"^\s*(?:- )?uses: *(\S+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in used if not re.search(r"@[0-9a-f]{40}$", name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_workflows_state_their_permissions(page: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    workflows = [block for block in blocks if "runs-on:" in block]
    assert [w for w in workflows if not re.search(r"^permissions:", w, re.MULTILINE)] == []
