"""One changed type with many users is one block; the old place and the change stand beside it."""

from __future__ import annotations

from schemareg.commands.check import check_project
from schemareg.places import Location, Pointer
from schemareg.report import Format, render
from schemareg.report.page import Page
from tests.commands.shop import FILES, MONEY_GROWN, MONEY_GROWN_WELL, record, shop, state_before

BEFORE = state_before(FILES)
USERS = (
    "  3 users of it break with it: shop.Line, orders-value, carts-value (--verbose\n"
    "    shows each)\n"
)


def test_users_of_a_changed_type_are_one_paragraph() -> None:
    text = render(check_project(shop(MONEY_GROWN), BEFORE), Format.TEXT, Page(80))
    assert text.count("INCOMPATIBLE") == 1
    assert USERS in text
    assert max(map(len, text.splitlines())) <= 80
    unfolded = render(check_project(shop(MONEY_GROWN), BEFORE), Format.TEXT, Page(80, verbose=True))
    assert unfolded.count("INCOMPATIBLE") == 4


def test_a_user_with_a_fault_of_its_own_has_its_block() -> None:
    both = {**MONEY_GROWN, "Cart.avsc": record("Cart", lines="string")}
    text = render(check_project(shop(both), BEFORE), Format.TEXT, Page(80))
    assert text.count("INCOMPATIBLE") == 2
    assert "  2 users of it break with it: shop.Line, orders-value" in text


def test_violation_has_the_place_in_the_old_version() -> None:
    renamed = {"Money.avsc": record("Money", cents="long")}
    [money] = [
        s for s in check_project(shop(renamed), BEFORE).subjects if s.subject == "shop.Money"
    ]
    places = {v.direction.value.lower(): v.old_location for v in money.violations}
    assert places["forward"] == Location("Money.avsc", 1, 69, Pointer("/fields/0"))


def test_change_and_its_class_are_beside_the_verdict() -> None:
    result = check_project(shop(MONEY_GROWN_WELL), BEFORE)
    [money] = [s for s in result.subjects if s.subject == "shop.Money"]
    assert money.impact == "minor"
    assert [change.describe() for change in money.changes] == [
        "Money.currency: field added: string"
    ]
    assert "  minor change:\n    - Money.currency: field added" in render(
        result, Format.TEXT, Page(80, verbose=True)
    )
