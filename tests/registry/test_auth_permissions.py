"""Who may do what over HTTP: every route, subject patterns, lists, aliases, contexts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import httpx
import pytest

from schemareg.registry.server.auth.permission import ReadableTables
from schemareg.registry.server.auth.rights import Right
from schemareg.registry.server.routes import ROUTES
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.store import Tables
from tests.registry.conftest import StartServer

AUTH = """
[roles.orders-reader]
grants = [{{ subjects = ["orders-*"], rights = ["read"] }}]
[roles.orders-writer]
grants = [{{ subjects = ["orders-*"], rights = ["read", "write"] }}]
[roles.orders-owner]
grants = [{{ subjects = ["orders-*"], rights = ["read", "write", "delete", "config", "mode"] }}]
[roles.eu-owner]
grants = [{{ subjects = [":.eu:*"], rights = ["read", "write", "delete", "config", "mode"] }}]
[roles.nobody]
grants = [{{ subjects = ["orders-*"], rights = [] }}]
"""
ROLES = ("admin", "reader", "orders-reader", "orders-writer", "orders-owner", "eu-owner", "nobody")
MONEY = json.dumps(
    {"type": "record", "name": "Money", "fields": [{"name": "amount", "type": "long"}]}
)
PAYMENT = json.dumps(
    {"type": "record", "name": "Payment", "fields": [{"name": "money", "type": "Money"}]}
)
MONEY_REFERENCE = [{"name": "Money", "subject": "Money", "version": 1}]


@pytest.fixture(scope="module")
def url(start_server_for_session: StartServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server with one user per role, named like it."""
    hashed = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
    users = "".join(
        f'[users.{role}]\npassword = "{hashed}"\nroles = ["{role}"]\n' for role in ROLES
    )
    auth_file: Path = tmp_path_factory.mktemp("auth") / "auth.toml"
    auth_file.write_text(AUTH.format() + users, encoding="utf-8")
    server = start_server_for_session(ServerSettings(port=0, auth_file=auth_file))
    with as_user(server.url, "admin") as admin:
        for subject, schema, references in (
            ("orders-value", '"string"', []),
            ("Money", MONEY, []),
            ("payments-value", PAYMENT, MONEY_REFERENCE),
            ("orders-payment", PAYMENT, MONEY_REFERENCE),
            (":.eu:orders-value", '"bytes"', []),
            ("secret-value", '"double"', []),
        ):
            body = {"schema": schema, "references": references}
            answer = admin.post(f"/subjects/{subject}/versions", json=body)
            assert answer.status_code == 200, answer.text
        for subject, alias in (("orders-alias", "secret-value"), ("other-alias", "orders-value")):
            answer = admin.put(f"/config/{subject}", json={"alias": alias})
            assert answer.status_code == 200, answer.text
    return server.url


def as_user(url: str, name: str) -> httpx.Client:
    return httpx.Client(base_url=url, auth=(name, "secret"))


@pytest.fixture(scope="module")
def clients(url: str) -> Iterator[dict[str, httpx.Client]]:
    clients = {role: as_user(url, role) for role in ROLES}
    yield clients
    for client in clients.values():
        client.close()


SCHEMA = {"schema": '"string"'}
STRANGE = {"schema": '"int"'}


