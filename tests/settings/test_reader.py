"""Where a setting comes from: flag, environment variable, file, default; and what is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from schemareg.errors import UsageError
from schemareg.settings.kinds import FLAG, PATH, TEXT, TEXTS, number, whole_number
from schemareg.settings.reader import Setting, read_settings
from schemareg.settings.toml_lines import key_lines
from schemareg.settings.toml_table import Table

PORT = Setting("port", whole_number(0, 65535), 8081, environment="X_PORT")
LOG = Setting("access_log", PATH, environment="X_LOG")
INSECURE = Setting("insecure", FLAG, False, environment="X_INSECURE")
RATE = Setting("rate", number(above=0), flag="--rate", environment="X_RATE")
NAMES = Setting("names", TEXTS, (), environment="X_NAMES")
NAME = Setting("name", TEXT, "me")
ROWS: tuple[Setting[Any], ...] = (PORT, LOG, INSECURE, RATE, NAMES, NAME)


def table(text: str) -> Table:
    return Table(tomllib.loads(text), "serve.toml", text_of_file=text)


@pytest.mark.parametrize(
    ("flags", "environment", "text", "setting", "value", "origin"),
    [
        ({}, {}, "", PORT, 8081, None),
        ({}, {}, "port = 1", PORT, 1, "port"),
        ({}, {"X_PORT": "2"}, "port = 1", PORT, 2, "X_PORT"),
        ({"port": 3}, {"X_PORT": "2"}, "port = 1", PORT, 3, "--port"),
        ({"port": None}, {"X_PORT": ""}, "", PORT, 8081, None),
        ({}, {}, 'access_log = "a.log"', LOG, Path("/etc/x/a.log"), "access_log"),
        ({}, {}, 'access_log = "/a.log"', LOG, Path("/a.log"), "access_log"),
        ({}, {"X_LOG": "a.log"}, "", LOG, Path("a.log"), "X_LOG"),
        ({}, {"X_INSECURE": "True"}, "", INSECURE, True, "X_INSECURE"),
        ({}, {}, "rate = 2", RATE, 2.0, "rate"),
        ({}, {"X_NAMES": "a b"}, "", NAMES, ("a", "b"), "X_NAMES"),
        ({}, {}, "", NAME, "me", None),
    ],
)
def test_setting_read(
    flags: dict[str, object],
    environment: dict[str, str],
    text: str,
    setting: Setting[object],
    value: object,
    origin: str | None,
) -> None:
    values = read_settings(
        ROWS, flags=flags, environment=environment, table=table(text), directory=Path("/etc/x")
    )
    assert values[setting] == value
    assert values.origins.get(setting.name) == origin


@pytest.mark.parametrize(
    ("flags", "environment", "text", "message"),
    [
        ({"port": 70000}, {}, "", "--port: 70000 is not a whole number from 0 to 65535"),
        ({}, {"X_PORT": "x"}, "", "X_PORT: 'x' is not a whole number from 0 to 65535"),
        ({}, {"X_INSECURE": "maybe"}, "", "X_INSECURE: 'maybe' is not true or false"),
        ({"rate": 0}, {}, "", "--rate: 0 is not a number above 0"),
        ({}, {"X_RATE": "nan"}, "", "X_RATE: nan is not a number above 0"),
        (
            {},
            {},
            "\nport = true",
            "serve.toml:2:1: port: True is not a whole number from 0 to 65535",
        ),
        ({}, {}, "porto = 1", "serve.toml:1:1: porto: unknown key; did you mean 'port'?"),
        ({"port": 1}, {}, 'port = "x"', "serve.toml:1:1: port: 'x' is not a whole number from 0"),
    ],
)
def test_setting_refused(
    flags: dict[str, object], environment: dict[str, str], text: str, message: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        read_settings(ROWS, flags=flags, environment=environment, table=table(text))
    assert str(refusal.value).startswith(message)


TEXT_WITH_LINES = '''\
# a = 1
top = """
inner = 2
""" # the end
"quoted.key" = [
  "x = 1", # y = 2
  "z",
]
[tables."with dots".and]
a.b = { c = 1 }
'single' = 'x # y'
[[lint.ignore]]
rule = "r"
[[lint.ignore]]
rule = "s"
[lint.ignore.deep]
last = 1'''


def test_key_lines() -> None:
    assert key_lines(TEXT_WITH_LINES) == {
        ("top",): 2,
        ("quoted.key",): 5,
        ("tables", "with dots", "and"): 9,
        ("tables", "with dots", "and", "a", "b"): 10,
        ("tables", "with dots", "and", "single"): 11,
        ("lint", "ignore"): 12,
        ("lint", "ignore", 0): 12,
        ("lint", "ignore", 0, "rule"): 13,
        ("lint", "ignore", 1): 14,
        ("lint", "ignore", 1, "rule"): 15,
        ("lint", "ignore", 1, "deep"): 16,
        ("lint", "ignore", 1, "deep", "last"): 17,
    }


def test_key_lines_of_headers_and_keys_with_spaces_and_comments() -> None:
    text = '  [[ y . z ]] # c\n\na . b = ""\nc = """\nno = 1\n"""\nd = 2020-01-01 00:00:00\n[x] \n'
    text += "e=1"
    assert key_lines(text) == {
        ("y", "z"): 1,
        ("y", "z", 0): 1,
        ("y", "z", 0, "a", "b"): 3,
        ("y", "z", 0, "c"): 4,
        ("y", "z", 0, "d"): 7,
        ("x",): 8,
        ("x", "e"): 9,
    }
