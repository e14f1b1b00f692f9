"""A plugin of scripts/test-leaks: what a test module leaves open is an error of that module.

Objects that refer to each other are closed whenever Python collects them, perhaps while the tests
of another module run. Collected after each module, their warnings are attributed to the right one.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def collected_after_the_module() -> Iterator[None]:
    """Made before the module's other fixtures, and so finished after them."""
    yield
    gc.collect()
    gc.collect()  # what the finalizers of the first pass released
