"""Pulling into a snapshot or a bundle, as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.registry import connect
from schemareg.subjects import Subject
from tests.cli.conftest import Schemareg
from tests.support.other_types import registry_with_protobuf

MONEY = '{"type":"record","name":"shop.Money","fields":[{"name":"a","type":"long"}]}'


@pytest.fixture
def shop(here: Path) -> Path:
    (here / "schemas").mkdir()
    (here / "schemas/Money.avsc").write_text(MONEY, encoding="utf-8")
    return here


def test_pull_of_everything_counts_what_it_passes_over(schemareg: Schemareg, shop: Path) -> None:
    with registry_with_protobuf(["shop.Money"]) as url, connect(url) as registry:
        registry.register(Subject("shop.Money"), MONEY)
        answer = schemareg("pull", "--all", "--registry", url)
    assert (answer.code, answer.out.splitlines()) == (
        0,
        [
            "schemas/registered/shop.Money/subject.json",
            "schemas/registered/shop.Money/v1.avsc",
            "passed over: 1 subject of schema type PROTOBUF",
            f"2 files changed in schemas/registered, now 1 subject as in the registry at {url}",
        ],
    )


def test_bundle_is_compared_with_like_a_registry(schemareg: Schemareg, shop: Path) -> None:
    with registry_with_protobuf(["shop.Money"]) as url, connect(url) as registry:
        registry.register(Subject("shop.Money"), MONEY)
        pulled = schemareg("pull", "--bundle", "bundle.json", "--registry", url)
    assert pulled.code == 0, pulled.err
    assert not (shop / "schemas/registered").exists()
    answer = schemareg("check", "--against", "bundle.json")
    assert answer.out == "1 subject against the bundle bundle.json: 1 unchanged\n"


def test_pull_of_a_project_without_subjects_names_its_files(
    schemareg: Schemareg, shop: Path
) -> None:
    (shop / "schemas/Money.avsc").write_text('["null", "string"]', encoding="utf-8")
    answer = schemareg("pull", "--registry", "http://127.0.0.1:9")
    assert (answer.code, answer.out) == (2, "")
    assert "schemas/Money.avsc" in answer.err
