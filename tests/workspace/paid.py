"""A project of three files: a payment, its line and its money."""

from __future__ import annotations

from pathlib import Path

from schemareg.workspace import (
    Config,
    Project,
    build_project,
)

CONFIG = Config(cwd=Path("/"))
MONEY = '{"type": "record", "name": "Money", "namespace": "shop", "fields": []}'
OTHER_FIELDS = '[{"name": "x", "type": "int"}]'
LINE = (
    '{"type": "record", "name": "Line", "namespace": "shop", "fields": ['
    '{"name": "price", "type": "Money"}]}'
)
PAID = (
    '{"type": "record", "name": "Paid", "namespace": "shop", "fields": ['
    '{"name": "lines", "type": {"type": "array", "items": "shop.Line"}},'
    '{"name": "sum", "type": ["null", "Money"], "default": null}]}'
)


def project_of(config: Config = CONFIG, /, **files: str) -> Project:
    texts = [(f"{name}.avsc", text.encode()) for name, text in files.items()]
    return build_project(texts, config)


def record(name: str, *fields: str, more: str = "") -> str:
    """A record of namespace shop; each field is `name: JSON of its type`."""
    pairs = (field.split(": ", 1) for field in fields)
    inner = ", ".join(f'{{"name": "{name}", "type": {type_}}}' for name, type_ in pairs)
    return f'{{"type": "record", "name": "{name}", "namespace": "shop", {more}"fields": [{inner}]}}'
