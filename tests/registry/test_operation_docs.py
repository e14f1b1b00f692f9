"""docs/registry-server.md says what the server does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from schemareg.registry.server.auth.passwords import hash_password
from schemareg.registry.server.auth.rights import Right
from schemareg.registry.server.auth.rules import load_rules
from schemareg.registry.server.metrics import RequestFigures, render_metrics
from schemareg.registry.server.settings import ServerSettings
from schemareg.subjects import Subject
from tests.registry.test_operation_log_and_metrics import FIGURES

DOCUMENT = (Path(__file__).parents[2] / "docs" / "registry-server.md").read_text(encoding="utf-8")


def test_example_of_an_auth_file_means_what_the_text_says(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    path = tmp_path / "auth.toml"
    assert '"$argon2id$v=19$…"' in example  # shortened for the page
    example = example.replace("$argon2id$v=19$…", hash_password("pässword"))
    path.write_text(example, encoding="utf-8")
    rules = load_rules(path)
    anna = rules.users["anna"].rights
    assert anna.allow(Right.CONFIG, Subject("orders-value"))
    assert not anna.allow(Right.DELETE, Subject("orders-value"))
    assert not anna.allow(Right.WRITE, Subject("com.example.shared.Money"))
    assert rules.tokens is not None
    assert rules.user_with_certificate("CN=build,O=Example") is rules.users["build-server"]


@pytest.mark.parametrize("field", [f.name for f in fields(ServerSettings)])
def test_setting_is_described(field: str) -> None:
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| `") and field in line]
    assert any(f"`{field}`" in row for row in rows)


def test_every_metric_of_ours_is_described() -> None:
    figures = RequestFigures()
    figures.observe(method="GET", route="/", status=200, duration_s=0.1)
    served = re.findall(
        r"# HELP ((?:cp_kafka_)?schema_?reg\w+)", render_metrics(figures, FIGURES).decode()
    )
    assert [name for name in served if f"`{name}`" not in DOCUMENT] == []
