"""A registry that listens, and one that holds the shop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemareg.commands.register import register_project
from schemareg.registry import RegistryClient, connect
from tests.commands.shop import shop
from tests.support.listening import Listening


@pytest.fixture(scope="module")
def listening() -> Iterator[Listening]:
    with Listening() as server:
        yield server


@pytest.fixture
def registry(listening: Listening) -> Iterator[RegistryClient]:
    """A registry that holds the shop as it is, its levels too."""
    with listening.empty() as url, connect(url) as client:
        register_project(shop({}), client, name="registry")
        yield client
