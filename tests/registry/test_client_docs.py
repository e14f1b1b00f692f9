"""The client's page in docs: its code runs, its table is complete, its error is the one raised."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

import schemareg.registry.client.environment
from schemareg.errors import RegistryError
from schemareg.registry import connect
from schemareg.registry.server.embedded import EmbeddedRegistry
from schemareg.subjects import Subject

PAGE = (Path(__file__).parents[2] / "docs" / "registry-client.md").read_text(encoding="utf-8")
EXAMPLE_URL = "http://localhost:8081"


def test_code_on_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    with EmbeddedRegistry() as registry:
        for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
            exec(block.replace(EXAMPLE_URL, registry.url), names)
        assert asyncio.run(names["subjects"]()) == ("orders-value",)
    assert capsys.readouterr().out.startswith("2 2 {")


def test_error_on_the_page_is_the_one_that_is_raised() -> None:
    with (
        EmbeddedRegistry() as registry,
        connect(registry.url) as client,
        pytest.raises(RegistryError) as raised,
    ):
        client.get_versions(Subject("none"))
    assert str(raised.value).replace(registry.url, EXAMPLE_URL) in PAGE.splitlines()


def test_variables_on_the_page_are_those_that_are_read() -> None:
    def variables(text: str) -> set[str]:
        return set(re.findall(r"(?:SCHEMAREG_REGISTRY_|…_)([A-Z_]+)`", text))

    told = schemareg.registry.client.environment.__doc__
    assert told is not None
    assert variables(PAGE) == variables(told)
