"""JSON texts as Avro Java reads them."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemareg.avro.parse.source import (
    _read_exactly,
    _read_plain,
    load,
)
from schemareg.errors import SchemaParseError
from schemareg.places import ROOT
from schemareg.syntax import fast_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "a": 2}', {"a": 2}),
        ("/**/ [1, // one\n 2]", [1, 2]),
        ('"// no comment"', "// no comment"),
        ("12345678901234567890123", 12345678901234567890123),
        ("-0.0e1", -0.0),
        ('"\\ud800"', "\ud800"),
        (' \t\r\n"x" \x1f\x00', "x"),
    ],
)
def test_load(text: str, value: object) -> None:
    assert load(text) == value


# Pieces of JSON, right and wrong, whose combinations two readers might take differently
PIECES = [
    "0", "-0", "-0.0", "1", "-12", "1.5", "1e5", "1E-5", "1e400", "-1e400", "1e-400", "01", "1.",
    ".5", "+1", "123456789012345", "1234567890123456", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "18446744073709551616", "0.1234567890123456789", "5e-324",
    "2.2250738585072011e-308", "1.7976931348623159e308", "123456789012345e-300", "true", "null",
    "NaN", "Infinity", '""', '"a"', '"\\u0000"', '"\\ud834\\udd1e"', '"\\ud834"', '"\\/"',
    '"\x7f"', '"\x1f"', '"é𝄞"', '"\\x"', "[]", "{}", '{"a":1,"b":2,"a":3}', "[1,]", "{,}",
    "/**/", "//", "\ufeff", " ", "\t\r\n", "\x0b", "\xa0",
]  # fmt: skip


def _texts(seed: int, count: int) -> Iterator[str]:
    chance = random.Random(seed)
    for _ in range(count):
        parts = [chance.choice(PIECES) for _ in range(chance.randint(1, 4))]
        text = chance.choice(("{0}", "[{0}]", '{{"k":{0}}}', '{{"k":{0},"l":[{0}],"k":{1}}}'))
        yield text.format(chance.choice((",", "", ":")).join(parts), chance.choice(PIECES))


def _answer(text: str) -> str:
    """The value of `text`, or its problem with its place."""
    try:
        return repr(load(text))
    except SchemaParseError as error:
        return f"{error.problems}"


def test_without_the_fast_reader_every_text_gives_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [*_texts(2, 5_000), "[" * 1001 + "]" * 1001, '"\ud800"', " // c\n 1"]
    expected = [_answer(text) for text in texts]
    monkeypatch.setattr(fast_json, "IS_FAST", False)
    assert [_answer(text) for text in texts] == expected


def test_commands_run_without_orjson(tmp_path: Path) -> None:
    (tmp_path / "A.avsc").write_text('{"type": "fixed", "name": "A", "size": -1}', encoding="utf-8")
    code = (
        "import sys; sys.modules['orjson'] = None; from schemareg.cli import main;"
        " sys.argv = ['schemareg', 'lint', 'A.avsc']; main()"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "schemareg: 1 schema file read, 1 judged, 0 passed over\n"
    assert "A.avsc:1:40" in done.stdout


def test_the_fast_reader_reads_as_the_exact_one_or_not_at_all() -> None:
    fast = 0
    for text in _texts(1, 20_000):
        quick = _read_plain(text)
        if quick is None:
            continue
        fast += 1
        exact = _read_exactly(text)
        assert repr(quick) == repr(exact), text
    assert fast > 2000


@pytest.mark.parametrize(
    ("text", "is_fast"),
    [
        ('{"name":"added1234567890123456"}', True),
        ('{"a":[123456789012345,-123456789012345]}', True),
        ('{"a1234567890123456789":"b1234567890123456789"}', True),
        ('{"a12345678901234567890123456789012345":1234567890123456}', False),
        ('{"a' + "0" * 2000 + '":1}', False),
        ('{"a":1234567890123456}', False),
        ('{"a": -1234567890123456}', False),
        ("[1234567890123456]", False),
        ("[0,1234567890123456]", False),
        ("1234567890123456", False),
        ("0.1234567890123456", False),
        ("1e+1234567890123456", False),
        ("1E1234567890123456", False),
    ],
)
def test_only_long_numbers_are_left_to_the_exact_reader(text: str, is_fast: bool) -> None:
    assert (_read_plain(text) is not None) == is_fast


def test_a_refusal_has_its_place() -> None:
    with pytest.raises(SchemaParseError) as refusal:
        load('{\n  "a": [1,\n  2 3]}')
    (problem,) = refusal.value.problems
    assert (problem.line, problem.column, problem.pointer) == (3, 5, ROOT)
    assert "found '3]}'" in problem.message


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('/* one */ {"a": /* two', 1, 17, "a comment without an end"),
        ("// only\n/* comments */", 1, 1, "the text is empty"),
        ('// one\n["int" "string" // two\n]', 2, 8, "found '\"string\" // two'"),
    ],
)
def test_a_refusal_quotes_the_text_with_its_comments(
    text: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(SchemaParseError) as refusal:
        load(text)
    (problem,) = refusal.value.problems
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message


@pytest.mark.parametrize(
    "text",
    ['"\\' * 32_000, '{"a' * 32_000, '"/*' * 32_000, '{"a": "' + "\\" * 64_000],
    ids=["quotes", "keys", "comments", "backslashes"],
)
def test_a_text_that_is_no_json_is_refused_in_linear_time(text: str) -> None:
    """64 kB once took 24 s: a string was looked for anew at every quote that never closes."""
    started = time.process_time()
    with pytest.raises(SchemaParseError):
        load(text)
    assert time.process_time() - started < 2
