"""The compiled TOML reader and the standard library's give one answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from schemareg.errors import UsageError
from schemareg.settings.toml_lines import key_lines
from schemareg.settings.toml_text import read_toml

keys = st.from_regex(r"[A-Za-z0-9_-]{1,3}", fullmatch=True)
scalars = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(json.dumps),
    st.text("ab' #[]{}=,.\"", max_size=5).map(lambda text: f"'{text}'"),
    st.integers().map(str),
    st.sampled_from(["true", "1.5", "inf", "1979-05-27T07:32:00Z", "07:32:00", '"""x\n[y]"""']),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, max_size=2).map(lambda items: "[\n" + ",\n".join(items) + "\n]"),
        st.tuples(keys, inner).map(lambda pair: f"{{{pair[0]} = {pair[1]}}}"),
    ),
    max_leaves=4,
)
statements = st.one_of(
    st.tuples(keys, values).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    st.lists(keys, min_size=1, max_size=3).map(lambda path: f"[{'.'.join(path)}]"),
    st.lists(keys, min_size=1, max_size=2).map(lambda path: f"[[{'.'.join(path)}]]"),
    st.sampled_from(["", "# a comment", " x = ", '"quoted" = 1', "a.b = ["]),
)
documents = st.lists(statements, max_size=6).map("\n".join)


def answer(loads: Callable[[str], object], text: str) -> str:
    try:
        return repr(loads(text))
    except ValueError:
        return "refused"


@given(documents)
def test_both_readers_give_the_same_values_or_refuse(text: str) -> None:
    assert answer(tomli.loads, text) == answer(tomllib.loads, text)


def test_commands_run_without_the_compiled_reader(tmp_path: Path) -> None:
    (tmp_path / "schemareg.toml").write_text("level = \n", encoding="utf-8")
    code = (
        "import sys; sys.modules['tomli'] = None; from schemareg.cli import main;"
        " sys.argv = ['schemareg', 'lint']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "schemareg.toml:1:9: the configuration is not TOML: Invalid value" in done.stderr


@pytest.mark.parametrize("text", [r'a = "\u0000"', r'a = "\U00000000"', r'a = "\x00"'])
def test_no_spelling_of_the_character_zero_passes(text: str) -> None:
    with pytest.raises(UsageError, match=r"not TOML|U\+0000"):
        read_toml(text.encode(), "a.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a = ""\nb = ["", "x",]\nc = 1', {("a",): 1, ("b",): 2, ("c",): 3}),
        ('a = """x\n[y]\n"""\nb = 1', {("a",): 1, ("b",): 4}),
        ('a = [\n  "x"\n,\n["b"]]\n[c]\n', {("a",): 1, ("c",): 5}),
        ('a = ["x" # ]\n]\nb = 1', {("a",): 1, ("b",): 3}),
        ('[[t]]\nk = ["a"]\n[[t]]\nk = 2', {("t",): 1, ("t", 0): 1, ("t", 0, "k"): 2,
                                           ("t", 1): 3, ("t", 1, "k"): 4}),
    ],
)  # fmt: skip
def test_lines_of_keys(text: str, expected: dict[tuple[str | int, ...], int]) -> None:
    tomllib.loads(text)
    assert key_lines(text) == expected
    tables = key_lines(text, tables_only=True)
    assert tables.items() <= expected.items()
    assert expected.keys() - tables.keys() <= {key for key in expected if key[-1] in {*"abck"}}


def test_lines_of_tables_only() -> None:
    text = "[s.a]\r\nx = 1\r\n\r\ny = [{e = 1}, {e = 2}] # c\r\n[[s.a.p]]\r\n"
    text += 'q = """\n[no]\n"""\nr = ["a", "b"]\n[[s.a.p]]\n[s.b]\nlast = "x"'
    assert key_lines(text, tables_only=True) == {
        ("s", "a"): 1,
        ("s", "a", "y"): 4,
        ("s", "a", "p"): 5,
        ("s", "a", "p", 0): 5,
        ("s", "a", "p", 0, "q"): 6,
        ("s", "a", "p", 1): 10,
        ("s", "b"): 11,
        ("s", "b", "last"): 12,
    }