@pytest.mark.parametrize(
    ("user", "method", "path", "body", "status"),
    [
        # what names no subject
        ("orders-reader", "GET", "/", None, 200),
        ("orders-reader", "GET", "/schemas/types", None, 200),
        ("orders-reader", "GET", "/config", None, 200),
        ("orders-reader", "GET", "/mode", None, 200),
        ("orders-reader", "GET", "/metrics", None, 200),
        ("nobody", "GET", "/subjects", None, 403),
        ("nobody", "GET", "/config", None, 403),
        ("nobody", "GET", "/subjects/orders-value/versions", None, 403),
        ("orders-owner", "PUT", "/config", {"compatibility": "BACKWARD"}, 403),
        ("orders-owner", "DELETE", "/config", None, 403),
        ("orders-owner", "PUT", "/mode", {"mode": "READONLY"}, 403),
        ("orders-owner", "DELETE", "/mode?recursive=true", None, 403),
        ("orders-owner", "PUT", "/config/:.:", {"compatibility": "NONE"}, 403),
        ("orders-owner", "PUT", "/config/:.__GLOBAL:", {"compatibility": "NONE"}, 403),
        ("orders-owner", "PUT", "/mode/:.__GLOBAL:", {"mode": "FORWARD"}, 403),
        ("orders-owner", "PUT", "/contexts/.eu/config", {"compatibility": "NONE"}, 403),
        ("admin", "PUT", "/config", {"compatibility": "BACKWARD"}, 200),
        # reading by subject
        ("orders-reader", "GET", "/subjects/orders-value/versions", None, 200),
        ("orders-reader", "GET", "/subjects/orders-value/versions/1", None, 200),
        ("orders-reader", "GET", "/subjects/orders-value/versions/latest/schema", None, 200),
        ("orders-reader", "GET", "/subjects/:.:orders-value/versions", None, 200),
        ("orders-reader", "POST", "/subjects/orders-value", SCHEMA, 200),
        ("orders-reader", "POST", "/compatibility/subjects/orders-value/versions", SCHEMA, 200),
        ("orders-reader", "GET", "/subjects/payments-value/versions/1", None, 403),
        ("orders-reader", "GET", "/subjects/payments-value/versions/1/schema", None, 403),
        ("orders-reader", "POST", "/subjects/payments-value", SCHEMA, 403),
        ("orders-reader", "POST", "/compatibility/subjects/secret-value/versions", SCHEMA, 403),
        ("orders-reader", "GET", "/subjects/:.eu:orders-value/versions", None, 403),
        ("orders-reader", "GET", "/contexts/.eu/subjects/orders-value/versions", None, 403),
        ("orders-reader", "GET", "/subjects/%6Frders-value/versions", None, 200),
        ("orders-reader", "GET", "/subjects/:*:orders-value/versions", None, 403),
        ("orders-reader", "GET", "/config/payments-value", None, 403),
        ("orders-reader", "GET", "/mode/payments-value?defaultToGlobal=true", None, 403),
        ("reader", "GET", "/subjects/:.eu:orders-value/versions", None, 200),
        # an alias is judged as its target
        ("orders-reader", "GET", "/subjects/orders-alias/versions/1", None, 403),
        ("orders-reader", "GET", "/subjects/other-alias/versions/1", None, 200),
        ("orders-reader", "GET", "/config/orders-alias", None, 200),
        # writing
        ("orders-reader", "POST", "/subjects/orders-value/versions", SCHEMA, 403),
        ("orders-reader", "POST", "/subjects/orders-new/versions", STRANGE, 403),
        ("orders-writer", "POST", "/subjects/orders-value/versions", SCHEMA, 200),
        ("orders-writer", "POST", "/subjects/payments-value/versions", STRANGE, 403),
        ("orders-writer", "POST", "/subjects/orders-alias/versions", STRANGE, 403),
        ("orders-writer", "POST", "/subjects/secret-value/versions/1/tags", {}, 403),
        ("orders-writer", "DELETE", "/subjects/orders-value", None, 403),
        ("orders-writer", "DELETE", "/subjects/orders-value/versions/1", None, 403),
        ("orders-writer", "PUT", "/config/orders-value", {"compatibility": "NONE"}, 403),
        ("orders-writer", "DELETE", "/config/orders-value", None, 403),
        ("orders-writer", "PUT", "/mode/orders-value", {"mode": "READONLY"}, 403),
        ("orders-writer", "DELETE", "/mode/orders-value", None, 403),
        ("reader", "POST", "/subjects/orders-value/versions", SCHEMA, 403),
        ("orders-owner", "PUT", "/config/orders-value", {"compatibility": "FULL"}, 200),
        ("orders-owner", "DELETE", "/config/orders-value", None, 200),
        ("orders-owner", "PUT", "/mode/orders-value", {"mode": "READWRITE"}, 200),
        ("orders-owner", "DELETE", "/mode/orders-value", None, 200),
        ("orders-owner", "DELETE", "/subjects/Money/versions/1", None, 403),
        ("orders-owner", "DELETE", "/subjects/orders-alias", None, 403),
        # a context
        ("eu-owner", "GET", "/contexts/.eu/subjects/orders-value/versions", None, 200),
        ("eu-owner", "GET", "/subjects/orders-value/versions", None, 403),
        ("eu-owner", "PUT", "/config/:.eu:", {"compatibility": "NONE"}, 200),
        ("eu-owner", "PUT", "/contexts/.eu/mode", {"mode": "READWRITE"}, 200),
        ("eu-owner", "PUT", "/config/:.us:", {"compatibility": "NONE"}, 403),
        ("eu-owner", "DELETE", "/contexts/.us", None, 403),
        ("orders-owner", "DELETE", "/contexts/.eu", None, 403),
    ],
)
def test_request_is_allowed_or_denied(
    clients: dict[str, httpx.Client],
    user: str,
    method: str,
    path: str,
    body: dict[str, str] | None,
    status: int,
) -> None:
    answer = clients[user].request(method, path, json=body)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["error_code"] == 40301
        assert answer.json()["message"].startswith("User is denied operation ")


