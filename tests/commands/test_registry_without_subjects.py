"""A registry that has none of the subjects: the check passes, and reports that."""

from __future__ import annotations

from pathlib import Path

from schemareg.registry.server import EmbeddedRegistry
from tests.cli.conftest import Schemareg, application, here, schemareg

__all__ = ["application", "here", "schemareg"]

EVENT = '{"type": "record", "name": "a.b.E", "fields": [{"name": "x", "type": "int"}]}'


def test_a_context_that_is_not_there_is_noted(here: Path, schemareg: Schemareg) -> None:
    (here / "schemas").mkdir()
    (here / "schemas/E.avsc").write_text(EVENT, encoding="utf-8")
    with EmbeddedRegistry() as registry:
        assert schemareg("register", "--registry", registry.url).code == 0
        held = schemareg("check", "--against", registry.url)
        empty = schemareg(
            "check",
            "--against",
            registry.url,
            "--format=github",
            environment={"SCHEMAREG_REGISTRY_CONTEXT": ".typo"},
        )
        wrong = schemareg("check", "--against", f"{registry.url}/wrong/path")
    assert (held.code, "counts as new" in held.out) == (0, False)
    assert empty.code == 0
    assert "holds no version of any subject here: every subject counts as new" in empty.out
    assert "/contexts/.typo" in empty.out.replace("%3A", ":")
    assert (wrong.code, wrong.out) == (3, "")
    assert "check that the URL is the registry's base URL" in " ".join(wrong.err.split())
