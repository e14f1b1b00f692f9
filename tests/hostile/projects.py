"""Hostile repositories: everything that their author may write holds a hostile text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.hostile.texts import EVIL, IN_URL, LONG

EVENT: dict[str, object] = {
    "type": "record",
    "name": "E",
    "namespace": "a.b",
    "doc": EVIL,
    "fields": [
        {"name": "x", "type": "int", "doc": LONG},
        {"name": "s", "type": "string", "default": EVIL, "doc": "d"},
        {"name": "price", "type": "double", "default": 0.0},
        {"name": "k", "type": {"type": "enum", "name": "K", "symbols": ["A", "B"], "doc": EVIL}},
    ],
}
SCHEMA = json.dumps(EVENT)
OLD = json.dumps({**EVENT, "fields": [{"name": "x", "type": "string", "default": EVIL}]})

SERVICES = """
[environments.production]
production = true
[services.EVIL]
owner = EVIL
paths = [EVIL]
produces = [{ event = "a.b.E", topic = "t" }]
[[services.web.consumes]]
event = "a.b.E"
topic = "t"
group = EVIL
fields = ["x"]
[topics.t]
retention = "7d"
""".replace("EVIL", json.dumps(EVIL).replace("\x7f", "\\u007f"))

FOREIGN = {
    "asyncapi": "3.0.0",
    "info": {"title": EVIL, "version": EVIL, "description": EVIL},
    "channels": {EVIL: {"address": EVIL, "messages": {EVIL: {"name": EVIL}}}},
    "operations": {EVIL: {"action": EVIL, "channel": {"$ref": f"#/channels/{EVIL}"}}},
}


def _quoted(text: str) -> str:
    """`text` as a basic string of TOML."""
    return json.dumps(text).replace("\x7f", "\\u007f")


def _file_name(text: str) -> str:
    return text.replace("/", "\u2215").encode()[:200].decode(errors="ignore")


def _common(here: Path) -> None:
    (here / "schemas").mkdir()
    (here / "schemas/E.avsc").write_text(SCHEMA, encoding="utf-8")
    held = here / "schemas/registered/t-value"
    held.mkdir(parents=True)
    record = {"subject": "t-value", "level": "FULL", "versions": [{"version": 1, "id": 1}]}
    (held / "subject.json").write_text(json.dumps(record), encoding="utf-8")
    (held / "v1.avsc").write_text(OLD, encoding="utf-8")
    (here / "services.toml").write_text(SERVICES, encoding="utf-8")
    (here / "foreign.json").write_text(json.dumps(FOREIGN), encoding="utf-8")


def valid(here: Path) -> None:
    """Schemas that can be read, with hostile docs, defaults, symbols and file names."""
    _common(here)
    (here / "schemas" / f"{_file_name(EVIL)}.avsc").write_text(
        SCHEMA.replace('"E"', '"F"').replace('"K"', '"L"'), encoding="utf-8"
    )
    (here / "schemareg.toml").write_text(
        'roots = ["schemas"]\n[topics.t]\nevents = ["a.b.E"]\n', encoding="utf-8"
    )


def misnamed(here: Path) -> None:
    """Schemas whose names, symbols, types and texts are refused, each with a hostile text."""
    _common(here)
    bad: list[object] = [
        {"type": "record", "name": EVIL, "fields": []},
        {"type": "record", "name": "G", "fields": [{"name": LONG, "type": "int"}]},
        {"type": "record", "name": "H", "fields": [{"name": "x", "type": EVIL}]},
        {"type": "enum", "name": "I", "symbols": [EVIL, EVIL]},
        {"type": "record", "name": "J", "fields": [{"name": "x", "type": "int", "default": EVIL}]},
        {"type": "record", "name": "L", "aliases": [EVIL], "fields": []},
    ]
    for number, schema in enumerate(bad):
        name = _file_name(f"{number}{EVIL}")
        (here / "schemas" / f"{name}.avsc").write_text(json.dumps(schema), encoding="utf-8")
    (here / "schemas/text.avsc").write_text(f'{{"{EVIL}', encoding="utf-8")
    (here / "schemareg.toml").write_text('roots = ["schemas"]\n', encoding="utf-8")


def misconfigured(here: Path) -> None:
    """A configuration with unknown keys and values."""
    _common(here)
    evil = _quoted(EVIL)
    (here / "schemareg.toml").write_text(
        f"roots = [{evil}]\nregistry = {_quoted(IN_URL)}\n{evil} = 1\n"
        f"[topics.{evil}]\nevents = [{evil}]\n[lint.rules]\n{evil} = {evil}\n"
        f"[environments.{evil}]\nurl = {_quoted(IN_URL)}\n",
        encoding="utf-8",
    )
    (here / "services.toml").write_text(
        f"{evil} = 1\n[services.{evil}]\nproduces = [{evil}]\ncalls = [{evil}]\n"
        f"[services.web]\nconsumes = [{{ event = {evil}, topic = {evil} }}]\n",
        encoding="utf-8",
    )


def topics(here: Path) -> None:
    """A configuration that can be read, with hostile names of topics and environments."""
    _common(here)
    (here / "schemareg.toml").write_text(
        f'roots = ["schemas"]\nregistry = {_quoted(IN_URL + ":9")}\n'
        f'[topics.{_quoted(EVIL)}]\nevents = ["a.b.E"]\n'
        f"[environments.a]\nurl = {_quoted(IN_URL + ':9')}\n"
        f"[environments.{_quoted(EVIL)}]\nurl = {_quoted(IN_URL + ':9')}\n",
        encoding="utf-8",
    )


PROJECTS: tuple[Callable[[Path], None], ...] = (valid, misnamed, misconfigured, topics)
