"""Topics from the names of files, `<topic>-key` and `<topic>-value`."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.workspace import load_config, load_project

PAID = '{"type": "record", "name": "Paid", "fields": []}'
SENT = '{"type": "record", "name": "Sent", "fields": []}'
ID = '{"type": "fixed", "name": "Id", "size": 8}'


@pytest.mark.parametrize(
    ("files", "more", "subjects"),
    [
        ({"orders-value.avsc": PAID, "orders-key.avsc": ID}, "",
         [("orders-key", "key"), ("orders-value", "value")]),
        ({"orders-key.avsc": '"string"', "orders-value.avsc": PAID}, "",
         [("orders-key", "key"), ("orders-value", "value")]),
        ({"Paid.avsc": PAID, "Sent.avsc": SENT, "o-value.avsc": '["Paid", "Sent"]'}, "",
         [("Paid", "type"), ("Sent", "type"), ("o-value", "value")]),
        ({"orders-value.avsc": PAID}, '[topics.orders]\nevents = ["Paid"]\nkey = "long"\n',
         [("orders-key", "key"), ("orders-value", "value")]),
        ({"-value.avsc": PAID, "value.avsc": SENT}, "", [("Paid", "type"), ("Sent", "type")]),
        ({"o-key.avsc": '["Paid", "Sent"]', "Paid.avsc": PAID, "Sent.avsc": SENT}, "",
         [("Paid", "type"), ("Sent", "type")]),
    ],
)  # fmt: skip
def test_topics_by_file(
    tmp_path: Path, files: dict[str, str], more: str, subjects: list[tuple[str, str]]
) -> None:
    for path, text in files.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    head = 'roots = ["."]\ntopics_by_file = true\n'
    (tmp_path / "schemareg.toml").write_text(head + more, encoding="utf-8")
    project = load_project(load_config(None, tmp_path))
    assert project.failures == ()
    assert sorted((s.subject, s.role) for s in project.subjects) == subjects


def test_without_the_setting_a_name_of_a_file_is_only_a_name(tmp_path: Path) -> None:
    (tmp_path / "orders-value.avsc").write_text(PAID, encoding="utf-8")
    (tmp_path / "schemareg.toml").write_text('roots = ["."]\n', encoding="utf-8")
    (subject,) = load_project(load_config(None, tmp_path)).subjects
    assert (subject.subject, subject.role, subject.topic) == ("Paid", "type", None)
