"""Which versions the places of files name, and which files are versions of one schema."""

from __future__ import annotations

import pytest

from schemareg.workspace.version_paths import VersionLayout, versioned_path, versionless

FOLDERS, FILES = VersionLayout.FOLDERS, VersionLayout.FILES


@pytest.mark.parametrize(
    ("path", "layout", "series", "group", "number"),
    [
        ("s/orders/v2/Order.avsc", FOLDERS, "s/orders/Order.avsc", "s/orders/", (2,)),
        ("s/1.0.0/Order.avsc", FOLDERS, "s/Order.avsc", "s/", (1, 0, 0)),
        ("s/11/0/x.v11_0.a.avsc", FOLDERS, "s/x.a.avsc", "s/", (11, 0)),
        ("v10/sub/Item.avdl", FOLDERS, "sub/Item.avdl", "", (10,)),
        ("s/Order-v2.avsc", FILES, "s/Order.avsc", "s/", (2,)),
        ("s/Order.v2.avsc", FILES, "s/Order.avsc", "s/", (2,)),
        ("s/Order_V10.avsc", FILES, "s/Order.avsc", "s/", (10,)),
        ("s/Order-1.0.2.avsc", FILES, "s/Order.avsc", "s/", (1, 0, 2)),
        ("orders-v2-value.avsc", FILES, "orders-value.avsc", "", (2,)),
    ],
)
def test_a_place_names_a_version(
    path: str, layout: VersionLayout, series: str, group: str, number: tuple[int, ...]
) -> None:
    found = versioned_path(path, [layout])
    assert found is not None
    assert (found.series, found.group, found.number) == (series, group, number)


@pytest.mark.parametrize(
    ("path", "layout"),
    [
        ("s/orders/Order.avsc", FOLDERS),
        ("s/orders/Order-v2.avsc", FOLDERS),
        ("s/v2/Order.avsc", FILES),
        ("s/OrderV2.avsc", FILES),
        ("s/Sha256.avsc", FILES),
        ("s/v2.avsc", FILES),
    ],
)
def test_a_place_names_no_version(path: str, layout: VersionLayout) -> None:
    assert versioned_path(path, [layout]) is None


@pytest.mark.parametrize(
    ("fullname", "expected"),
    [
        ("shop.v2.Order", ("shop.Order", (2,))),
        ("lsst.v11_0.alert", ("lsst.alert", (11, 0))),
        ("shop.Order", ("shop.Order", ())),
        ("shop.Orderv2", ("shop.Orderv2", ())),
        ("v1.Order", ("Order", (1,))),
    ],
)
def test_the_version_in_a_namespace(fullname: str, expected: tuple[str, tuple[int, ...]]) -> None:
    assert versionless(fullname) == expected