def test_denial_names_operation_and_subject(clients: dict[str, httpx.Client]) -> None:
    answer = clients["orders-writer"].delete("/subjects/orders-value")
    assert answer.json() == {
        "error_code": 40301,
        "message": "User is denied operation Delete on Subject: orders-value",
    }


def test_lists_hold_only_what_may_be_read(clients: dict[str, httpx.Client]) -> None:
    orders, eu, admin = clients["orders-reader"], clients["eu-owner"], clients["admin"]
    assert orders.get("/subjects").json() == ["orders-payment", "orders-value"]
    assert eu.get("/subjects").json() == [":.eu:orders-value"]
    assert len(admin.get("/subjects").json()) == 6
    assert [row["subject"] for row in orders.get("/schemas").json()] == [
        "orders-payment",
        "orders-value",
    ]
    aliased = admin.get("/schemas?aliases=true&subjectPrefix=other").json()
    assert [(row["subject"], row["aliases"]) for row in aliased] == [
        ("orders-value", ["other-alias"])
    ]
    assert orders.get("/schemas?aliases=true&subjectPrefix=other").json() == []
    assert orders.get("/contexts").json() == ["."]
    assert eu.get("/contexts").json() == [".", ".eu"]
    assert orders.get("/subjects?limit=1&offset=1").json() == ["orders-value"]


def test_ids_lead_only_to_what_may_be_read(clients: dict[str, httpx.Client]) -> None:
    orders, admin = clients["orders-reader"], clients["admin"]
    ids = {
        subject: admin.get(f"/subjects/{subject}/versions/1").json()
        for subject in ("orders-value", "secret-value", "payments-value")
    }
    own, secret, shared = (ids[s] for s in ("orders-value", "secret-value", "payments-value"))
    assert orders.get(f"/schemas/ids/{own['id']}").status_code == 200
    assert orders.get(f"/schemas/guids/{own['guid']}").status_code == 200
    for path in (
        f"/schemas/ids/{secret['id']}",
        f"/schemas/ids/{secret['id']}/schema",
        f"/schemas/ids/{secret['id']}/subjects",
        f"/schemas/ids/{secret['id']}/versions",
        f"/schemas/ids/{secret['id']}?subject=secret-value",
        f"/schemas/ids/{secret['id']}?subject=orders-alias",
        f"/schemas/guids/{secret['guid']}",
        "/schemas/ids/1?subject=:.eu:",
        "/contexts/.eu/schemas/ids/1",
    ):
        answer = orders.get(path)
        assert (answer.status_code, answer.json()["error_code"]) == (404, 40403), path
    assert orders.get(f"/schemas/guids/{secret['guid']}/ids").json() == []
    assert orders.get(f"/schemas/ids/{shared['id']}/subjects").json() == ["orders-payment"]
    assert orders.get(f"/schemas/ids/{shared['id']}").json()["subject"] == "orders-payment"


def test_referrers_hold_only_what_may_be_read(clients: dict[str, httpx.Client]) -> None:
    with_eu = clients["admin"].get("/subjects/Money/versions/1/referencedby").json()
    assert len(with_eu) == 1
    assert (
        clients["orders-reader"].get("/subjects/Money/versions/1/referencedby").status_code == 403
    )
    text = clients["reader"].get("/ui/subjects/Money").text
    assert "payments-<wbr>value" in text


