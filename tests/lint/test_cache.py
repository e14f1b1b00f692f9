"""The cache of lint: never another result than without it, whatever happened to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.commands.lint import LintResult, lint_paths, lint_project
from schemareg.lint.cache import CachedProject, load_cache, to_lint_again
from schemareg.subjects import SubjectNameStrategy
from schemareg.user_cache import cache_folder
from schemareg.workspace import Config, TopicConfig, build_project, load_config, load_project

TOML = """
roots = ["schemas"]
[topics.paid]
events = ["shop.Paid"]
[lint]
preset = "all"
[[lint.ignore]]
rule = "money-as-double"
element = "shop.Money.amount"
reason = "inherited"
"""


def record(name: str, *fields: tuple[str, object]) -> str:
    return json.dumps(
        {
            "type": "record",
            "name": name,
            "namespace": "shop",
            "fields": [{"name": field, "type": type_} for field, type_ in fields],
        },
        indent=1,
    )


FILES = {
    "Money": record("Money", ("amount", "double"), ("userId", "long")),
    "Paid": record("Paid", ("sum", "Money"), ("paidAt", "long")),
    "Sent": record("Sent", ("userId", "string"), ("price", "double")),
    "Left": record("Left", ("userId", "string"), ("old", ["null", "Sent"])),
}

CHANGES: list[tuple[str, dict[str, str | None], set[str] | None]] = [
    ("nothing", {}, set()),
    ("a file that nobody uses", {"Left": FILES["Left"].replace("old", "older")}, {"Left"}),
    (
        "a file that another uses",
        {"Sent": FILES["Sent"].replace("price", "prize")},
        {"Sent", "Left"},
    ),
    (
        "the type of a field that is compared",
        {"Left": FILES["Left"].replace('"string"', '"long"', 1)},
        {"Left"},
    ),
    ("a shared type", {"Money": FILES["Money"].replace("double", "float")}, {"Money", "Paid"}),
    ("a type becomes unused", {"Left": record("Left", ("a", "int"))}, {"Left"}),
    ("a type is renamed", {"Left": FILES["Left"].replace('"Left"', '"Right"')}, {"Left"}),
    ("a file is broken", {"Left": "{"}, {"Left"}),
    (
        "a type is defined twice",
        {"Left": record("Left", ("m", {"type": "fixed", "name": "Money", "size": 1}))},
        {"Left", "Money", "Paid"},
    ),
    (
        "a type is defined twice, its name behind a comment",
        {"Left": record(
            "Left",
            ("old", ["null", "Sent"]),
            ("m", {"type": "fixed", "name": "Money", "size": 1}),
        ).replace('"name": "Money"', '"name" /* again */: "Money"')},
        {"Left"},
    ),
    (
        "a type of another file is used, behind a text with an escape",
        {"Left": record("Left", ("old", {"type": "Money", "doc": "a \\"}))},
        {"Left"},
    ),
    ("a name spelt with an escape", {"Left": FILES["Left"].replace("Sent", "\\u0053ent")}, None),
    ("a file in UTF-16", {"Left": "UTF-16"}, None),
    ("a new file", {"New": record("New", ("price", "double"))}, None),
    ("a file less", {"Left": None}, None),
    ("a suppression", {"Sent": FILES["Sent"].replace(
        '"namespace"', '"schemareg.ignore": {"SR151": "old"}, "namespace"')}, {"Sent", "Left"}),
]  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemareg.toml").write_text(TOML, encoding="utf-8")
    change(tmp_path, dict(FILES))
    return load_config(None, tmp_path)


def change(folder: Path, files: dict[str, str | None]) -> None:
    for name, text in files.items():
        path = folder / "schemas" / f"{name}.avsc"
        if text is None:
            path.unlink()
        elif text == "UTF-16":
            path.write_text(FILES[name], encoding="utf-16")
        else:
            path.write_text(text, encoding="utf-8")


def fresh(config: Config) -> LintResult:
    return lint_project(load_project(config), config)


@pytest.mark.parametrize(
    ("changes", "again"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_result_after_a_change_is_that_without_a_cache(
    config: Config, tmp_path: Path, changes: dict[str, str | None], again: set[str] | None
) -> None:
    cache = tmp_path / "cache"
    assert lint_paths(config, cache=cache) == fresh(config)
    (kept,) = cache.iterdir()
    change(tmp_path, changes)
    assert lint_again(kept, tmp_path) == again
    assert lint_paths(config, cache=cache) == fresh(config)
    assert lint_paths(config, cache=cache) == fresh(config)
    one = [Path("schemas/Sent.avsc")]
    assert lint_paths(config, one, cache=cache).findings == lint_paths(config, one).findings


def lint_again(kept: Path, folder: Path) -> set[str] | None:
    """The names of the files that the cache `kept` would lint again."""
    cached = read(kept)
    assert cached is not None
    texts = {f"schemas/{p.name}": p.read_bytes() for p in (folder / "schemas").iterdir()}
    again = to_lint_again(cached, texts)
    return None if again is None else {Path(path).stem for path in again.dirty}


def read(kept: Path) -> CachedProject | None:
    return load_cache(kept, json.loads(kept.read_text(encoding="utf-8"))["key"])


def test_files_that_did_not_change_are_not_linted_again(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lint_paths(config, cache=tmp_path / "cache")
    change(tmp_path, {"Left": FILES["Left"].replace("old", "older")})
    built: list[list[str]] = []

    def build(texts: list[tuple[str, bytes]], *args: object, **kwargs: object) -> object:
        built.append([path for path, _ in texts])
        return original(texts, *args, **kwargs)  # type: ignore[arg-type]

    original = build_project
    monkeypatch.setattr("schemareg.commands.lint.build_project", build)
    lint_paths(config, cache=tmp_path / "cache")
    assert built == [["schemas/Left.avsc", "schemas/Sent.avsc"]]


DAMAGE: dict[str, Callable[[str], str]] = {
    "empty": lambda text: "",
    "cut off": lambda text: text[: len(text) // 2],
    "not an object": lambda text: "[]",
    "another format": lambda text: text.replace('"format":1', '"format":0'),
    "another key": lambda text: text.replace('"key":"', '"key":"0'),
    "a file without facts": lambda text: text.replace('"fields":', '"felder":'),
    "drafts of another shape": lambda text: text.replace('"drafts":[[', '"drafts":[[[],', 1),
    "an unknown level": lambda text: text.replace('"BACKWARD"', '"SIDEWARD"'),
    "null": lambda text: "null",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_cache_counts_as_none(
    config: Config, tmp_path: Path, damage: Callable[[str], str]
) -> None:
    cache = tmp_path / "cache"
    config = replace(config, topics=(TopicConfig("t", ("shop.Paid",), SubjectNameStrategy.TOPIC),))
    lint_paths(config, cache=cache)
    (kept,) = cache.iterdir()
    kept.write_text(damage(kept.read_text(encoding="utf-8")), encoding="utf-8")
    assert lint_paths(config, cache=cache) == fresh(config)
    assert len(list(cache.iterdir())) == 1


def test_a_cache_of_other_settings_counts_as_none(config: Config, tmp_path: Path) -> None:
    lint_paths(config, cache=tmp_path / "cache")
    (tmp_path / "schemareg.toml").write_text(TOML.replace('"all"', '"minimal"'), encoding="utf-8")
    other = load_config(None, tmp_path)
    assert lint_paths(other, cache=tmp_path / "cache") == fresh(other)


def test_a_cache_that_cannot_be_written_changes_nothing(config: Config, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder", encoding="utf-8")
    assert lint_paths(config, cache=tmp_path / "cache") == fresh(config)


def test_cache_is_in_the_users_directory(tmp_path: Path) -> None:
    given = cache_folder({"XDG_CACHE_HOME": str(tmp_path)}, "lint")
    assert given == tmp_path / "schemareg" / "lint"
    assert cache_folder({}, "lint").parts[-2:] == ("schemareg", "lint")
