"""`schemareg fmt` as its users run it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

UGLY = '{"type":"fixed",\r\n"name":"F","size":4}'
TIDY = '{"type": "fixed", "name": "F", "size": 4}\n'


def write(folder: Path, **texts: str) -> None:
    (folder / "schemas").mkdir()
    for name, text in texts.items():
        (folder / "schemas" / f"{name}.avsc").write_text(text, encoding="utf-8", newline="")


def test_fmt_writes_once(schemareg: Schemareg, here: Path) -> None:
    write(here, a=UGLY, b=TIDY)
    first = schemareg("fmt")
    assert (first.code, first.out) == (
        0,
        "laid out: schemas/a.avsc\n1 file laid out, 1 file unchanged\n",
    )
    assert (here / "schemas/a.avsc").read_bytes() == TIDY.encode()
    assert schemareg("fmt").out == "2 files unchanged\n"
    assert sorted(path.name for path in (here / "schemas").iterdir()) == ["a.avsc", "b.avsc"]


def test_fmt_check_writes_nothing(schemareg: Schemareg, here: Path) -> None:
    write(here, a=UGLY, b=TIDY)
    answer = schemareg("fmt", "--check", "schemas/a.avsc")
    assert (answer.code, answer.out) == (1, "to lay out: schemas/a.avsc\n1 file to lay out\n")
    assert (here / "schemas/a.avsc").read_bytes() == UGLY.encode()
    assert schemareg("fmt", "--check", "schemas/b.avsc").code == 0


def test_fmt_diff_shows_the_lines(schemareg: Schemareg, here: Path) -> None:
    write(here, a='{"type": "fixed", "name":"F", "size": 4}\n')
    answer = schemareg("fmt", "--diff")
    assert answer.code == 1
    assert answer.out == (
        "--- a/schemas/a.avsc\n+++ b/schemas/a.avsc\n@@ -1 +1 @@\n"
        '-{"type": "fixed", "name":"F", "size": 4}\n'
        '+{"type": "fixed", "name": "F", "size": 4}\n'
        "1 file to lay out\n"
    )


def test_fmt_reports_a_text_that_is_not_json(schemareg: Schemareg, here: Path) -> None:
    write(here, a='{"type": "fixed",')
    answer = schemareg("fmt")
    assert answer.code == 1
    assert answer.out.startswith("schemas/a.avsc:1:18: error json-syntax\n")
    assert (here / "schemas/a.avsc").read_text(encoding="utf-8") == '{"type": "fixed",'


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_fmt_of_another_encoding_writes_nothing(
    schemareg: Schemareg, here: Path, encoding: str
) -> None:
    raw = '{"type":"record","name":"A","fields":[]}'.encode(encoding)
    (here / "A.avsc").write_bytes(raw)
    for arguments in ((), ("--check",), ("--diff",)):
        done = schemareg("fmt", "A.avsc", *arguments)
        assert (done.code, (here / "A.avsc").read_bytes()) == (1, raw)
        assert "only UTF-8 is written" in done.out
        assert done.out.count("save the file as UTF-8") == 1


def test_fmt_of_a_link_is_refused(schemareg: Schemareg, here: Path) -> None:
    (here / "elsewhere").write_text(UGLY, encoding="utf-8")
    write(here)
    (here / "schemas/a.avsc").symlink_to(here / "elsewhere")
    answer = schemareg("fmt")
    assert (answer.code, answer.err) == (
        2,
        "schemareg: error: schemas/a.avsc is a link, which is not written; name the file itself\n",
    )
    assert (here / "elsewhere").read_text(encoding="utf-8") == UGLY.replace("\r\n", "\n")


def test_fmt_of_stdin(schemareg: Schemareg, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "schemareg.toml").write_text('fmt.key_order = ["name", "type"]\n', encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(UGLY.encode())))
    answer = schemareg("fmt", "-")
    assert (answer.code, answer.out) == (0, '{"name": "F", "type": "fixed", "size": 4}\n')


def test_fmt_of_settings_out_of_range(schemareg: Schemareg, here: Path) -> None:
    write(here, a=TIDY)
    (here / "schemareg.toml").write_text("[fmt]\nindent = 12\n", encoding="utf-8")
    answer = schemareg("fmt", "--check")
    assert answer.code == 2
    assert "schemareg.toml:2:1: fmt.indent: 12 is out of range" in answer.err