def test_namesake_in_another_context_stays_hidden(clients: dict[str, httpx.Client]) -> None:
    admin, orders = clients["admin"], clients["orders-reader"]
    admin.post("/subjects/:.eu:orders-only-there/versions", json={"schema": '"float"'})
    assert admin.get("/subjects/orders-only-there/versions/1").status_code == 200
    assert orders.get("/subjects/orders-only-there/versions/1").status_code == 404
    assert orders.post("/subjects/orders-only-there", json={"schema": '"float"'}).status_code == 404


def test_remembered_answers_are_not_given_to_others(clients: dict[str, httpx.Client]) -> None:
    for _ in range(2):
        assert clients["admin"].get("/subjects/secret-value/versions/1").status_code == 200
        assert clients["orders-reader"].get("/subjects/secret-value/versions/1").status_code == 403
        assert len(clients["admin"].get("/subjects").json()) > 2
        assert len(clients["orders-reader"].get("/subjects").json()) == 2


def test_readable_schema_that_refers_to_others_is_read_whole(
    clients: dict[str, httpx.Client],
) -> None:
    answer = clients["orders-reader"].get("/subjects/orders-payment/versions/1?format=resolved")
    assert "amount" in answer.json()["schema"]


def test_pages_show_only_what_may_be_read(clients: dict[str, httpx.Client]) -> None:
    orders = clients["orders-reader"]
    listed = orders.get("/ui").text
    assert "orders-<wbr>value" in listed
    assert "secret" not in listed
    assert "signed in as orders-reader" in listed
    for path in (
        "/ui/subjects/secret-value",
        "/ui/subjects/secret-value/versions/1",
        "/ui/subjects/secret-value/diff?old=1&new=1",
        "/ui/subjects/:.eu:orders-value",
    ):
        assert orders.get(path).status_code == 403, path


def test_guards_of_a_delete_see_what_its_user_does_not(
    clients: dict[str, httpx.Client],
) -> None:
    admin, owner = clients["admin"], clients["orders-owner"]
    body = {"schema": MONEY.replace("Money", "Cash")}
    assert admin.post("/subjects/orders-cash/versions", json=body).status_code == 200
    using = {
        "schema": PAYMENT.replace("Money", "Cash"),
        "references": [{"name": "Cash", "subject": "orders-cash", "version": 1}],
    }
    assert admin.post("/subjects/secret-user/versions", json=using).status_code == 200
    answer = owner.delete("/subjects/orders-cash")
    assert (answer.status_code, answer.json()["error_code"]) == (422, 42206)


def test_every_route_that_changes_something_needs_more_than_reading() -> None:
    assert [
        (route.method, route.path)
        for route in ROUTES
        if route.changes is (route.right is Right.READ)
    ] == []


# what a route asks for by a subject that was judged already, what changes something and so sees
# everything, and what tells nothing of any subject
ANSWERED_WHOLE = {
    "add_content", "add_spelling", "all_associations", "all_contents", "all_modes",
    "associations_of_subject",
    "config", "connection", "contents_with_digest", "content_of_key",
    "counts", "deleted_with_content",
    "drop_association", "drop_config", "drop_context", "drop_mode", "drop_modes_within",
    "drop_spelling",
    "erase", "fill_probe", "has_id", "has_versions", "is_empty", "last_id", "last_ids",
    "last_version",
    "latest",
    "mode", "newest", "newest_first", "next_id", "put_association", "put_config", "put_mode",
    "put_version", "raise_last_id", "references_from", "settings_of",
    "soft_delete",
    "spellings", "touch", "version",
    "version_numbers", "versions_alike",
}  # fmt: skip


def test_whatever_lists_subjects_is_narrowed_to_what_may_be_read() -> None:
    questions = {name for name in dir(Tables) if not name.startswith("_")}
    narrowed = {name for name in vars(ReadableTables) if not name.startswith("_")}
    assert questions - narrowed == ANSWERED_WHOLE
    assert narrowed <= questions
