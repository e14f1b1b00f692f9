"""The registries that the contract's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.registry_contract.backends import Runs


@pytest.fixture(scope="session")
def runs() -> Iterator[Runs]:
    with ExitStack() as stack:
        yield Runs(stack)
