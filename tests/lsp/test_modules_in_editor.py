"""Definitions and uses in the editor are those of one module, where two define a name."""

from __future__ import annotations

import pytest

from schemareg.lsp.symbols import occurrence_at, of_symbol
from tests.workspace.test_modules import ADDRESSES, TWO, project_of


@pytest.mark.parametrize(
    ("path", "name", "paths"),
    [
        ("orders/Placed.avsc", '"Address"', ["orders/Address.avsc", "orders/Placed.avsc"]),
        ("billing/Address.avsc", '"Address"', ["billing/Address.avsc", "billing/Sent.avsc"]),
        (
            "common/Money.avsc",
            '"Money"',
            ["billing/Sent.avsc", "common/Money.avsc", "orders/Placed.avsc"],
        ),
        ("orders/Address.avsc", '"box"', ["orders/Address.avsc"]),
    ],
)
def test_places_of_a_name(path: str, name: str, paths: list[str]) -> None:
    project = project_of(TWO, ADDRESSES)
    file = next(file for file in project.files if file.path == path)
    found = occurrence_at(file, file.text.index(name) + 1)
    assert found is not None
    assert sorted(each.file.path for each in of_symbol(project, found.symbol)) == paths
