"""Files in the roots that the configuration leaves out, and the key of all topics."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.workspace import load_config, load_project

A = '{"type": "record", "name": "%s", "fields": []}'


@pytest.mark.parametrize(
    ("exclude", "paths"),
    [
        ("[]", ["s/a.avsc", "s/build/b.avsc", "s/deep/build/c.avsc"]),
        ('["*/build/*"]', ["s/a.avsc"]),
        ('["s/build"]', ["s/a.avsc", "s/deep/build/c.avsc"]),
        ('["s/build/"]', ["s/a.avsc", "s/deep/build/c.avsc"]),
        ('["*.avsc"]', None),
        ('["a.avsc"]', ["s/a.avsc", "s/build/b.avsc", "s/deep/build/c.avsc"]),
    ],
)
def test_excluded_files(tmp_path: Path, exclude: str, paths: list[str] | None) -> None:
    (tmp_path / "schemareg.toml").write_text(f'roots = ["s"]\nexclude = {exclude}\n')
    for path in ("s/a.avsc", "s/build/b.avsc", "s/deep/build/c.avsc"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(A % Path(path).stem, encoding="utf-8")
    config = load_config(None, tmp_path)
    if paths is None:
        with pytest.raises(Exception, match="no schemas found"):
            load_project(config)
        return
    assert [file.path for file in load_project(config).files] == paths
    named = load_project(config, [tmp_path / "s/build/b.avsc"])
    assert named.is_selected("s/build/b.avsc")


@pytest.mark.parametrize(
    ("own", "key"), [("", "string"), ('key = "long"', "long"), ('key = ""', None)]
)
def test_key_of_all_topics(tmp_path: Path, own: str, key: str | None) -> None:
    text = f'key = "string"\n[topics.orders]\nevents = ["shop.Placed"]\n{own}\n'
    (tmp_path / "schemareg.toml").write_text(text, encoding="utf-8")
    assert [topic.key for topic in load_config(None, tmp_path).topics] == [key]
