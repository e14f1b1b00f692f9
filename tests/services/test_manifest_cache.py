"""A large manifest is read from the user's cache the next time, and never when it should not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.services import manifest_cache
from schemareg.services.manifest_file import ReadManifest, read_manifest
from schemareg.workspace import Config

GOOD = """\
[services.till]
[[services.till.produces]]
event = "shop.Placed"
topic = "orders"
[[services.desk.consumes]]
event = "shop.Placed"
topic = "orders"
fields = ["id", "total.amount"]
critical = true
[topics.orders]
retention = "7d"
"""


@pytest.fixture(autouse=True)
def small_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest_cache, "SMALLEST_BYTES", 0)


def read(folder: Path, text: str) -> ReadManifest:
    path = folder / "services.toml"
    path.write_text(text, encoding="utf-8")
    return read_manifest(path, Config(cwd=folder), cache=folder / "cache")


def stored(folder: Path) -> list[Path]:
    return sorted((folder / "cache").glob("*"))


def test_second_reading_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(tmp_path, GOOD)
    assert (first.problems, len(stored(tmp_path))) == ((), 1)
    monkeypatch.delattr("schemareg.services.manifest_file.read_toml")
    again = read(tmp_path, GOOD)
    assert again == first
    assert again.manifest.services["desk"].consumes[0].location.line == 5


def test_other_content_is_read_anew(tmp_path: Path) -> None:
    read(tmp_path, GOOD)
    changed = read(tmp_path, GOOD.replace("orders", "sales"))
    assert [c.topic for c in changed.manifest.services["desk"].consumes] == ["sales"]
    assert len(stored(tmp_path)) == 1  # the newest in place of the one before


def test_a_manifest_with_problems_is_not_stored(tmp_path: Path) -> None:
    wrong = GOOD.replace("critical = true", "critical = 1979-05-27")
    for _ in range(2):
        assert [p.location.line for p in read(tmp_path, wrong).problems if p.location] == [9]
    assert stored(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"key": 1}'])
def test_a_broken_cache_counts_as_none(tmp_path: Path, content: bytes) -> None:
    first = read(tmp_path, GOOD)
    (path,) = stored(tmp_path)
    path.write_bytes(content)
    assert read(tmp_path, GOOD) == first


def test_a_service_that_two_files_declare_is_reported_from_the_cache_too(tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text('[services.till]\nowner = "a"\n', encoding="utf-8")
    read(tmp_path, GOOD)
    text = f'include = ["more.toml"]\n{GOOD}'
    found = [read(tmp_path, text).problems for _ in range(2)]
    assert found[0] == found[1]
    assert [p.message for p in found[0]] == ["the service 'till' is declared twice"]
