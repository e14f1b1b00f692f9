"""A small shop: an order and a cart that use a shared amount, one of them through a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from schemareg.registry.api.state import Origin, RegistryState
from schemareg.state.files import SourceFile, state_of_files
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Config, Project, TopicConfig, build_project

CONFIG = Config(
    cwd=Path("/nowhere"),
    topics=(TopicConfig("orders", ("shop.Order",)), TopicConfig("carts", ("shop.Cart",))),
    level=CompatibilityLevel.FULL_TRANSITIVE,
)


def record(name: str, **fields: object) -> str:
    """A record of `shop`; a field is a type, or (type, default)."""
    told = [
        {"name": n, "type": t[0], "default": t[1]}
        if isinstance(t, tuple)
        else {"name": n, "type": t}
        for n, t in fields.items()
    ]
    return json.dumps({"type": "record", "name": name, "namespace": "shop", "fields": told})


FILES = {
    "Cart.avsc": record("Cart", lines={"type": "array", "items": "shop.Line"}),
    "Line.avsc": record("Line", price="shop.Money"),
    "Money.avsc": record("Money", amount="long"),
    "Order.avsc": record("Order", total=(["null", "shop.Money"], None)),
}
MONEY_GROWN = {"Money.avsc": record("Money", amount="long", currency="string")}
MONEY_GROWN_WELL = {"Money.avsc": record("Money", amount="long", currency=("string", "EUR"))}
LINE_GROWN = {"Line.avsc": record("Line", price="shop.Money", sku="string")}
LINE_GROWN_WELL = {"Line.avsc": record("Line", price="shop.Money", sku=("string", ""))}


def shop(change: Mapping[str, str], config: Config = CONFIG) -> Project:
    """The shop with some of its files changed."""
    texts = {**FILES, **change}
    return build_project([(path, text.encode()) for path, text in texts.items()], config)


def state_before(files: Mapping[str, str], config: Config = CONFIG) -> RegistryState:
    """The state that older files describe, called "before"."""
    old = [SourceFile(path, path, text.encode()) for path, text in files.items()]
    return state_of_files(old, Origin("before", "before"), today=config, then=config, project=None)
