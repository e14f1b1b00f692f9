"""Whatever a request names beside its own subject is there only for those who may read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import httpx
import pytest

from schemareg.registry.server.settings import ServerSettings
from tests.registry.conftest import StartServer

AUTH = """
[roles.limited]
grants = [{ subjects = ["mine-*", "twin"], rights = ["read", "write", "config"] }]
[roles.writer]
grants = [{ subjects = ["payroll-*"], rights = ["write"] }]
[roles.blind]
grants = [{ subjects = ["*"], rights = ["write"] }]
[roles.sharing]
grants = [
  { subjects = ["mine-*"], rights = ["read", "write"] },
  { subjects = ["payroll-*", ":.eu:*"], rights = ["read"] },
]
"""
USERS = ("admin", "limited", "writer", "blind", "sharing")
SECRET = json.dumps(
    {
        "type": "record",
        "name": "Secret",
        "namespace": "com.hr",
        "fields": [{"name": "salary", "type": "long"}],
    }
)
USES_SECRET = json.dumps(
    {"type": "record", "name": "L", "fields": [{"name": "f", "type": "com.hr.Secret"}]}
)


def referring(subject: str, version: int = 1) -> dict[str, object]:
    reference = {"name": "com.hr.Secret", "subject": subject, "version": version}
    return {"schema": USES_SECRET, "references": [reference]}


@pytest.fixture(scope="module")
def clients(
    start_server_for_session: StartServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, httpx.Client]]:
    hashed = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
    users = "".join(f'[users.{u}]\npassword = "{hashed}"\nroles = ["{u}"]\n' for u in USERS)
    auth_file: Path = tmp_path_factory.mktemp("eyes") / "auth.toml"
    auth_file.write_text(AUTH + users, encoding="utf-8")
    url = start_server_for_session(ServerSettings(port=0, auth_file=auth_file)).url
    clients = {user: httpx.Client(base_url=url, auth=(user, "secret")) for user in USERS}
    for subject in (
        "payroll-value",
        ":.cluster:payroll-value",
        ":.eu:secret-value",
        ":.hid:twin",
        "mine-value",
    ):
        schema = SECRET if subject != "mine-value" else '"int"'
        answer = clients["admin"].post(f"/subjects/{subject}/versions", json={"schema": schema})
        assert answer.status_code == 200, answer.text
    clients["admin"].put("/mode/:.eu:", json={"mode": "READONLY"}).raise_for_status()
    yield clients
    for client in clients.values():
        client.close()


CHECK = "/compatibility/subjects/mine-value/versions?verbose=true"
REGISTER = "/subjects/mine-new/versions"
ALIAS = {"alias": "payroll-value"}


@pytest.mark.parametrize(
    ("user", "method", "path", "body", "status"),
    [
        # references
        ("limited", "POST", REGISTER, referring("payroll-value"), 422),
        ("limited", "POST", REGISTER, referring("payroll-value", -1), 422),
        ("limited", "POST", REGISTER, referring(":.eu:secret-value"), 422),
        ("limited", "POST", REGISTER, referring(":.:payroll-value"), 422),
        ("limited", "POST", REGISTER, referring(":.::.eu:secret-value"), 422),
        ("limited", "POST", "/subjects/mine-value", referring("payroll-value"), 422),
        ("sharing", "POST", REGISTER, referring("payroll-value"), 200),
        # tags of a namesake in a context that may not be read
        ("limited", "GET", "/subjects/twin/versions/1", None, 404),
        ("limited", "POST", "/subjects/twin/versions/1/tags", {"tagsToAdd": []}, 404),
        # names that would mean another context than the one they are judged in
        ("admin", "POST", "/subjects/:.::.eu:x/versions", {"schema": '"int"'}, 422),
        ("admin", "POST", "/subjects/:.::.eu:secret-value/versions", {"schema": SECRET}, 422),
        ("admin", "DELETE", "/subjects/:.::.eu:secret-value", None, 422),
        ("admin", "PUT", "/mode/:.::.eu:secret-value", {"mode": "READWRITE"}, 422),
        ("admin", "PUT", "/config/:.::.eu:secret-value", {"compatibility": "NONE"}, 422),
        ("admin", "POST", "/subjects/:.::*:x/versions", {"schema": '"int"'}, 422),
        # an alias is judged on both
        ("limited", "PUT", "/config/mine-alias", ALIAS, 403),
        ("limited", "PUT", "/config/mine-alias", {"alias": ":.eu:secret-value"}, 403),
        ("limited", "PUT", "/config/mine-alias", {"alias": "mine-value"}, 200),
    ],
)
def test_what_may_not_be_read_is_not_there(
    clients: dict[str, httpx.Client],
    user: str,
    method: str,
    path: str,
    body: dict[str, object] | None,
    status: int,
) -> None:
    answer = clients[user].request(method, path, json=body)
    assert answer.status_code == status, answer.text
    if user == "limited":
        assert "salary" not in answer.text


@pytest.mark.parametrize(
    "subject", ["payroll-value", "payroll-none", ":.eu:secret-value", ":.hid:twin", ":.no:x"]
)
def test_check_is_no_oracle_of_subjects(clients: dict[str, httpx.Client], subject: str) -> None:
    answer = clients["limited"].post(CHECK, json=referring(subject))
    message = answer.json()["messages"][0]
    assert "salary" not in message
    assert f'No schema reference found for subject "{subject}" and version 1' in message


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/subjects/payroll-value/versions", {"schema": '"int"'}, 409),
        ("/subjects/payroll-value/versions", {}, 200),
        ("/subjects/payroll-value/versions", {"schema": SECRET}, 200),
        ("/subjects/payroll-value/versions/1/tags", {"tagsToAdd": []}, 200),
    ],
)
def test_writing_alone_shows_no_text(
    clients: dict[str, httpx.Client], path: str, body: dict[str, object], status: int
) -> None:
    answer = clients["writer"].post(path, json=body)
    assert answer.status_code == status, answer.text
    assert "salary" not in answer.text
    assert "Secret" not in answer.text


@pytest.mark.parametrize(
    ("subject", "schema", "status"),
    [
        (":.cluster:payroll-value", SECRET, 200),
        (":.cluster:payroll-value", '"int"', 409),
        (":.::.eu:secret-value", SECRET, 422),
    ],
)
def test_associating_without_reading_shows_no_text(
    clients: dict[str, httpx.Client], subject: str, schema: str, status: int
) -> None:
    association = {"subject": subject, "associationType": "value", "schema": {"schema": schema}}
    body = {
        "resourceName": "payroll",
        "resourceNamespace": "cluster",
        "resourceId": "topic-1",
        "resourceType": "topic",
        "associations": [association],
    }
    path = "/associations/resources/topic-1?dryRun=true"
    answer = clients["blind"].put(path, json=body)
    assert answer.status_code == status, answer.text
    assert "salary" not in answer.text
